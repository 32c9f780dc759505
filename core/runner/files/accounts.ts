import { readSmallFile } from "../../engine/disk/content.ts"
import type { FileStat, Host } from "../../engine/host.ts"

export interface AccountNames {
	owner?: string
	group?: string
}

/** Names of the owners and groups of many files, each asked for once. */
export async function readAccounts(host: Host, stats: FileStat[]): Promise<(stat: FileStat) => AccountNames> {
	const users = await readIds(host, "passwd", new Set(stats.map(({ uid }) => uid)))
	const groups = await readIds(host, "group", new Set(stats.map(({ gid }) => gid)))
	return ({ uid, gid }) => {
		const owner = users.get(uid)
		const group = groups.get(gid)
		return { ...(owner !== undefined && { owner }), ...(group !== undefined && { group }) }
	}
}

/** `getent` also knows accounts that are in no file here; it says what it knows and fails where one is missing. */
async function readIds(host: Host, database: "passwd" | "group", ids: Set<number>): Promise<Map<number, string>> {
	if (ids.size === 0) return new Map()
	const asked = await host.run("getent", [database, "--", ...[...ids].map(String)])
	const text = asked.exit === undefined ? await readDatabase(host, database) : asked.stdout
	const found = new Map<number, string>()
	for (const line of text.split("\n")) {
		const [name, , id] = line.split(":")
		if (name && id !== undefined && ids.has(Number(id)) && !found.has(Number(id))) found.set(Number(id), name)
	}
	return found
}

async function readDatabase(host: Host, database: string): Promise<string> {
	const bytes = await readSmallFile(host, `/etc/${database}`)
	return bytes ? new TextDecoder().decode(bytes) : ""
}
