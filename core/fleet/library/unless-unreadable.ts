import { FailureError } from "../../schema/failure.ts"

/** What is read; undefined where it is missing or damaged: then it is simply not known. */
export async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
	try {
		return await read()
	} catch (error) {
		if (error instanceof FailureError) return undefined
		throw error
	}
}
