import type { Change, Destination } from "../change.ts"
import { codeOf, meaningOf } from "../disk/disk-error.ts"
import { findExposed, findPlantedLink, findWaypoints } from "../disk/exposed.ts"
import { missingFolders } from "../disk/make-folders.ts"
import { folderOf, isBelow, join, nameOf } from "../disk/path.ts"
import type { FileStat, Host } from "../host.ts"
import { canOwn, type Fault, isForbidden, ownerFaults } from "./rights.ts"

export interface Inspection {
	destination: Destination
	/** Which file is meant is known; of another one nothing more can be asked. */
	isPlaced: boolean
	/** Why it cannot be written; all reasons at once. */
	faults: string[]
	/** Those of the faults that root would not have. */
	needs: string[]
}

const forbidden = ["/proc", "/sys", "/dev"]

/**
 * How it is found out whether a file can be written. `open` is sure, but whoever watches the file takes closing it for a
 * write (systemd's `PathChanged=`): good where a run is under way anyway. `ask` misses append-only files.
 */
export type Probe = "open" | "ask"

/** Looks at a destination without touching it: which file is meant, what is there, and whether it can be written. */
export async function inspect(host: Host, stateFolder: string, change: Change, probe: Probe): Promise<Inspection> {
	const place = await findPlace(host, change.destination)
	if ("fault" in place) return { destination: unknownPlace(change), isPlaced: false, ...tell([place.fault]) }
	const { path, makes, ...link } = place
	const stat = await host.disk.lstat(path)
	const folder = makes[0] ? folderOf(makes[0]) : folderOf(path)
	const folderStat = await host.disk.lstat(folder)
	const inPlace = stat?.kind === "file" && (stat.links > 1 || stat.device !== folderStat?.device)
	const destination = {
		...change,
		path,
		...link,
		waypoints: path === change.destination ? [] : await findWaypoints(host, change.destination),
		inPlace,
		makes,
		sizeNow: stat?.kind === "file" ? stat.size : undefined,
	}
	const faults = [
		...placeFaults(change, path, await stateRoot(host, stateFolder)),
		...kindFaults(change, stat),
		...(await plantedFaults(host, change, path, stat)),
	].map(anybodys)
	const rights = [
		...(await writeFaults(host, change, path, folder, stat, inPlace, probe)),
		...(stat?.kind === "file" ? ownerFaults(host, change.destination, stat, folderStat) : []),
		...wantedFaults(host, change),
	]
	return { destination, isPlaced: true, ...tell([...faults, ...rights]) }
}

function anybodys(message: string): Fault {
	return { message, needsRoot: false }
}

function tell(faults: Fault[]): Pick<Inspection, "faults" | "needs"> {
	const messageOf = ({ message }: Fault) => message
	return { faults: faults.map(messageOf), needs: faults.filter(({ needsRoot }) => needsRoot).map(messageOf) }
}

/** A state from before comes back with its owner and group; what a module asks for is told where its names are resolved. */
function wantedFaults(host: Host, { destination, wanted }: Change): Fault[] {
	if (wanted.kind !== "snapshot" || canOwn(host, wanted.snapshot)) return []
	const { uid, gid } = wanted.snapshot
	const message = `${destination} belonged to user ${uid} and group ${gid}: only root can give it back to them`
	return [{ message, needsRoot: true }]
}

/** The file that a destination really means; the destination itself where that cannot be told. */
export async function findPath(host: Host, destination: string): Promise<string> {
	const place = await findPlace(host, destination)
	return "fault" in place ? destination : place.path
}

type Place = { path: string; link?: string; linkPath?: string; makes: string[] } | { fault: Fault }

/** Follows links: the file they name is the one that is written. */
async function findPlace(host: Host, destination: string): Promise<Place> {
	try {
		const stat = await host.disk.lstat(destination)
		if (stat?.kind === "link") return await followLink(host, destination)
		const makes = await missingFolders(host, folderOf(destination))
		const existing = makes[0] ? folderOf(makes[0]) : folderOf(destination)
		const real = await host.disk.realPath(existing)
		if ((await host.disk.lstat(real))?.kind !== "folder")
			return { fault: anybodys(`${destination}: ${existing} is no folder`) }
		const below = (path: string) => join(real, path.slice(existing === "/" ? 1 : existing.length + 1))
		return { path: below(destination), makes: makes.map(below) }
	} catch (error) {
		return { fault: { message: `${destination}: ${meaningOf(error)}`, needsRoot: isForbidden(host, error) } }
	}
}

async function followLink(host: Host, destination: string): Promise<Place> {
	const link = await host.disk.readLink(destination)
	try {
		const linkPath = join(await host.disk.realPath(folderOf(destination)), nameOf(destination))
		return { path: await host.disk.realPath(destination), link, linkPath, makes: [] }
	} catch (error) {
		const why = codeOf(error) === "ENOENT" ? "which does not exist" : meaningOf(error)
		const message = `${destination} is a link to ${link}, ${why}`
		return { fault: { message, needsRoot: isForbidden(host, error) } }
	}
}

async function stateRoot(host: Host, stateFolder: string): Promise<string> {
	return (await host.disk.lstat(stateFolder)) ? host.disk.realPath(stateFolder) : stateFolder
}

function placeFaults({ destination }: Change, path: string, stateFolder: string): string[] {
	const folder = [...forbidden, stateFolder].find((folder) => isBelow(path, folder))
	return folder ? [`${destination} leads into ${folder}, where nothing may be written`] : []
}

function kindFaults({ destination }: Change, stat: FileStat | undefined): string[] {
	if (stat?.kind === "folder") return [`${destination} is a folder`]
	if (stat?.kind === "other") return [`${destination} is a device, socket or pipe`]
	return []
}

/**
 * Whoever may write to a folder can have made a name in it lead to a file that is none of theirs: by a link on the way, or
 * where the system does not forbid it (`fs.protected_hardlinks`) as another name of it.
 */
async function plantedFaults(host: Host, change: Change, path: string, stat: FileStat | undefined): Promise<string[]> {
	const { destination } = change
	const link = path === destination ? undefined : await findPlantedLink(host, destination, path)
	if (link !== undefined) return [`${destination} leads to ${path} by ${link}, a link that others can have made`]
	return plantedNames(host, change, path, stat)
}

/** A file with several names is written under all of them. */
async function plantedNames(
	host: Host,
	{ destination }: Change,
	path: string,
	stat: FileStat | undefined,
): Promise<string[]> {
	if (stat?.kind !== "file" || stat.links < 2) return []
	const exposed = await findExposed(host, folderOf(path))
	if (exposed === undefined) return []
	const { uid } = (await host.disk.lstat(exposed)) ?? {}
	if (uid === stat.uid && uid !== host.self.uid) return []
	return [`${destination} has other names, and whoever may write to ${exposed} can have given it this one`]
}

async function writeFaults(
	host: Host,
	change: Change,
	path: string,
	folder: string,
	stat: FileStat | undefined,
	inPlace: boolean,
	probe: Probe,
): Promise<Fault[]> {
	const faults: Fault[] = []
	const allow = async (what: string, step: () => Promise<void>, harmless?: string) => {
		try {
			await step()
		} catch (error) {
			const message = `${what} cannot be written: ${meaningOf(error)}`
			if (codeOf(error) !== harmless) faults.push({ message, needsRoot: isForbidden(host, error) })
		}
	}
	if (!inPlace) await allow(`${change.destination}: its folder ${folder}`, () => host.disk.checkWritable(folder))
	if (stat?.kind !== "file") return faults
	// Opening finds what a permission check does not: append-only files, and running programs, which a rename can replace.
	const open = async () => (await host.disk.open(path, "write")).close()
	const ask = () => host.disk.checkWritable(path)
	await allow(change.destination, probe === "open" ? open : ask, inPlace ? undefined : "ETXTBSY")
	return faults
}

function unknownPlace(change: Change): Destination {
	const { destination } = change
	return { ...change, path: destination, waypoints: [], inPlace: false, makes: [], sizeNow: undefined }
}

/** Two names for one file in one pool would be written twice; which one wins would be chance. */
export function sameFileFaults(destinations: Destination[]): string[] {
	const first = new Map<string, string>()
	const faults: string[] = []
	for (const { path, destination } of destinations) {
		const other = first.get(path)
		if (other) faults.push(`${destination} and ${other} are the same file, ${nameOf(path)}`)
		else first.set(path, destination)
	}
	return [...faults, ...destinations.flatMap(({ destination, makes }) => belowFaults(destination, makes, first))]
}

/** The schema finds these by name; where links lead together only the appliance knows. */
function belowFaults(destination: string, makes: string[], files: Map<string, string>): string[] {
	return makes.flatMap((folder) => {
		const file = files.get(folder)
		return file ? [`${destination} lies below ${file}, which this pool makes a file`] : []
	})
}
