import { cpSync, existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { publish } from "../../../../../core/fleet/library/publish.ts"
import { noSigner } from "../../../../../core/fleet/library/signature.ts"
import { createTraitsReader } from "../../../../../core/fleet/library/traits.ts"
import { createTurns } from "../../../../../core/fleet/library/turns.ts"
import { projectFolder } from "../../../../support/appliances/paths.ts"
import { failureOf, makeModule, makePlace, type Place, publish as publishNow, read, writeFiles } from "./place.ts"

/** A signal that is aborted from its `count`-th look on. */
function abortedAfter(count: number): AbortSignal {
	let looks = 0
	const signal = {
		get aborted() {
			return looks++ >= count
		},
	}
	return signal as AbortSignal
}

/** Stops work at its first look, its second ...; answers how often it was stopped before it came to its end. */
async function stopEverywhere(work: (signal: AbortSignal) => Promise<unknown>, expectNothing: () => unknown) {
	for (let count = 0; ; count++) {
		const code = await work(abortedAfter(count)).then(
			() => undefined,
			(error) => error.failure?.code ?? error,
		)
		if (code === undefined) return count
		expect(code).toBe("cancelled")
		await expectNothing()
	}
}

const files = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`src/more/${i}.txt`, `${i}\n`]))
const listed = ({ library }: Place) => readdirSync(library.folder)

test("an import, with its history, and a copy: stopped anywhere, nothing of it is there; else all of it", async () => {
	const place = makePlace()
	const { library, root } = place
	const from = makeModule(root, "theirs", files)
	await publishNow(library, from)
	const imported = await stopEverywhere(
		(signal) => library.import({ folder: from, copy: true, name: "ours" }, signal),
		() => expect(listed(place)).toEqual([]),
	)
	// Every file, and parts of the history.
	expect(imported).toBeGreaterThan(12)
	expect((await library.versions(join(library.folder, "ours"))).versions).toHaveLength(1)
	const copied = await stopEverywhere(
		(signal) => library.duplicate(from, "copy", signal),
		() => expect(listed(place)).toEqual(["ours"]),
	)
	expect(copied).toBeGreaterThan(5)
	expect(existsSync(join(library.folder, "copy/src/more/4.txt"))).toBe(true)
})

test("an import of a legacy module: stopped anywhere, nothing of it is there", async () => {
	const place = makePlace()
	const { library, root } = place
	const folder = join(root, "old")
	cpSync(join(projectFolder, "test/fixtures/legacy/operations"), folder, { recursive: true })
	const { base } = await library.readLegacy(folder)
	const count = await stopEverywhere(
		(signal) => library.importLegacy({ folder, name: "new", base }, signal),
		() => expect(listed(place)).toEqual([]),
	)
	expect(count).toBeGreaterThan(3)
	expect(listed(place)).toEqual(["new"])
})

test("publishing: stopped anywhere before it writes, nothing is published and no file is another one", async () => {
	const { library, root, store } = makePlace()
	const folder = makeModule(root, "fix", files)
	const deps = {
		...{ store: store.library, exclusively: store.inTransaction, turns: createTurns(), cache: new Map() },
		...{ readTraits: createTraitsReader(new Map()), now: () => new Date(), signer: noSigner },
	}
	const { base, content } = await library.propose(folder)
	const text = read(folder)
	const request = { folder, base, content, version: "2.0.0" }
	const count = await stopEverywhere(
		(signal) => publish(deps, request, signal),
		async () => {
			expect(read(folder)).toBe(text)
			expect((await library.versions(folder)).versions).toEqual([])
			expect(existsSync(join(folder, ".git/refs/heads/main"))).toBe(false)
		},
	)
	expect(count).toBeGreaterThan(7)
	expect((await library.versions(folder)).versions).toMatchObject([{ version: "2.0.0" }])
	expect(read(folder)).toContain("2.0.0")
})

test("publishing is stopped by whoever asks, and not any more once it writes", async () => {
	let late: (() => unknown) | undefined
	const place = makePlace({
		now: () => {
			// Asked for the time of the commit: the version is in the text by then.
			late?.()
			return new Date()
		},
	})
	const { library, root } = place
	const folder = makeModule(root, "fix", files)
	const { base, content } = await library.propose(folder)
	const request = { folder, base, content, version: "2.0.0" }
	const asking = setInterval(() => void library.stopPublishing(folder), 1)
	expect(await failureOf(library.publish(request)).finally(() => clearInterval(asking))).toMatchObject({
		code: "cancelled",
	})
	late = () => library.stopPublishing(folder)
	expect(await library.publish(request)).toMatchObject({ state: "published" })
	late = undefined
	writeFiles(folder, { "src/a.txt": "two\n" })
	await library.stopPublishing(folder)
	expect(await publishNow(library, folder)).toMatchObject({ version: { version: "2.0.1" } })
})
