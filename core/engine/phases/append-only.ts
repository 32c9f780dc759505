import type { Destination } from "../change.ts"
import { folderOf } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host, OpenFile } from "../host.ts"

/** Folders for one call of the tool. */
const AT_ONCE = 200

/**
 * Destinations in append-only folders (`chattr +a`): a file could be made there, but never renamed or removed again. No
 * permission check tells; where `lsattr` or the file system does not, none are found.
 */
export async function appendOnlyFaults(host: Host, destinations: Destination[]): Promise<string[]> {
	const destinationOf = new Map<string, string>()
	for (const { destination, path, makes, inPlace } of destinations) {
		const folder = folderOf(makes[0] ?? path)
		if (!inPlace && !destinationOf.has(folder)) destinationOf.set(folder, destination)
	}
	const folders = [...destinationOf.keys()]
	const found: string[] = []
	for (let from = 0; from < folders.length; from += AT_ONCE)
		found.push(...(await findAppendOnly(host, folders.slice(from, from + AT_ONCE))))
	return found.map(
		(folder) => `${destinationOf.get(folder)}: its folder ${folder} cannot be written: it is append-only (see lsattr)`,
	)
}

/** By the open folders: a tool that is started knows nothing of a root of the host's own. */
async function findAppendOnly(host: Host, folders: string[]): Promise<string[]> {
	const opened: OpenFile[] = []
	try {
		// One that cannot be opened is told by who writes there.
		const open = async (folder: string) => host.disk.open(folder, "folder").catch(() => undefined)
		const held = await sideBySide(folders, async (folder) => {
			const file = await open(folder)
			if (!file) return []
			opened.push(file)
			return [{ folder, at: `${file.path}/.` }]
		})
		if (opened.length === 0) return []
		const { stdout } = await host.run("lsattr", ["-d", "--", ...held.flat().map(({ at }) => at)])
		const isAppendOnly = new Set(stdout.split("\n").flatMap(readLine))
		return held.flat().flatMap(({ folder, at }) => (isAppendOnly.has(at) ? [folder] : []))
	} finally {
		// They were only looked at: nothing can be lost any more.
		await Promise.all(opened.map((file) => file.close().catch(() => {})))
	}
}

/** `-----a--------e------- PATH`. */
function readLine(line: string): string[] {
	const [flags = "", path = ""] = line.split(" ")
	return flags.includes("a") ? [path] : []
}
