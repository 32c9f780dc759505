import { open } from "node:fs/promises"
import { join } from "node:path"
import { MAX_EDITED_TEXT, type SaveResult } from "../../schema/library.ts"
import { digestOf } from "../digest.ts"
import { isMissing, onDisk } from "./files/disk-failure.ts"
import { saveFile } from "./files/save-file.ts"
import { findFolder, type LibraryDeps } from "./module-place.ts"
import { sourceName } from "./source-name.ts"

export interface SaveTextRequest {
	folder: string
	/** Below `src/`; absent for `index.json`. */
	target?: string | undefined
	text: string
	base?: string | undefined
}

/** Saves what was typed. Where the file is not what the typing began from, nothing is written and both texts come back. */
export async function saveText(deps: LibraryDeps, request: SaveTextRequest): Promise<SaveResult> {
	const { target, text, base } = request
	const folder = await findFolder(request.folder)
	const name = target === undefined ? "index.json" : sourceName(target)
	const path = join(folder, name)
	return deps.turns(folder, () =>
		onDisk(path, async () => {
			const bytes = Buffer.from(text)
			const saved = await saveFile(deps, { folder, name, bytes, base })
			const digest = digestOf(bytes)
			// Somebody saved the very same: nothing to choose between.
			if (saved.state === "saved" || saved.digest === digest) return { state: "saved", digest }
			return {
				state: "conflict",
				theirs: { ...(saved.digest && { digest: saved.digest }), ...(await readText(path)) },
				ours: text,
			}
		}),
	)
}

/** A file as text, where it is UTF-8 and of a size that a person edits. */
export async function readText(path: string): Promise<{ text?: string }> {
	const file = await open(path, "r").catch(isMissing)
	if (!file) return {}
	try {
		const stat = await file.stat()
		if (!stat.isFile() || stat.size > MAX_EDITED_TEXT) return {}
		const bytes = await file.readFile()
		const text = bytes.toString("utf8")
		return bytes.includes(0) || !Buffer.from(text).equals(bytes) ? {} : { text }
	} finally {
		await file.close()
	}
}
