import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { BootRecovery, BootRecoveryPlace } from "../boot-recovery.ts"
import { withFile } from "../disk/content.ts"
import { because, codeOf, meaningOf, unlessAbsent } from "../disk/disk-error.ts"
import type { Disk } from "../host.ts"
import { bootUnitName, isEmptiedAtBoot, makeBootUnit, UNIT_HEADER } from "./boot-recovery-unit.ts"
import { nodeDisk } from "./node-disk.ts"
import { hasSystemd } from "./systemd.ts"

export interface BootRecoveryOptions {
	/** Starts this runner: absolute path of its runtime, options of that, absolute path of the script. */
	program: string[]
	/** Where an administrator's units lie. */
	unitFolder?: string
	/** Whether systemd runs this machine and we may tell it what to do. */
	isPossible?: () => boolean
	disk?: Disk
}

/**
 * Recovery at boot by a unit of systemd. Nobody is asked to reload anything: only the next boot reads it, and a program
 * started for it would cost every run as much as all the rest of its beginning.
 */
export function createBootRecovery(options: BootRecoveryOptions): BootRecovery {
	const { program, unitFolder = "/etc/systemd/system", isPossible = hasSystemd, disk = nodeDisk } = options
	const unitOf = ({ stateFolder }: BootRecoveryPlace) => makeUnit(disk, unitFolder, bootUnitName(stateFolder))
	const attempt = async (place: BootRecoveryPlace, step: (unit: Unit) => Promise<void>) => {
		// A state folder that is gone at the next boot has nothing to recover.
		if (!isPossible() || isEmptiedAtBoot(place.stateFolder)) return undefined
		return step(unitOf(place)).then(() => undefined, meaningOf)
	}
	return {
		arm: (place) => attempt(place, (unit) => arm(unit, program, place)),
		disarm: (place) => attempt(place, disarm),
	}
}

interface Unit {
	disk: Disk
	path: string
	/** What makes the system's usual target want it, as `systemctl enable` would. */
	link: string
}

const makeUnit = (disk: Disk, folder: string, name: string): Unit => ({
	disk,
	path: join(folder, name),
	link: join(folder, "multi-user.target.wants", name),
})

async function arm(unit: Unit, program: string[], place: BootRecoveryPlace): Promise<void> {
	const gone = program.find(isEmptiedAtBoot)
	if (gone !== undefined) throw new Error(`cannot start ${gone} at boot: what lies there does not outlive one`)
	const text = makeBootUnit(program, place)
	const { isOurs, isLinked } = await look(unit)
	if (!isOurs) throw new Error(`cannot write ${unit.path}: there is one that is not ours; move it away`)
	const [runtime = "", script = ""] = [program[0], program.at(-1)]
	await Promise.all([writeUnit(unit, text), syncProgram(unit.disk, runtime), syncProgram(unit.disk, script)])
	await makeWanted(unit, isLinked)
}

/** The link first, and for good: one that leads to nothing would never be taken away by the boot that finds it. */
async function disarm(unit: Unit): Promise<void> {
	const { disk, path, link } = unit
	const { isOurs, isLinked, isThere } = await look(unit)
	if (!isOurs || !(isLinked || isThere)) return
	try {
		if (isLinked) {
			await disk.remove(link)
			await disk.syncFolder(dirname(link))
		}
		if (isThere) await disk.remove(path)
		await unlessAbsent(disk.remove(`${path}.new`))
	} catch (error) {
		throw because(`remove ${path}`, error)
	}
}

/** `isOurs`: nothing of somebody else's is in the way. */
async function look({ disk, path, link }: Unit): Promise<{ isOurs: boolean; isThere: boolean; isLinked: boolean }> {
	const [text, target] = await Promise.all([readUnit(disk, path), readTarget(disk, link)])
	const isOurUnit = text === undefined || text.startsWith(`${UNIT_HEADER}\n`)
	const isOurLink = target === undefined || target === path
	return { isOurs: isOurUnit && isOurLink, isThere: text !== undefined, isLinked: target !== undefined }
}

/** A link, as masking makes one, reads as empty: it is none of ours. */
async function readUnit(disk: Disk, path: string): Promise<string | undefined> {
	const stat = await disk.lstat(path)
	if (!stat) return undefined
	return stat.kind === "file" ? readFile(path, "utf8") : ""
}

async function readTarget(disk: Disk, link: string): Promise<string | undefined> {
	const stat = await disk.lstat(link)
	if (!stat) return undefined
	return stat.kind === "link" ? disk.readLink(link) : ""
}

async function writeUnit({ disk, path }: Unit, text: string): Promise<void> {
	try {
		await unlessAbsent(disk.remove(`${path}.new`))
		await withFile(disk.open(`${path}.new`, "create", 0o644), async (file) => {
			await file.write(new TextEncoder().encode(text), 0)
			// Whatever umask this runner was started with.
			await file.setMode(0o644)
			await file.sync()
		})
		await disk.rename(`${path}.new`, path)
	} catch (error) {
		// Half a unit would stay where nobody looks for it.
		await disk.remove(`${path}.new`).catch(() => {})
		throw because(`write ${path}`, error)
	}
}

async function makeWanted({ disk, path, link }: Unit, isLinked: boolean): Promise<void> {
	const folder = dirname(link)
	try {
		// Ours or another unit's, made at the same moment.
		if (!(await disk.lstat(folder))) await disk.makeFolder(folder, 0o755).catch(unlessThere)
		if (!isLinked) await disk.makeLink(path, link)
		await Promise.all([disk.syncFolder(dirname(path)), disk.syncFolder(folder)])
	} catch (error) {
		throw because(`make ${link}`, error)
	}
}

function unlessThere(error: unknown): void {
	if (codeOf(error) !== "EEXIST") throw error
}

/** Whoever laid the program there may have left it to the system when it gets to the disk. */
async function syncProgram(disk: Disk, path: string): Promise<void> {
	try {
		await withFile(disk.open(path, "read"), (file) => file.sync())
		await disk.syncFolder(dirname(path))
	} catch (error) {
		throw because(`keep ${path} for the next boot`, error)
	}
}
