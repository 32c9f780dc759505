import { join } from "node:path"
import { FailureError } from "../schema/failure.ts"
import { MAX_SIGNATURE_BYTES, SIGNATURE_FILE } from "../schema/module-statement.ts"
import { reasonOf, unreadable } from "./file-error.ts"
import { readAtMost } from "./read-at-most.ts"
import { openRegular } from "./source-path.ts"

/** The text of a module's signatures, whatever it says; undefined where it has none. Fails with `module-unreadable`. */
export async function readSignatures(folder: string): Promise<string | undefined> {
	const path = join(folder, SIGNATURE_FILE)
	try {
		const file = await openRegular(path)
		const bytes = await readAtMost(file, MAX_SIGNATURE_BYTES + 1).finally(() => file.close())
		if (bytes.length <= MAX_SIGNATURE_BYTES) return bytes.toString("latin1")
	} catch (error) {
		if (reasonOf(error) === "missing") return undefined
		throw unreadable(path, error)
	}
	throw new FailureError("module-unreadable", { path, reason: "too-large", limitBytes: MAX_SIGNATURE_BYTES })
}
