import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { projectFolder } from "../../support/appliances/paths.ts"
import type { Bench } from "../bench.ts"

/** Code and styles that the page loads before it shows its first view, as they would go over a line (gzip). */
export const bench: Bench = {
	name: "bundle",
	pairs: 1,
	targets: [{ kibibytes: 1500 }, { committed: "kibibytes" }],
	setUp: async () => ({
		reset: async () => {},
		ours: async () => ({ kibibytes: await entrySize(join(projectFolder, "dist/renderer")) }),
	}),
}

/** What `index.html` names; everything else is loaded when it is needed. */
async function entrySize(folder: string): Promise<number> {
	const page = await readFile(join(folder, "index.html"), "utf8")
	const names = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].flatMap(([, name]) => name ?? [])
	if (names.length < 2) throw new Error(`cannot measure the bundle: index.html names ${names.length} files`)
	const contents = await Promise.all(names.map((name) => readFile(join(folder, name))))
	return contents.reduce((sum, content) => sum + gzipSync(content).length, 0) / 1024
}
