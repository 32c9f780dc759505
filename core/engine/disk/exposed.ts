import type { FileStat, Host } from "../host.ts"
import { folderOf, join } from "./path.ts"

/** Links in a path that are followed; the system's own limit. */
const MAX_LINKS = 40

/**
 * The outermost folder on the way to `folder`, itself included, that somebody besides root and us owns or may write to:
 * they can exchange what lies in it. Tells by owner and mode, not by ACLs. Undefined when there is none.
 */
export async function findExposed(host: Host, folder: string): Promise<string | undefined> {
	const way =
		folder === "/" ? ["/"] : folder.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/") || "/")
	for (const path of way) {
		const stat = await host.disk.lstat(path)
		if (!stat) return undefined
		if (isOthers(host, stat)) return path
	}
	return undefined
}

/** In a sticky folder nobody can rename what belongs to somebody else. */
function isOthers(host: Host, { uid, gid, mode }: FileStat): boolean {
	const isGroups = (mode & 0o020) !== 0 && gid !== 0 && gid !== host.self.gid
	return !isTrusted(host, uid) || ((mode & 0o1000) === 0 && (isGroups || (mode & 0o002) !== 0))
}

function isTrusted(host: Host, uid: number): boolean {
	return uid === 0 || uid === host.self.uid
}

/** A path without links, following only those that nobody but root and we can have made. Throws at any other. */
export async function resolveTrusted(host: Host, path: string): Promise<string> {
	const left = path.split("/")
	let done = "/"
	for (let links = 0; left.length > 0; ) {
		const name = left.shift() ?? ""
		if (name === "" || name === ".") continue
		const next = name === ".." ? folderOf(done) : join(done, name)
		const stat = await host.disk.lstat(next)
		if (stat?.kind !== "link") {
			done = next
			continue
		}
		if (!isTrusted(host, stat.uid) || (await findExposed(host, done)) || ++links > MAX_LINKS)
			throw new Error(`${next} is a link that others on the appliance can have made`)
		const target = await host.disk.readLink(next)
		if (target.startsWith("/")) done = "/"
		left.unshift(...target.split("/"))
	}
	return done
}
