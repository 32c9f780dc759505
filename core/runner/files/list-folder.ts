import { join } from "../../engine/disk/path.ts"
import { sideBySide } from "../../engine/disk/side-by-side.ts"
import type { FileStat, Host } from "../../engine/host.ts"
import type { FolderRequest } from "../../protocol/file-calls.ts"
import { type FolderEntry, type FolderPage, MAX_FOLDER_PAGE } from "../../schema/appliance-files.ts"
import { FailureError } from "../../schema/failure.ts"
import { readAccounts } from "./accounts.ts"
import { factsOf } from "./facts.ts"
import { looking } from "./file-failure.ts"
import { type FolderName, readNames } from "./names.ts"

/** One page of a folder; nothing in it is opened, so that no pipe or device is ever waited for. */
export function listFolder(host: Host, request: FolderRequest): Promise<FolderPage> {
	const { path, search, after, limit = MAX_FOLDER_PAGE } = request
	return looking(path, async () => {
		const realPath = await host.disk.realPath(path)
		if ((await host.disk.lstat(realPath))?.kind !== "folder")
			throw new FailureError("file-unreadable", { path, reason: "not-a-folder" })
		const { names, isCut } = await readNames(host, realPath)
		const fitting = names.filter(({ shown }) => fits(shown, search))
		const left = after === undefined ? fitting : fitting.filter(({ shown }) => shown > after)
		const entries = await readEntries(host, realPath, left.slice(0, limit))
		return { path, realPath, entries, total: fitting.length, hasMore: left.length > limit, isCut }
	})
}

function fits(name: string, search = ""): boolean {
	return name.toLowerCase().includes(search.toLowerCase())
}

async function readEntries(host: Host, folder: string, names: FolderName[]): Promise<FolderEntry[]> {
	const found = await sideBySide(names, async (name) => ({ name, ...(await look(host, folder, name)) }))
	const accountsOf = await readAccounts(
		host,
		found.flatMap(({ stat }) => stat ?? []),
	)
	return found.map(({ name: { shown, isSound }, stat, link }) => ({
		name: shown,
		isNameSound: isSound,
		...(stat && { kind: stat.kind, ...factsOf(stat, accountsOf(stat)) }),
		...(link && { link }),
	}))
}

/** An entry that went meanwhile, or that may not be looked at, is there by its name alone. */
async function look(host: Host, folder: string, { shown, isSound }: FolderName) {
	if (!isSound) return {}
	const path = join(folder, shown)
	const stat = await orNothing(host.disk.lstat(path))
	return stat?.kind === "link" ? { stat, link: await readLink(host, path) } : { stat }
}

async function readLink(host: Host, path: string): Promise<NonNullable<FolderEntry["link"]>> {
	const target = (await orNothing(host.disk.readLink(path))) ?? ""
	const end = await orNothing(leadsTo(host, path))
	return { target, ...(end && { kind: end.kind, size: end.size }) }
}

async function leadsTo(host: Host, path: string): Promise<FileStat | undefined> {
	return host.disk.lstat(await host.disk.realPath(path))
}

/** Of one entry among many; a link that leads nowhere is no failure of its folder. */
function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
	return reading.catch(() => undefined)
}
