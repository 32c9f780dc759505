import { createHash } from "node:crypto"

/** Modes that git knows for what a module holds; `40000` is a folder. */
export type TreeMode = "100644" | "100755" | "120000" | "40000"

export interface TreeEntry {
	mode: string
	path: string
	oid: string
}

/** A file of a tree: a regular one, an executable one or a link. */
export interface TreeFile {
	mode: TreeMode
	oid: string
}

export interface MadeTree {
	oid: string
	bytes: Buffer
}

/** The name of an object: SHA-1 of its kind, length and bytes. */
export function oidOf(kind: "blob" | "tree" | "commit" | "tag", bytes: Uint8Array): string {
	return createHash("sha1").update(`${kind} ${bytes.length}\0`).update(bytes).digest("hex")
}

/** A tree of one folder, its entries in git's order: by bytes, a folder as if its name ended with a slash. */
export function makeTree(entries: TreeEntry[]): MadeTree {
	const key = ({ path, mode }: TreeEntry) => Buffer.from(mode === "40000" ? `${path}/` : path)
	const sorted = entries.map((entry) => ({ entry, key: key(entry) })).sort((a, b) => Buffer.compare(a.key, b.key))
	const bytes = Buffer.concat(
		sorted.flatMap(({ entry }) => [Buffer.from(`${entry.mode} ${entry.path}\0`), Buffer.from(entry.oid, "hex")]),
	)
	return { oid: oidOf("tree", bytes), bytes }
}

/** The trees of files named by paths with `/`, added to `trees`; the last one is the whole. */
export function makeTrees(files: ReadonlyMap<string, TreeFile>, trees: MadeTree[] = []): MadeTree[] {
	const folders = new Map<string, Map<string, TreeFile>>()
	const entries: TreeEntry[] = []
	for (const [path, file] of files) {
		const slash = path.indexOf("/")
		const folder = path.slice(0, slash)
		if (slash < 0) entries.push({ path, ...file })
		else folders.set(folder, (folders.get(folder) ?? new Map()).set(path.slice(slash + 1), file))
	}
	for (const [path, inner] of folders)
		entries.push({ mode: "40000", path, oid: makeTrees(inner, trees).at(-1)?.oid ?? "" })
	trees.push(makeTree(entries))
	return trees
}
