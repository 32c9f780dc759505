import { readSmallFile, withFile } from "../disk/content.ts"
import { codeOf, unlessAbsent } from "../disk/disk-error.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { type Lock, parseLock } from "./lock-text.ts"

export interface Holder {
	run: string
	since: string
	by?: string
}

/** `number`: higher than that of every earlier holder, of any version of the runner. */
export type Taken = { state: "taken"; number: number; release(): Promise<void> } | ({ state: "busy" } & Holder)

/**
 * One run at a time (DESIGN invariant 7). Each holder makes a file numbered one higher than the last; the highest is
 * the lock and is never removed, only emptied on release, so no two processes ever see the same number free:
 * making a name is atomic, and whoever finds a higher number than their own came too late and gives theirs up.
 */
export async function takeLock(host: Host, layout: Layout, who: { run: string; by?: string }): Promise<Taken> {
	for (;;) {
		const { highest, lock } = await readHighest(host, layout)
		if (lock && (await isHeld(host, lock))) return { state: "busy", ...holderOf(lock) }
		const mine = highest + 1
		const content: Lock = {
			...who,
			since: new Date(host.clock.now()).toISOString(),
			pid: host.self.pid,
			startTime: host.self.startTime,
			bootId: host.self.bootId,
		}
		if (!(await makeNumber(host, layout, mine, content))) continue
		const path = `${layout.lock}/${mine}`
		try {
			if ((await readHighest(host, layout)).highest > mine) {
				await unlessAbsent(host.disk.remove(path))
				continue
			}
			await removeOlder(host, layout, mine)
		} catch (error) {
			// Nobody shall wait for a process that gave up.
			await release(host, path).catch(() => {})
			throw error
		}
		return { state: "taken", number: mine, release: () => release(host, path) }
	}
}

/** Who holds the lock now, if anybody alive does. */
export async function readHolder(host: Host, layout: Layout): Promise<Holder | undefined> {
	const { lock } = await readHighest(host, layout)
	return lock && (await isHeld(host, lock)) ? holderOf(lock) : undefined
}

function holderOf(lock: Lock): Holder {
	return { run: lock.run, since: lock.since, ...(lock.by === undefined ? {} : { by: lock.by }) }
}

/** A lock whose holder died, or from before a reboot, is free. */
async function isHeld(host: Host, lock: Lock): Promise<boolean> {
	if (lock.bootId !== undefined && host.self.bootId !== undefined && lock.bootId !== host.self.bootId) return false
	return host.self.isAlive(lock.pid, lock.startTime)
}

async function readHighest(host: Host, layout: Layout): Promise<{ highest: number; lock: Lock | undefined }> {
	for (;;) {
		const highest = Math.max(0, ...(await numbers(host, layout)))
		if (highest === 0) return { highest, lock: undefined }
		const bytes = await readSmallFile(host, `${layout.lock}/${highest}`, 1 << 16)
		// Gone between the two calls: somebody took a higher one.
		if (bytes) return { highest, lock: parseLock(bytes) }
	}
}

async function numbers(host: Host, layout: Layout): Promise<number[]> {
	const names = (await host.disk.readFolder(layout.lock)) ?? []
	return names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number)
}

/** Makes the numbered file with all its content at once; false when somebody else was first. */
async function makeNumber(host: Host, layout: Layout, number: number, content: Lock): Promise<boolean> {
	const aside = await writeAside(host, layout, content)
	try {
		await host.disk.link(aside, `${layout.lock}/${number}`)
		return true
	} catch (error) {
		// ENOENT: whoever took it just now has tidied up what others had written aside.
		if (codeOf(error) === "EEXIST" || codeOf(error) === "ENOENT") return false
		throw error
	} finally {
		// Only a name too many: what counts is whether the number was made.
		await host.disk.remove(aside).catch(() => {})
	}
}

/** Needs no space on the disk. */
async function release(host: Host, path: string): Promise<void> {
	await withFile(host.disk.open(path, "write"), (file) => file.truncate(0))
}

/** Several may be tried for at the same moment, also in one process. */
let asides = 0

async function writeAside(host: Host, layout: Layout, content: Lock): Promise<string> {
	const aside = `${layout.lock}/aside-${host.self.pid}-${++asides}`
	await unlessAbsent(host.disk.remove(aside))
	const bytes = new TextEncoder().encode(JSON.stringify(content))
	await withFile(host.disk.open(aside, "create", 0o600), (file) => file.write(bytes, 0))
	return aside
}

/** Also what was written aside by a process that died before it could take it away. */
async function removeOlder(host: Host, layout: Layout, mine: number): Promise<void> {
	const names = (await host.disk.readFolder(layout.lock)) ?? []
	for (const name of names.filter((name) => name.startsWith("aside-") || Number(name) < mine)) {
		await unlessAbsent(host.disk.remove(`${layout.lock}/${name}`))
	}
}
