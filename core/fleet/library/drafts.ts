import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { draftSchema, type TextDraft } from "../../schema/library.ts"
import { isOwnerAlive, ownOwner } from "../services/owner.ts"
import { writeFileAtomic } from "./files/atomic-file.ts"
import { isMissing, onDisk } from "./files/disk-failure.ts"
import { digestOf } from "./propose.ts"
import { sourceName } from "./source-name.ts"
import { createTurns } from "./turns.ts"

/** `folder`: so that one whose module is gone can be told; `owner`: the program it is typed in. */
const keptSchema = draftSchema.omit({ id: true }).extend({ folder: z.string(), owner: z.string() })

export interface DraftRequest {
	/** Real path. */
	folder: string
	target?: string | undefined
	text: string
	base?: string | undefined
}

export type Drafts = ReturnType<typeof createDrafts>

/**
 * Texts that were typed and not saved, one file each, outside the module folders. Two programs keep theirs apart; one
 * that is typed in a program that still runs is offered to no other.
 */
export function createDrafts(dataFolder: string, owner = ownOwner()) {
	const place = join(dataFolder, "drafts")
	const turns = createTurns()
	const keyOf = (folder: string, target: string | undefined) =>
		digestOf(`${folder}\0${target === undefined ? "index.json" : sourceName(target)}`).slice(0, 40)
	const fileOf = (key: string) => join(place, `${key}.${owner.replace(":", "-")}.json`)

	/** Drafts for one text, of this program or of one that has ended. */
	const listFor = async (folder: string, target: string | undefined): Promise<string[]> => {
		const key = keyOf(folder, target)
		const names = (await readdir(place).catch(isMissing)) ?? []
		const ours = names.filter((name) => name.startsWith(`${key}.`) && isFree(ownerOf(name), owner))
		return ours.map((name) => join(place, name))
	}

	return {
		/** On disk when it resolves. The newest of several at once counts. */
		keep: ({ folder, target, text, base }: DraftRequest, keptAt: Date): Promise<void> =>
			turns(keyOf(folder, target), () =>
				onDisk(place, async () => {
					await mkdir(place, { recursive: true, mode: 0o700 })
					const kept = { folder, owner, keptAt: keptAt.toISOString(), text, target, base }
					await writeFileAtomic(fileOf(keyOf(folder, target)), JSON.stringify(kept))
				}),
			),
		/** After a save, or when a person wants none of them. */
		drop: (folder: string, target: string | undefined): Promise<void> =>
			turns(keyOf(folder, target), () =>
				onDisk(place, async () => {
					for (const file of await listFor(folder, target)) await rm(file, { force: true })
				}),
			),
		/** Those of a module that say something else than their files, newest first; `base` tells one whose file has changed. */
		list: (folder: string): Promise<TextDraft[]> =>
			onDisk(place, async () => {
				const names = (await readdir(place).catch(isMissing)) ?? []
				const free = names.filter((name) => name.endsWith(".json") && isFree(ownerOf(name), owner))
				const drafts = await Promise.all(free.map((name) => readDraft(join(place, name), name, folder)))
				return drafts.filter((draft) => draft !== undefined).sort((a, b) => (a.keptAt < b.keptAt ? 1 : -1))
			}),
	}
}

function ownerOf(name: string): string {
	return (name.split(".")[1] ?? "").replace("-", ":")
}

function isFree(of: string, own: string): boolean {
	return of === own || !isOwnerAlive(of)
}

/** Undefined for one of another module, one that its file agrees with, and one that makes no sense. */
async function readDraft(path: string, id: string, folder: string): Promise<TextDraft | undefined> {
	const text = await readFile(path, "utf8").catch(isMissing)
	const kept = keptSchema.safeParse(parseJson(text ?? "")).data
	if (kept?.folder !== folder) return undefined
	const file = join(folder, kept.target === undefined ? "index.json" : sourceName(kept.target))
	const found = await stat(file).catch(isMissing)
	const isSame =
		found !== undefined && found.size === Buffer.byteLength(kept.text) && (await readFile(file, "utf8")) === kept.text
	const { folder: _, owner: __, ...draft } = kept
	return isSame ? undefined : { id, ...draft }
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text)
	} catch {
		return undefined // Half a disk's worth of luck: our own writing is atomic, so it is not ours.
	}
}
