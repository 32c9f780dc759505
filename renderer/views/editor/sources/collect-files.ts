import { normalTarget } from "../../../../core/schema/manifest.ts"
import { unremarkable } from "../../../../core/schema/source-findings.ts"
import type { PickedFile } from "../../../stores/source-adding.ts"

/** What a person dropped or picked. */
export interface Collected {
	picked: PickedFile[]
	/** Left out without being asked: git's own folders, what desktops leave behind. */
	leftOut: number
	/** Gone, or not to be opened, while they were looked at. */
	unread: string[]
	/** There are more files than can be added at once; none of them is taken. */
	isTooMany: boolean
}

/** As many as one call adds. */
export const MAX_FILES = 5000

/** Everything below what was dropped. Trap: entries must be taken before the first wait, the browser forgets them. */
export async function collectDropped(transfer: DataTransfer): Promise<Collected> {
	const items = [...transfer.items].filter(({ kind }) => kind === "file")
	const roots = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
	const found: Found[] = []
	const unread: string[] = []
	for (const { entry, file } of roots) {
		if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, found, unread)
		else if (file) found.push({ path: file.name, file })
	}
	return makeCollected(found, unread)
}

/** Of a file dialog; of a folder's, with the paths below it. */
export function collectPicked(files: Iterable<File>): Collected {
	return makeCollected([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })))
}

interface Found {
	path: string
	file: File
}

async function walk(folder: FileSystemDirectoryEntry, found: Found[], unread: string[]): Promise<void> {
	const reader = folder.createReader()
	const read = () => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
	// At most 100 at a time, until there are none.
	for (let entries = await read(); entries.length > 0 && found.length <= MAX_FILES; entries = await read()) {
		for (const entry of entries) {
			const path = entry.fullPath.replace(/^\//, "")
			if (entry.isDirectory && entry.name !== ".git")
				await walk(entry as FileSystemDirectoryEntry, found, unread).catch(() => unread.push(path))
			if (entry.isFile)
				await fileOf(entry as FileSystemFileEntry).then(
					(file) => found.push({ path, file }),
					() => unread.push(path),
				)
		}
	}
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
	return new Promise((resolve, reject) => entry.file(resolve, reject))
}

function makeCollected(found: Found[], unread: string[] = []): Collected {
	const wanted = found.filter(({ path }) => !unremarkable.test(path) && !path.split("/").includes(".git"))
	const byTarget = new Map(wanted.map(({ path, file }) => [normalTarget(path), toPicked(normalTarget(path), file)]))
	const isTooMany = byTarget.size > MAX_FILES
	return { picked: isTooMany ? [] : [...byTarget.values()], leftOut: found.length - wanted.length, unread, isTooMany }
}

function toPicked(target: string, file: File): PickedFile {
	const path = window.hotfixPathOf?.(file) ?? ""
	return { target, file, ...(path !== "" && { path }) }
}
