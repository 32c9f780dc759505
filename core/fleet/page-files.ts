import { lstatSync, readdirSync, readFileSync } from "node:fs"
import { extname, join, relative, sep } from "node:path"
import { FailureError } from "../schema/failure.ts"

/** What a built page consists of; anything else in the folder is not served. */
const TYPES: Record<string, string> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
	".webp": "image/webp",
	".woff2": "font/woff2",
	".json": "application/json",
}

/** `read` gives undefined when the file has gone since, for example while the page is built anew. */
export type PageFile = { type: string; read(): Buffer | undefined }

/**
 * The files of the built page by their path in the address, for example `/assets/index.js`; `/` is `index.html`. Only
 * what was listed at the start can be asked for: no path of a request ever becomes a path on the disk. Fails with
 * `not-found` where no page was built.
 */
export function readPageFiles(folder: string): Map<string, PageFile> {
	const files = new Map(listFiles(folder).map((file) => [addressOf(folder, file), makeFile(file)] as const))
	const index = files.get("/index.html")
	if (!index) throw new FailureError("not-found", { kind: "file", path: join(folder, "index.html") })
	return files.set("/", index)
}

function listFiles(folder: string): string[] {
	try {
		// By names: the entries with types that Electron makes of an archive are not those of Node.
		return readdirSync(folder, { recursive: true, encoding: "utf8" })
			.map((name) => join(folder, name))
			.filter((path) => extname(path) in TYPES && lstatSync(path).isFile())
	} catch (error) {
		throw new FailureError("not-found", { kind: "file", path: folder }, { cause: error })
	}
}

const addressOf = (folder: string, file: string) => `/${relative(folder, file).split(sep).join("/")}`

const makeFile = (file: string): PageFile => ({
	type: TYPES[extname(file)] ?? "application/octet-stream",
	read: () => {
		try {
			return readFileSync(file)
		} catch {
			return undefined // Gone: there is no such page any more.
		}
	},
})
