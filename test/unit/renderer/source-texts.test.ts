import { ORPCError } from "@orpc/client"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { LibraryOpened, SaveResult, SourceContent } from "../../../core/schema/library.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import { openSource, type SourceText, withDiscarded, withNews } from "../../../renderer/stores/source-text.ts"
import { countTyped, createSourceTexts, type SourceTexts } from "../../../renderer/stores/source-texts.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A disk of texts whose digests are the texts themselves; what was asked of it is written down. */
function createDesk(files: Record<string, string | undefined>) {
	const asked: string[] = []
	let refusal: Error | undefined
	let draftRefusal: Error | undefined
	let slow: Promise<void> | undefined
	const library = {
		async readSource({ target }: { target: string }): Promise<SourceContent> {
			asked.push(`read ${target}`)
			const text = files[target]
			await slow
			const failure = { code: "not-found", data: { kind: "file", path: target } }
			if (text === undefined) throw new ORPCError("FAILURE", { data: failure })
			const shown = text.startsWith("\0") ? {} : { text }
			return { target, size: text.length, digest: text, isExecutable: false, ...shown }
		},
		async save({ target, text, base }: { target: string; text: string; base?: string }): Promise<SaveResult> {
			asked.push(`save ${target} over ${base}`)
			const refused = refusal
			const seen = files[target]
			const isSaved = !refused && seen === base
			if (isSaved) files[target] = text
			// Written already when the answer comes.
			await slow
			if (refused) throw refused
			return isSaved
				? { state: "saved", digest: text }
				: { state: "conflict", theirs: { text: seen, digest: seen }, ours: text }
		},
		async keepDraft({ target, text }: { target: string; text: string }) {
			if (draftRefusal) throw draftRefusal
			asked.push(`keep ${target}: ${text}`)
		},
		dropDrafts: async ({ target }: { target: string }) => void asked.push(`drop ${target}`),
	}
	const sources = createSourceTexts({ library } as unknown as Api, "/m")
	const told = (drafts: LibraryOpened["drafts"] = []): LibraryOpened => ({
		...{ folder: "/m", name: "m", text: "{}", textDigest: "0", findings: [], isArchived: false, drafts },
		standing: { working: { state: "changed" }, repository: { state: "none" }, problems: [] },
		sources: Object.entries(files).flatMap(([target, text]) =>
			text === undefined
				? []
				: [{ target: target.replace("src/", ""), size: 1, digest: text, used: true, isExecutable: false }],
		),
	})
	const tell = async (drafts?: LibraryOpened["drafts"]) => {
		sources.tell(told(drafts))
		await vi.advanceTimersByTimeAsync(0)
	}
	return {
		asked,
		files,
		sources,
		tell,
		refuseDrafts: (error: Error | undefined) => (draftRefusal = error),
		refuse: (error: Error | undefined) => (refusal = error),
		slowDown: (until?: Promise<void>) => (slow = until),
	}
}

function sourceOf(sources: SourceTexts, target = "a"): SourceText {
	const now = sources.store.getState().texts[target]
	if (now?.state !== "text") throw new Error(`${target} is ${now?.state}`)
	return now.source
}

test("what is typed is kept within a second, saved over what it began from, and kept no longer", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.type("a", "two")
	desk.sources.type("a", "three")
	expect(countTyped(desk.sources.store.getState())).toBe(1)
	await vi.advanceTimersByTimeAsync(1000)
	expect(await desk.sources.saveAll()).toBe(true)
	expect(countTyped(desk.sources.store.getState())).toBe(0)
	expect(await desk.sources.saveAll()).toBe(true)
	expect(desk.asked).toEqual(["read src/a", "keep src/a: three", "save src/a over one"])
	desk.sources.type("a", "four")
	desk.sources.type("a", "three")
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.at(-1)).toBe("drop src/a")
})

test("news from the disk is taken over where nothing is typed, and is a conflict else", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	const { revision } = sourceOf(desk.sources)
	desk.files["src/a"] = "outside"
	await desk.tell()
	expect(sourceOf(desk.sources)).toMatchObject({ text: "outside", notice: "taken-over" })
	expect(sourceOf(desk.sources).revision).not.toBe(revision)
	desk.sources.type("a", "mine")
	desk.files["src/a"] = "theirs"
	await desk.tell()
	expect(sourceOf(desk.sources)).toMatchObject({ text: "mine", conflict: { text: "theirs" } })
	expect(await desk.sources.saveAll()).toBe(false)
	expect(desk.files["src/a"]).toBe("theirs")
	desk.sources.choose("a", "ours")
	expect(await desk.sources.save("a")).toBe(true)
	expect(desk.files["src/a"]).toBe("mine")
	// Late news of what was saved from here is none.
	await desk.tell()
	expect(sourceOf(desk.sources)).toMatchObject({ text: "mine", conflict: undefined, notice: undefined })
})

test("what was read before a save ended is older than it, and takes nothing over", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.type("a", "mine")
	desk.files["src/a"] = "for a moment"
	let answer = () => {}
	desk.slowDown(new Promise((resolve) => (answer = resolve)))
	await desk.tell()
	desk.files["src/a"] = "one"
	desk.slowDown()
	expect(await desk.sources.save("a")).toBe(true)
	answer()
	await vi.advanceTimersByTimeAsync(0)
	expect(sourceOf(desk.sources)).toMatchObject({ text: "mine", base: { text: "mine" } })
	expect(sourceOf(desk.sources).conflict).toBeUndefined()
	expect(sourceOf(desk.sources).notice).toBeUndefined()
	// What stands there once more afterwards is somebody else's.
	desk.files["src/a"] = "one"
	await desk.tell()
	expect(sourceOf(desk.sources)).toMatchObject({ text: "one", notice: "taken-over" })
})

test("news of a save that come before its answer are no conflict with what was typed since", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.type("a", "two")
	let answer = () => {}
	desk.slowDown(new Promise((resolve) => (answer = resolve)))
	const saved = desk.sources.save("a")
	desk.slowDown()
	desk.sources.type("a", "two and more")
	await desk.tell()
	expect(sourceOf(desk.sources).conflict).toBeUndefined()
	answer()
	expect(await saved).toBe(true)
	await vi.advanceTimersByTimeAsync(0)
	expect(sourceOf(desk.sources)).toMatchObject({ text: "two and more", base: { text: "two" } })
	expect(sourceOf(desk.sources).conflict).toBeUndefined()
})

test("news that comes while a save fails is not lost", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.type("a", "mine")
	let answer = () => {}
	desk.slowDown(new Promise((resolve) => (answer = resolve)))
	desk.refuse(new Error("full"))
	const saved = desk.sources.save("a")
	desk.files["src/a"] = "theirs"
	desk.slowDown()
	await desk.tell()
	answer()
	expect(await saved).toBe(false)
	await vi.advanceTimersByTimeAsync(0)
	expect(sourceOf(desk.sources)).toMatchObject({
		text: "mine",
		conflict: { text: "theirs" },
		problem: { kind: "save" },
	})
})

test("a conflict that a save finds keeps both texts; theirs can be taken", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.type("a", "mine")
	desk.files["src/a"] = "theirs"
	expect(await desk.sources.save("a")).toBe(false)
	expect(sourceOf(desk.sources)).toMatchObject({ text: "mine", conflict: { text: "theirs" }, saving: undefined })
	desk.sources.choose("a", "theirs")
	expect(sourceOf(desk.sources)).toMatchObject({ text: "theirs", conflict: undefined })
	expect(countTyped(desk.sources.store.getState())).toBe(0)
})

test("what is typed outlives its file, and saving makes it anew", async () => {
	const desk = createDesk({ "src/a": "one", "src/b": "two" })
	await desk.tell()
	await desk.sources.open("a")
	await desk.sources.open("b")
	desk.sources.type("a", "mine")
	desk.files["src/a"] = undefined
	desk.files["src/b"] = undefined
	await desk.tell()
	expect(sourceOf(desk.sources)).toMatchObject({ text: "mine", notice: "removed" })
	expect(desk.sources.store.getState().texts.b).toBeUndefined()
	expect(await desk.sources.save("a")).toBe(true)
	expect(desk.files["src/a"]).toBe("mine")
})

test("a save that does not succeed says so, and what was typed stays", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.type("a", "mine")
	desk.refuse(new Error("full"))
	expect(await desk.sources.saveAll()).toBe(false)
	expect(sourceOf(desk.sources)).toMatchObject({ text: "mine", saving: undefined, problem: { kind: "save" } })
	desk.refuse(undefined)
	expect(await desk.sources.saveAll()).toBe(true)
	expect(sourceOf(desk.sources).problem).toBeUndefined()
})

test("drafts of the last time come back: as typed, as a conflict, and without their file", async () => {
	const desk = createDesk({ "src/a": "one", "src/b": "changed" })
	const draft = { keptAt: "2026-01-01T00:00:00Z" }
	await desk.tell([
		{ id: "1", target: "src/a", text: "a typed", base: "one", ...draft },
		{ id: "2", target: "src/b", text: "b typed", base: "two", ...draft },
		{ id: "3", target: "src/gone", text: "c typed", base: "three", ...draft },
		{ id: "4", text: "index", base: "0", ...draft },
	])
	await desk.sources.open("a")
	await desk.sources.open("b")
	expect(sourceOf(desk.sources)).toMatchObject({ text: "a typed", notice: "draft-restored" })
	expect(sourceOf(desk.sources).conflict).toBeUndefined()
	expect(sourceOf(desk.sources, "b")).toMatchObject({ text: "b typed", conflict: { text: "changed" } })
	expect(sourceOf(desk.sources, "gone")).toMatchObject({ text: "c typed", base: { text: "" } })
	expect(countTyped(desk.sources.store.getState())).toBe(3)
	desk.sources.discard("a")
	desk.sources.discard("gone")
	await vi.advanceTimersByTimeAsync(1000)
	expect(sourceOf(desk.sources).text).toBe("one")
	expect(desk.asked).toContain("drop src/a")
	expect(desk.asked).toContain("drop src/gone")
})

test("a mend is saved where nothing else was typed, and waits with what was", async () => {
	const desk = createDesk({ "src/a": "one\r\n", "src/b": "two", "src/c": "\0binary" })
	await desk.tell()
	expect(await desk.sources.mend("a", "line-ends")).toBe(true)
	expect(desk.files["src/a"]).toBe("one\n")
	await desk.sources.open("b")
	desk.sources.type("b", "two more")
	expect(await desk.sources.mend("b", "final-newline")).toBe(true)
	expect(sourceOf(desk.sources, "b").text).toBe("two more\n")
	expect(desk.files["src/b"]).toBe("two")
	expect(await desk.sources.mend("c", "final-newline")).toBe(false)
	expect(desk.sources.store.getState().texts.c).toMatchObject({ state: "binary" })
})

test("a text goes along when its file gets another name", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	desk.sources.select("a")
	await vi.advanceTimersByTimeAsync(0)
	desk.sources.type("a", "typed")
	desk.files["src/x/b"] = "one"
	desk.files["src/a"] = undefined
	desk.sources.moved("a", "x/b")
	await desk.tell()
	expect(desk.sources.store.getState().selected).toBe("x/b")
	expect(sourceOf(desk.sources, "x/b")).toMatchObject({ text: "typed" })
	expect(sourceOf(desk.sources, "x/b").notice).toBeUndefined()
	await desk.sources.saveAll()
	expect(desk.files["src/x/b"]).toBe("typed")
})

test("one that is renamed while it is read is read under its new name, with its draft", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell([{ id: "1", target: "src/a", text: "typed", base: "one", keptAt: "2026-01-01T00:00:00Z" }])
	const read = Promise.withResolvers<void>()
	desk.slowDown(read.promise)
	const opening = desk.sources.open("a")
	desk.files["src/b"] = "one"
	desk.files["src/a"] = undefined
	desk.sources.moved("a", "b")
	desk.slowDown(undefined)
	await vi.advanceTimersByTimeAsync(0)
	read.resolve()
	await opening
	expect(Object.keys(desk.sources.store.getState().texts)).toEqual(["b"])
	expect(sourceOf(desk.sources, "b")).toMatchObject({ text: "typed", base: { digest: "one" } })
	expect(sourceOf(desk.sources, "b").conflict).toBeUndefined()
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.slice(-2)).toEqual(["keep src/b: typed", "drop src/a"])
})

test("of a text's drafts the newest is taken up", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell([
		{ id: "2", target: "src/a", text: "newer", base: "one", keptAt: "2026-01-02T00:00:00Z" },
		{ id: "1", target: "src/a", text: "older", base: "one", keptAt: "2026-01-01T00:00:00Z" },
	])
	await desk.sources.open("a")
	expect(sourceOf(desk.sources)).toMatchObject({ text: "newer", takenUp: ["2"] })
})

test("a draft goes along too: the old one is dropped when the new one is kept", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	desk.sources.select("a")
	await vi.advanceTimersByTimeAsync(0)
	desk.sources.type("a", "typed")
	await vi.advanceTimersByTimeAsync(1000)
	desk.refuseDrafts(new Error("full"))
	desk.sources.moved("a", "b")
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked).not.toContain("drop src/a")
	expect(sourceOf(desk.sources, "b").problem).toMatchObject({ kind: "draft" })
	desk.refuseDrafts(undefined)
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.slice(-2)).toEqual(["keep src/b: typed", "drop src/a"])
	expect(sourceOf(desk.sources, "b").problem).toBeUndefined()
})

test("a draft that goes along is kept within a second though nothing more is typed", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.type("a", "typed")
	await vi.advanceTimersByTimeAsync(500)
	desk.sources.moved("a", "b")
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.slice(-2)).toEqual(["keep src/b: typed", "drop src/a"])
})

test("where nothing is typed a new name leaves no draft behind", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.moved("a", "b")
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked).toContain("drop src/a")
	expect(desk.asked.filter((one) => one.startsWith("keep"))).toEqual([])
})

test("what is typed while a save is under way has a draft soon after it", async () => {
	const desk = createDesk({ "src/a": "one" })
	await desk.tell()
	await desk.sources.open("a")
	desk.sources.type("a", "mine")
	let answer = () => {}
	desk.slowDown(new Promise((resolve) => (answer = resolve)))
	const saving = desk.sources.save("a")
	desk.sources.type("a", "mine and more")
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.at(-1)).toBe("keep src/a: mine and more")
	answer()
	expect(await saving).toBe(true)
	const before = desk.asked.length
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.slice(before)).toEqual(["keep src/a: mine and more"])
})

test("of a source: a conflict ends when its cause is gone, and going back is going to what is on disk", () => {
	const content = (text: string) => ({ target: "a", size: 1, isExecutable: false, text, digest: `digest of ${text}` })
	const typed = { ...openSource(content("one")), text: "typed" }
	const other = withNews(typed, content("two")) as SourceText
	expect(other.conflict?.text).toBe("two")
	expect(withNews(other, content("one"))).toMatchObject({ text: "typed", conflict: undefined })
	expect(withDiscarded(other)).toMatchObject({ text: "two", base: { text: "two" }, conflict: undefined })
	expect(withDiscarded(typed)).toMatchObject({ text: "one", base: { text: "one" } })
	const waiting = openSource(content("one"), { id: "1", text: "typed", base: "another" })
	expect(withNews(waiting, content("one"))).toMatchObject({ conflict: { text: "one" } })
})
