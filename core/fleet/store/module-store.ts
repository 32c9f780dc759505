import type { DatabaseSync } from "node:sqlite"
import type { RecentModule } from "../../schema/desktop.ts"

/** How many folders are remembered. */
const RECENT_LIMIT = 20

export type ModuleStore = ReturnType<typeof createModuleStore>

/** The module folders that were opened last, newest first. */
export function createModuleStore(db: DatabaseSync) {
	const all = db.prepare(
		`SELECT folder, name, opened_at AS openedAt FROM recent_modules ORDER BY opened_at DESC, rowid DESC LIMIT ${RECENT_LIMIT}`,
	)
	const upsert = db.prepare("INSERT OR REPLACE INTO recent_modules VALUES (?, ?, ?)")
	const forget = db.prepare("DELETE FROM recent_modules WHERE folder = ?")
	const prune = db.prepare(
		`DELETE FROM recent_modules WHERE folder NOT IN (SELECT folder FROM recent_modules ORDER BY opened_at DESC, rowid DESC LIMIT ${RECENT_LIMIT})`,
	)
	return {
		list: (): RecentModule[] =>
			all.all().map((row) => ({
				folder: String(row.folder),
				name: String(row.name),
				openedAt: String(row.openedAt),
			})),
		remember: (module: RecentModule) => {
			upsert.run(module.folder, module.name, module.openedAt)
			prune.run()
		},
		forget: (folder: string) => void forget.run(folder),
	}
}
