import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Services } from "../fleet/services/types.ts"
import { FailureError } from "../schema/failure.ts"
import { EXIT } from "../schema/outcome.ts"
import { printFailure } from "./print-failure.ts"
import { withServices } from "./with-services.ts"

export interface LibraryOptions {
	data?: string
	json?: boolean
}

/** Runs one command on the library; every failure is bad input: no appliance has a part in it. */
export async function withLibrary(
	options: LibraryOptions,
	use: (library: Services["library"]) => Promise<number>,
): Promise<number> {
	try {
		return await withServices(options, ({ library }) => use(library))
	} catch (error) {
		if (!(error instanceof FailureError)) throw error
		printFailure(error.failure)
		return EXIT.badInput
	}
}

/** A module by its folder, or by its name in the library. */
export function moduleFolder({ folder }: Pick<Services["library"], "folder">, given: string): string {
	const inLibrary = join(folder, given)
	return !existsSync(given) && !given.includes("/") && existsSync(inLibrary) ? inLibrary : resolve(given)
}
