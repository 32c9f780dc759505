import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type PageState, pageStateSchema } from "../../schema/page-state.ts"
import { writeFileAtomic } from "../library/files/atomic-file.ts"
import type { PageStateService } from "./types.ts"

/** What the page keeps, in `page.json` of the data folder. What cannot be read there is as if it had never been kept. */
export function createPageState(dataFolder: string, log: (line: string) => void): PageStateService {
	const path = join(dataFolder, "page.json")
	let state = readPageState(path, log)
	let written = Promise.resolve()
	return {
		read: () => state,
		keep(change) {
			state = { ...state, ...change }
			const text = `${JSON.stringify(state)}\n`
			// One after the other: the newest state is written last, whether the one before could be or not.
			const writing = written.then(() => writeFileAtomic(path, text))
			written = writing.catch(() => {})
			return writing
		},
		close: () => written,
	}
}

function readPageState(path: string, log: (line: string) => void): PageState {
	try {
		return pageStateSchema.parse(JSON.parse(readFileSync(path, "utf8")))
	} catch (error) {
		const isNew = error instanceof Error && "code" in error && error.code === "ENOENT"
		if (!isNew) log(`cannot read ${path}: it begins anew`)
		return {}
	}
}
