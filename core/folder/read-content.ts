import { realpath } from "node:fs/promises"
import { join } from "node:path"
import type { Content } from "../protocol/runner-port.ts"
import { FailureError } from "../schema/failure.ts"
import { normalTarget } from "../schema/manifest.ts"
import { unreadable } from "./file-error.ts"
import { isInside, openRegular, PIECE_BYTES, realSourceFolder } from "./source-path.ts"

/**
 * The bytes of one source, by its target with or without `src/`. Nothing outside the module's `src/` is ever opened.
 * Fails with `module-unreadable`; the file is closed whenever the reader stops.
 */
export async function* readContent(folder: string, target: string): Content {
	const path = join(folder, "src", normalTarget(target))
	try {
		const source = await realSourceFolder(folder)
		const real = await realpath(path)
		if (!isInside(real, source)) throw new FailureError("module-unreadable", { path, reason: "it leads out of src/" })
		const file = await openRegular(real)
		try {
			yield* file.createReadStream({ highWaterMark: PIECE_BYTES, autoClose: false }) as AsyncIterable<Buffer>
		} finally {
			await file.close()
		}
	} catch (error) {
		throw unreadable(path, error)
	}
}
