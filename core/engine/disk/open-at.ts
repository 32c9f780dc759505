import type { Host, OpenFile } from "../host.ts"

/** Opens an existing file to go on after its first bytes; what follows them is cut off. */
export async function openAt(host: Host, path: string, size: number): Promise<OpenFile> {
	const file = await host.disk.open(path, "write")
	try {
		await file.truncate(size)
		return file
	} catch (error) {
		await file.close().catch(() => {})
		throw error
	}
}
