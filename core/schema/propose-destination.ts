import { normalTarget } from "./manifest.ts"

/** An operation that is there already: what it tells about where files of its kind go. */
export interface KnownOperation {
	target: string
	destination: string
}

/**
 * Where a file most likely goes on the appliance, from the path that it was found under; undefined where nothing says
 * so: a person who must type it is better off than one who overlooks a wrong guess.
 */
export function proposeDestination(path: string, known: readonly KnownOperation[]): string | undefined {
	const parts = path.split("/").filter((part) => part !== "" && part !== ".")
	const name = parts.at(-1)
	if (name === undefined || parts.includes("..")) return undefined
	const sound = known.filter(({ destination }) => isSound(destination))
	const proposed =
		ofSameTarget(path, sound) ?? fromRoot(parts) ?? besideNeighbours(parts, sound) ?? ofWellKnownName(name)
	return proposed !== undefined && isSound(proposed) ? proposed : undefined
}

/** Absolute, normal, and a place that files may be put. */
function isSound(destination: string): boolean {
	const [root, ...parts] = destination.split("/")
	const isNormal = root === "" && parts.length > 0 && parts.every((part) => !["", ".", ".."].includes(part))
	return isNormal && !["proc", "sys", "dev", "run"].includes(parts[0] ?? "") && !destination.includes("\0")
}

function ofSameTarget(path: string, known: readonly KnownOperation[]): string | undefined {
	const target = normalTarget(path)
	return onlyOne(known.filter((one) => normalTarget(one.target) === target).map(({ destination }) => destination))
}

/** Folders of an appliance's root, with what must stand below one whose name is an ordinary word elsewhere. */
const roots: Record<string, RegExp | undefined> = {
	etc: /./,
	usr: /^(bin|sbin|lib|local|share|libexec)$/,
	var: /^(www|lib|spool|cache|opt)$/,
	opt: /./,
	srv: /./,
	root: /^\./,
}

/** `.../etc/nginx/nginx.conf`: the path itself says it. The first such folder counts. */
function fromRoot(parts: string[]): string | undefined {
	const at = parts.findIndex((part, index) => {
		const below = Object.hasOwn(roots, part) ? roots[part] : undefined
		const next = parts[index + 1]
		// Of the doubtful ones, only what stands at the beginning: many programs have a folder `opt` of their own.
		return next !== undefined && below?.test(next) === true && (index <= 1 || !["opt", "srv", "root"].includes(part))
	})
	return at < 0 ? undefined : `/${parts.slice(at).join("/")}`
}

/**
 * Where the files beside it go: the known destination folder that the path's folders repeat the furthest. Without
 * folders, only where all files of the module's top folder go to one place.
 */
function besideNeighbours(parts: string[], known: readonly KnownOperation[]): string | undefined {
	const folders = parts.slice(0, -1)
	const places = known.flatMap((one) => placeBeside(folders, one) ?? [])
	const best = Math.max(0, ...places.map(({ score }) => score))
	const folder = onlyOne(places.filter(({ score }) => score === best).map(({ folder }) => folder))
	return folder === undefined ? undefined : `${folder}/${parts.at(-1)}`
}

/** The folder that one known operation speaks for, and how many folders of the path say so. */
function placeBeside(
	folders: string[],
	{ target, destination }: KnownOperation,
): { folder: string; score: number } | undefined {
	const from = normalTarget(target).split("/").slice(0, -1)
	const to = destination.split("/").slice(1, -1)
	if (to.length === 0) return undefined
	const folder = `/${to.join("/")}`
	if (from.join("/") === folders.join("/")) return { folder, score: folders.length + 1 }
	// Source and destination share their last folders: what is above these is one and the same place.
	const shared = countAlikeEnds(from, to)
	const base = from.slice(0, from.length - shared)
	const below = folders.slice(base.length)
	const common = base.every((part, index) => part === folders[index])
		? countAlikeStarts(below, to.slice(to.length - shared))
		: 0
	if (common > 0)
		return { folder: `/${[...to.slice(0, to.length - shared), ...below].join("/")}`, score: base.length + common }
	const alike = countAlikeEnds(folders, to)
	return alike > 0 ? { folder, score: alike } : undefined
}

function countAlikeEnds(a: string[], b: string[]): number {
	let count = 0
	while (count < a.length && count < b.length && a.at(-1 - count) === b.at(-1 - count)) count++
	return count
}

function countAlikeStarts(a: string[], b: string[]): number {
	let count = 0
	while (count < a.length && count < b.length && a[count] === b[count]) count++
	return count
}

function onlyOne(texts: string[]): string | undefined {
	const [first, ...rest] = new Set(texts)
	return rest.length === 0 ? first : undefined
}

/** Files that lie at one place on nearly every system. */
const wellKnown: Record<string, string | undefined> = {
	"nginx.conf": "/etc/nginx",
	"haproxy.cfg": "/etc/haproxy",
	"apache2.conf": "/etc/apache2",
	sshd_config: "/etc/ssh",
	ssh_config: "/etc/ssh",
	hosts: "/etc",
	fstab: "/etc",
	crontab: "/etc",
	exports: "/etc",
	sudoers: "/etc",
	"resolv.conf": "/etc",
	"nsswitch.conf": "/etc",
	"nftables.conf": "/etc",
	"sysctl.conf": "/etc",
	"logrotate.conf": "/etc",
	"rsyslog.conf": "/etc",
	"dnsmasq.conf": "/etc",
	"smb.conf": "/etc/samba",
	"main.cf": "/etc/postfix",
	"master.cf": "/etc/postfix",
	"redis.conf": "/etc/redis",
	"my.cnf": "/etc/mysql",
	"chrony.conf": "/etc/chrony",
	"daemon.json": "/etc/docker",
	"journald.conf": "/etc/systemd",
	"resolved.conf": "/etc/systemd",
	"timesyncd.conf": "/etc/systemd",
	"logind.conf": "/etc/systemd",
}

const unitName = /^[A-Za-z0-9:_.@\\-]+\.(service|timer|socket|path|mount|target)$/

function ofWellKnownName(name: string): string | undefined {
	const folder = Object.hasOwn(wellKnown, name)
		? wellKnown[name]
		: unitName.test(name)
			? "/etc/systemd/system"
			: undefined
	return folder === undefined ? undefined : `${folder}/${name}`
}
