import { constants, type Stats } from "node:fs"
import { open } from "node:fs/promises"

/**
 * The text of a regular file of at most so many bytes. A configuration may name anything: opening a pipe would wait for
 * ever, and a device has no end. Fails with the system's own error, with an `Error` that says why, or with what `check` throws.
 */
export async function readRegularText(
	path: string,
	maxBytes: number,
	check: (stats: Stats) => void = () => undefined,
): Promise<string> {
	const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
	try {
		const stats = await file.stat()
		check(stats)
		// Reading a folder fails with the system's own error.
		if (!stats.isFile() && !stats.isDirectory()) throw new Error("it is no regular file")
		if (stats.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
		return await file.readFile("utf8")
	} finally {
		await file.close()
	}
}
