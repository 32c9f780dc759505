import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"

/** What there is to know of a file, link or folder; `undefined` times are not compared. */
export interface Entry {
	kind: string
	mode: string
	owner: string
	links: number
	/** Nanoseconds; of files and links only: a folder's change with every name in it. */
	mtimeNs: bigint | undefined
	/** Digest of a file, target of a link. */
	content: string
	/** Extended attributes and ACLs. */
	attributes: string
}

/** Everything below a folder, by path below it. */
export type Tree = ReadonlyMap<string, Entry>

export function readTree(root: string): Tree {
	const attributes = readAttributes(root)
	const tree = new Map<string, Entry>()
	const read = (below: string) => {
		for (const name of readdirSync(join(root, below)).sort()) {
			const path = join(below, name)
			const entry = readEntry(join(root, path))
			tree.set(path, { ...entry, attributes: attributes.get(path) ?? "" })
			if (entry.kind === "folder") read(path)
		}
	}
	read("")
	return tree
}

function readEntry(path: string): Entry {
	const stat = lstatSync(path, { bigint: true })
	const common = {
		mode: (stat.mode & 0o7777n).toString(8),
		owner: `${stat.uid}:${stat.gid}`,
		links: 1,
		mtimeNs: stat.mtimeNs,
		attributes: "",
	}
	if (stat.isDirectory()) return { ...common, kind: "folder", mtimeNs: undefined, content: "" }
	if (stat.isSymbolicLink()) return { ...common, kind: "link", content: readlinkSync(path) }
	const content = createHash("sha256").update(readFileSync(path)).digest("hex")
	return { ...common, kind: stat.isFile() ? "file" : "other", links: Number(stat.nlink), content }
}

/** Of all files at once; none where the tools are missing. */
function readAttributes(root: string): Map<string, string> {
	const found = new Map<string, string>()
	let text = ""
	try {
		text = execFileSync("getfattr", ["-d", "-m", "-", "-R", "-e", "hex", "."], {
			cwd: root,
			encoding: "utf8",
			stdio: ["ignore", "pipe", "ignore"],
		})
	} catch {
		// No such tool, or a file system without attributes: there are none to compare.
		return found
	}
	for (const block of text.split("\n\n")) {
		const [first = "", ...lines] = block.trim().split("\n")
		if (first.startsWith("# file: ")) found.set(first.slice("# file: ".length), lines.sort().join(" "))
	}
	return found
}

/** A line for each difference; none when both are the same. */
export function compareTrees(expected: Tree, found: Tree): string[] {
	const paths = [...new Set([...expected.keys(), ...found.keys()])].sort()
	return paths.flatMap((path) => {
		const [before, after] = [expected.get(path), found.get(path)]
		if (!before) return [`${path}: should not be there`]
		if (!after) return [`${path}: is missing`]
		return (Object.keys(before) as (keyof Entry)[])
			.filter((key) => before[key] !== after[key] && !(key === "mtimeNs" && before[key] === undefined))
			.map((key) => `${path}: ${key} is ${after[key]}, not ${before[key]}`)
	})
}
