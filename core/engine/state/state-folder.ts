import { FailureError } from "../../schema/failure.ts"
import { meaningOf } from "../disk/disk-error.ts"
import { findExposed, resolveTrusted } from "../disk/exposed.ts"
import { makeFolder, missingFolders } from "../disk/make-folders.ts"
import { folderOf } from "../disk/path.ts"
import type { FileStat, Host } from "../host.ts"
import { type Layout, makeLayout } from "../layout.ts"
import { stateFailure } from "./state-failure.ts"

/** Makes the state folder where it is missing and refuses one that others could read or change. */
export async function prepareStateFolder(host: Host, stateFolder: string): Promise<Layout> {
	const layout = makeLayout(stateFolder)
	try {
		if (!(await checkStateFolder(host, layout))) {
			await makeRoot(host, layout)
			await checkStateFolder(host, layout)
		}
		const inside = [
			layout.runs,
			layout.backups,
			layout.blobs,
			layout.pools,
			layout.originals,
			layout.receipts,
			layout.lock,
		]
		for (const folder of inside) if (!(await host.disk.lstat(folder))) await makeFolder(host, folder, 0o700)
		// Also those that were there: whoever made them may have been killed before their names were safe.
		for (const folder of [folderOf(layout.root), layout.root, layout.backups]) await host.disk.syncFolder(folder)
	} catch (error) {
		const { failure } = stateFailure(error, layout.root)
		// Nothing was begun yet, so nothing can have failed there but the folder itself.
		const code = failure.code === "runner-failed" ? "state-unsafe" : failure.code
		throw new FailureError(code, { path: layout.root, ...failure.data }, { cause: error })
	}
	return layout
}

/** A folder's name is safe before anything is made in it. */
async function makeRoot(host: Host, { root }: Layout): Promise<void> {
	const missing = await missingFolders(host, root)
	const [first] = missing
	if (first !== undefined) await host.disk.syncFolder(folderOf(folderOf(first)))
	for (const folder of missing) await makeFolder(host, folder, folder === root ? 0o700 : 0o755)
}

/**
 * Whether the folder is there. Fails with `state-unsafe` unless it is this user's own and private, and nobody else can put
 * another one in its place: recovery believes what it finds in it.
 */
export async function checkStateFolder(host: Host, layout: Layout): Promise<boolean> {
	const stat = await host.disk.lstat(layout.root)
	const reason = (stat && whyUnsafe(host, stat)) ?? (await whyExchangeable(host, layout))
	if (reason) throw new FailureError("state-unsafe", { path: layout.root, reason })
	return stat !== undefined
}

function whyUnsafe(host: Host, stat: FileStat): string | undefined {
	if (stat.kind === "link") return "it is a link"
	if (stat.kind !== "folder") return "it is no folder"
	if (stat.uid !== host.self.uid) return `it belongs to user ${stat.uid}`
	if (stat.mode & 0o022) return "others may write to it"
	if (stat.mode & 0o055) return "others may read it"
	return undefined
}

async function whyExchangeable(host: Host, { root }: Layout): Promise<string | undefined> {
	try {
		const exposed = await findExposed(host, folderOf(await resolveTrusted(host, root)))
		return exposed && `others may exchange what lies in ${exposed}`
	} catch (error) {
		return meaningOf(error)
	}
}
