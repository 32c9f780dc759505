import type { DatabaseSync } from "node:sqlite"

/** What this desktop saw of a published version; a tag that was moved or deleted since is noticed by it. */
export interface PublishedRecord {
	tag: string
	version: string
	/** What the tag's ref held. */
	target: string
	commit: string
	/** Name of its content, see `contentIdOf`. */
	content: string
	/** Of the manifest, where it was published or checked out here. */
	digest?: string
}

export interface LibraryFolder {
	folder: string
	isArchived: boolean
}

export type LibraryStore = ReturnType<typeof createLibraryStore>

/** Module folders of the library that lie elsewhere or are archived, and what was published from each. */
export function createLibraryStore(db: DatabaseSync) {
	const folders = db.prepare("SELECT folder, archived FROM library_folders ORDER BY folder")
	const remember = db.prepare("INSERT OR IGNORE INTO library_folders VALUES (?, 0)")
	const archive = db.prepare(
		"INSERT INTO library_folders VALUES (?, ?) ON CONFLICT (folder) DO UPDATE SET archived = excluded.archived",
	)
	const forget = db.prepare("DELETE FROM library_folders WHERE folder = ?")
	const published = db.prepare(
		"SELECT tag, version, target, commit_id AS 'commit', content, digest FROM published_versions WHERE folder = ?",
	)
	const record = db.prepare(
		`INSERT INTO published_versions VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (folder, tag) DO UPDATE SET digest = coalesce(excluded.digest, digest)`,
	)
	const forgetPublished = db.prepare("DELETE FROM published_versions WHERE folder = ?")
	const aimAt = db.prepare("UPDATE published_versions SET target = ? WHERE folder = ? AND tag = ?")
	return {
		folders: (): LibraryFolder[] =>
			folders.all().map((row) => ({ folder: String(row.folder), isArchived: row.archived === 1 })),
		remember: (folder: string) => void remember.run(folder),
		archive: (folder: string, isArchived: boolean) => void archive.run(folder, isArchived ? 1 : 0),
		forget: (folder: string) => void forget.run(folder),
		published: (folder: string): PublishedRecord[] =>
			published.all(folder).map((row) => ({
				tag: String(row.tag),
				version: String(row.version),
				target: String(row.target),
				commit: String(row.commit),
				content: String(row.content),
				...(row.digest !== null && { digest: String(row.digest) }),
			})),
		/** What a version was is never written over; only a digest that was not known is added. */
		record: (folder: string, { tag, version, target, commit, content, digest }: PublishedRecord) =>
			void record.run(folder, tag, version, target, commit, content, digest ?? null),
		/** A new module, or another repository, lies in the folder now. */
		forgetPublished: (folder: string) => void forgetPublished.run(folder),
		/** The tag leads to the same commit in another way: an annotated one became a plain one. */
		aimAt: (folder: string, tag: string, target: string) => void aimAt.run(target, folder, tag),
	}
}
