import type { Host, OpenFile } from "../host.ts"

/** An open file with which something must be done before anybody uses it; closed again where that fails. */
export async function openWith(
	opening: Promise<OpenFile>,
	prepare: (file: OpenFile) => Promise<unknown>,
): Promise<OpenFile> {
	const file = await opening
	try {
		await prepare(file)
		return file
	} catch (error) {
		await file.close().catch(() => {})
		throw error
	}
}

/** Opens an existing file to go on after its first bytes; what follows them is cut off. */
export function openAt(host: Host, path: string, size: number): Promise<OpenFile> {
	return openWith(host.disk.open(path, "write"), (file) => file.truncate(size))
}
