import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { type DraftWriter, draftSchema, type TextDraft } from "../../schema/library.ts"
import { digestOf } from "../digest.ts"
import { isOwnerAlive, ownOwner } from "../services/owner.ts"
import { writeFileAtomic } from "./files/atomic-file.ts"
import { isMissing, onDisk } from "./files/disk-failure.ts"
import { sourceName } from "./source-name.ts"
import { createTurns } from "./turns.ts"

/** `folder`: so that one whose module is gone can be told; `owner`: the program it is typed in. */
const keptSchema = draftSchema.omit({ id: true }).extend({ folder: z.string(), owner: z.string() })

export interface DraftRequest extends DraftWriter {
	/** Real path. */
	folder: string
	target?: string | undefined
	text: string
	base?: string | undefined
}

export type Drafts = ReturnType<typeof createDrafts>

/**
 * Texts that were typed and not saved, one file each, outside the module folders. Programs and windows keep theirs apart;
 * one that is typed in another program that still runs is offered to no other.
 */
export function createDrafts(dataFolder: string, owner = ownOwner()) {
	const place = join(dataFolder, "drafts")
	const turns = createTurns()
	const keyOf = ({ folder, target }: Pick<DraftRequest, "folder" | "target">) =>
		digestOf(`${folder}\0${target === undefined ? "index.json" : sourceName(target)}`).slice(0, 40)
	/** When each of our files was kept last, by a clock that counts what is kept. */
	const keptWhen = new Map<string, number>()
	let clock = 0

	const listFree = async () => {
		const names = (await readdir(place).catch(isMissing)) ?? []
		return names.filter((name) => name.endsWith(".json") && isFree(ownerOf(name), owner))
	}

	/** Its text goes on in the draft of whoever took it up. */
	const removeTakenUp = async (key: string, own: string, takenUp: readonly string[]) => {
		for (const name of await listFree()) {
			if (name === own || !name.startsWith(`${key}.`)) continue
			const kept = await readKept(join(place, name))
			if (kept && takenUp.includes(idOf(name, kept))) await rm(join(place, name), { force: true })
		}
	}

	return {
		/** What is kept later than this was not known to whoever asked now. */
		now: () => clock,
		/**
		 * On disk when it resolves, in place of those that the window took up. The newest of several at once counts.
		 */
		keep: (request: DraftRequest, keptAt: Date): Promise<void> => {
			const { folder, target, text, base, window = "", takenUp = [] } = request
			const when = ++clock
			const key = keyOf({ folder, target })
			const name = [key, owner.replace(":", "-"), ...(window ? [window] : []), "json"].join(".")
			return turns(key, () =>
				onDisk(place, async () => {
					await mkdir(place, { recursive: true, mode: 0o700 })
					const kept = { folder, owner, keptAt: keptAt.toISOString(), text, target, base }
					await writeFileAtomic(join(place, name), JSON.stringify(kept))
					keptWhen.set(name, when)
					if (takenUp.length > 0) await removeTakenUp(key, name, takenUp)
				}),
			)
		},
		/**
		 * Drops those of the window that asks, where they were not kept after `before`, those that it took up, and those
		 * whose text it has saved. Whatever else somebody typed stays.
		 */
		drop: (
			request: Omit<DraftRequest, "text"> & { text?: string },
			before = Number.POSITIVE_INFINITY,
		): Promise<void> => {
			const { window = "", takenUp = [], text } = request
			const key = keyOf(request)
			const isDone = async (name: string) => {
				if (windowOf(name) === window) return (keptWhen.get(name) ?? 0) <= before
				const kept = await readKept(join(place, name))
				return kept !== undefined && (kept.text === text || takenUp.includes(idOf(name, kept)))
			}
			return turns(key, () =>
				onDisk(place, async () => {
					for (const name of (await listFree()).filter((name) => name.startsWith(`${key}.`)))
						if (await isDone(name)) await rm(join(place, name), { force: true })
				}),
			)
		},
		/** Those of a module that say something else than their files, newest first; `base` tells one whose file has changed. */
		list: (folder: string): Promise<TextDraft[]> =>
			onDisk(place, async () => {
				const drafts = await Promise.all((await listFree()).map((name) => readDraft(place, name, folder)))
				return drafts.filter((draft) => draft !== undefined).sort((a, b) => (a.keptAt < b.keptAt ? 1 : -1))
			}),
	}
}

/** `KEY.PID-START.WINDOW.json`, or `KEY.PID-START.json`. */
function ownerOf(name: string): string {
	return (name.split(".")[1] ?? "").replace("-", ":")
}

function isFree(of: string, own: string): boolean {
	return of === own || !isOwnerAlive(of)
}

function windowOf(name: string): string {
	const [, , window = "", end] = name.split(".")
	return end === undefined ? "" : window
}

type Kept = z.infer<typeof keptSchema>

/** Kept anew it has another time, so that nobody drops a text that they have not seen. */
function idOf(name: string, { keptAt }: Kept): string {
	return `${name} ${keptAt}`
}

/** Undefined for what makes no sense, or is gone. */
async function readKept(path: string): Promise<Kept | undefined> {
	return keptSchema.safeParse(parseJson((await readFile(path, "utf8").catch(isMissing)) ?? "")).data
}

/** Undefined for one of another module, and one that its file agrees with. */
async function readDraft(place: string, name: string, folder: string): Promise<TextDraft | undefined> {
	const kept = await readKept(join(place, name))
	if (kept?.folder !== folder) return undefined
	const file = join(folder, kept.target === undefined ? "index.json" : sourceName(kept.target))
	const found = await stat(file).catch(isMissing)
	const isSame =
		found !== undefined && found.size === Buffer.byteLength(kept.text) && (await readFile(file, "utf8")) === kept.text
	const { folder: _, owner: __, ...draft } = kept
	return isSame ? undefined : { id: idOf(name, kept), ...draft }
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text)
	} catch {
		return undefined // Half a disk's worth of luck: our own writing is atomic, so it is not ours.
	}
}
