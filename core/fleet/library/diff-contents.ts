import { readFile } from "node:fs/promises"
import type { FileChange } from "../../schema/library.ts"
import { MAX_DIFF_BYTES, readDiffText, unifiedDiff } from "../../schema/unified-diff.ts"
import type { ContentFile } from "./content.ts"
import type { Objects } from "./git/objects.ts"
import type { TreeFile } from "./git/tree.ts"

/** Text of all differences together, UTF-16 units; what is beyond it is told without its lines. */
const MAX_DIFF_TEXT = 2_000_000
/** Differing files that are looked into; nobody reads more, and each is read whole. */
const MAX_READ_FILES = 2000

/** The files of one version, and how to read one; undefined for what is too large to be shown line by line. */
export interface Side {
	files: ReadonlyMap<string, TreeFile>
	read(path: string): Promise<{ size: number; bytes?: Uint8Array }>
}

/** Files as they lie on disk. */
export function workingSide(files: ReadonlyMap<string, ContentFile>): Side {
	return {
		files,
		async read(path) {
			const file = files.get(path)
			if (!file) return { size: 0 }
			if (file.mode === "120000" || file.size > MAX_DIFF_BYTES) return { size: file.size }
			return { size: file.size, bytes: await readFile(file.path) }
		},
	}
}

/** Files of a commit. */
export function committedSide(files: ReadonlyMap<string, TreeFile>, objects: Objects): Side {
	return {
		files,
		async read(path) {
			const bytes = await objects.readBlob(files.get(path)?.oid ?? "")
			const isShown = bytes.length <= MAX_DIFF_BYTES && files.get(path)?.mode !== "120000"
			return { size: bytes.length, ...(isShown && { bytes }) }
		},
	}
}

/** No version at all: what nothing was published is compared with. */
export const nothing: Side = { files: new Map(), read: async () => ({ size: 0 }) }

/** What differs between two versions, `index.json` first, then by path. */
export async function diffContents(before: Side, after: Side): Promise<FileChange[]> {
	const paths = [...new Set([...before.files.keys(), ...after.files.keys()])].sort()
	const changes: FileChange[] = []
	let room = MAX_DIFF_TEXT
	for (const path of paths) {
		const [old, fresh] = [before.files.get(path), after.files.get(path)]
		if (old?.oid === fresh?.oid && old?.mode === fresh?.mode) continue
		const change = await diffFile(path, before, after, changes.length < MAX_READ_FILES)
		room -= change.diff?.length ?? 0
		const { diff: _, ...short } = change
		changes.push(room >= 0 ? change : short)
	}
	return changes
}

async function diffFile(path: string, before: Side, after: Side, isRead: boolean): Promise<FileChange> {
	const [old, fresh] = [before.files.get(path), after.files.get(path)]
	const base: FileChange = {
		path,
		change: !old ? "added" : !fresh ? "removed" : old.oid === fresh.oid ? "mode" : "changed",
		...(old && { isExecutableBefore: old.mode === "100755" }),
		...(fresh && { isExecutableAfter: fresh.mode === "100755" }),
	}
	if (!isRead || base.change === "mode") return base
	const [was, is] = [old ? await before.read(path) : undefined, fresh ? await after.read(path) : undefined]
	const texts = [was, is].map((side) => (side === undefined ? "" : side.bytes && readDiffText(side.bytes)))
	const [textBefore, textAfter] = texts
	return {
		...base,
		...(was && { sizeBefore: was.size }),
		...(is && { sizeAfter: is.size }),
		...(textBefore !== undefined &&
			textAfter !== undefined && { diff: unifiedDiff(textBefore, textAfter, { before: path, after: path }) }),
	}
}
