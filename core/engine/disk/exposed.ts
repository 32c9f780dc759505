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
export function resolveTrusted(host: Host, path: string): Promise<string> {
	return resolveLinks(host, path, async (link) => {
		if (await makerOf(host, link)) throw new Error(`${link} is a link that others on the appliance can have made`)
	})
}

/** A path without links, whoever made them; `judge` may throw at one. Fails with `TooManyLinks`. */
export async function resolveLinks(host: Host, path: string, judge?: (link: string) => Promise<void>): Promise<string> {
	const way = followLinks(host, path)
	for (;;) {
		const { done, value } = await way.next()
		if (done) return value
		await judge?.(value.link)
	}
}

export class TooManyLinks extends Error {}

/** The names that a path has on its way along links, its own first; none where it leads through no link. */
export async function findWaypoints(host: Host, path: string): Promise<string[]> {
	const names: string[] = []
	for await (const { name } of followLinks(host, path)) names.push(name)
	return names.length === 0 ? [] : [...new Set([path, ...names])]
}

/**
 * A link on the way to `destination` that others can have made and that leads to `path`, where they have no business of their
 * own: to write there would be to do for them what they may not. Undefined when there is none.
 */
export async function findPlantedLink(host: Host, destination: string, path: string): Promise<string | undefined> {
	for await (const { link } of followLinks(host, destination)) {
		const maker = await makerOf(host, link)
		if (maker) return (await isTheirs(host, maker, path)) ? undefined : link
	}
	return undefined
}

/** Who besides root and us can have made a link: its owner, or whoever may write to this folder. */
interface Maker {
	uid: number
	exposed: string | undefined
}

async function makerOf(host: Host, link: string): Promise<Maker | undefined> {
	const exposed = await findExposed(host, folderOf(link))
	const owner = await host.disk.lstat(link)
	if (owner && !isTrusted(host, owner.uid)) return { uid: owner.uid, exposed }
	const folder = exposed === undefined ? undefined : await host.disk.lstat(exposed)
	return folder && { uid: folder.uid, exposed }
}

/** Whether somebody owns a file, or can exchange it anyway. */
async function isTheirs(host: Host, { uid, exposed }: Maker, path: string): Promise<boolean> {
	const place = await findExposed(host, folderOf(path))
	if (place !== undefined && place === exposed) return true
	if (isTrusted(host, uid)) return false
	const owners = [await host.disk.lstat(path), place === undefined ? undefined : await host.disk.lstat(place)]
	return owners.some((owner) => owner?.uid === uid)
}

/** `link`: its path without links. `name`: the same with what is left behind it, as far as that goes down from it. */
interface Step {
	link: string
	name: string
}

/** Every link on the way to `path`; at the end the path without any. */
async function* followLinks(host: Host, path: string): AsyncGenerator<Step, string> {
	const left = path.split("/")
	let done = "/"
	for (let links = 0; left.length > 0; ) {
		const name = left.shift() ?? ""
		if (!isName(name)) continue
		const next = name === ".." ? folderOf(done) : join(done, name)
		const stat = await host.disk.lstat(next)
		if (stat?.kind !== "link") {
			done = next
			continue
		}
		if (++links > MAX_LINKS) throw new TooManyLinks(`${next} is one link too many on the way to ${path}`)
		yield { link: next, name: nameBelow(next, left) }
		const target = await host.disk.readLink(next)
		if (target.startsWith("/")) done = "/"
		left.unshift(...target.split("/"))
	}
	return done
}

/** Behind `..` it is no name of what is meant any more: that goes up from where the link leads. */
function nameBelow(link: string, left: string[]): string {
	const up = left.indexOf("..")
	return (up < 0 ? left : left.slice(0, up)).filter(isName).reduce((path, part) => join(path, part), link)
}

function isName(part: string): boolean {
	return part !== "" && part !== "."
}
