import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { LibraryOpened, ModuleChange, SaveResult } from "../../../core/schema/library.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import type { Editing } from "../../../renderer/stores/module-document.ts"
import {
	createModuleDocuments,
	type Finder,
	type ModuleDocumentStore,
} from "../../../renderer/stores/module-documents.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const text = '{ "pools": [ { "id": "a" } ] }'
const module: LibraryOpened = {
	...{ folder: "/m", name: "m", text, textDigest: "0", findings: [], sources: [], isArchived: false, drafts: [] },
	standing: { working: { state: "changed" }, repository: { state: "none" }, problems: [] },
}
const problem = { severity: "fault", rule: "r", path: "$", line: 1, column: 1, message: "m", remedy: "r" } as const

/** The services, as far as an editor asks them; what it asked is written down. */
function createDesk(answers: { save?: (text: string) => Promise<SaveResult>; keepDraft?: () => Promise<object> } = {}) {
	const asked: string[] = []
	let tell: (change: ModuleChange) => void = () => {}
	async function* follow() {
		const waiting: ModuleChange[] = [{ type: "snapshot", seq: 1, module }]
		let wake = () => {}
		tell = (change) => {
			waiting.push(change)
			wake()
		}
		for (;;) {
			const next = waiting.shift()
			if (next) yield next
			else await new Promise<void>((resolve) => (wake = resolve))
		}
	}
	const saved = async (): Promise<SaveResult> => ({ state: "saved", digest: "1" })
	const library = {
		follow: async () => follow(),
		save: (request: { text: string; base?: string }) => {
			asked.push(`save ${request.base}: ${request.text}`)
			return (answers.save ?? saved)(request.text)
		},
		keepDraft: (request: { text: string }) => {
			asked.push(`draft ${request.text}`)
			return (answers.keepDraft ?? (async () => ({})))()
		},
		dropDrafts: async () => {
			asked.push("drop")
			return {}
		},
	}
	return { asked, api: { library } as unknown as Api, tell: (change: ModuleChange) => tell(change) }
}

const quiet: Finder = async () => []

async function open(desk: ReturnType<typeof createDesk>, find = quiet) {
	const documents = createModuleDocuments(desk.api, find)
	const document = documents.of("/m")
	document.follow()
	await vi.advanceTimersByTimeAsync(0)
	return { documents, document }
}

function editingOf({ store }: ModuleDocumentStore): Editing {
	const now = store.getState()
	if (now.state !== "open") throw new Error(`the document is ${now.state}`)
	return now.editing
}

const type = (document: ModuleDocumentStore, id: string) =>
	document.act({ label: "rename", edits: [{ kind: "set", path: ["pools", 0, "id"], value: id }] }, "id")
const withId = (id: string) => text.replace('"a"', JSON.stringify(id))

test("a draft is kept within a second, once, and the last key counts", async () => {
	const desk = createDesk()
	const { document } = await open(desk)
	for (const id of ["b", "bc", "bcd"]) type(document, id)
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked).toEqual([`draft ${withId("bcd")}`])
	for (let key = 0; key < 30; key++) {
		type(document, `x${key}`)
		await vi.advanceTimersByTimeAsync(100)
	}
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.length).toBeLessThanOrEqual(5)
	expect(desk.asked.at(-1)).toBe(`draft ${withId("x29")}`)
})

test("what is undone to the text on disk needs no draft any more", async () => {
	const desk = createDesk()
	const { document } = await open(desk)
	type(document, "b")
	await vi.advanceTimersByTimeAsync(1000)
	document.undo()
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked).toEqual([`draft ${withId("b")}`, "drop"])
})

test("a draft that cannot be kept is said", async () => {
	const { document } = await open(createDesk({ keepDraft: () => Promise.reject(new Error("full")) }))
	type(document, "b")
	await vi.advanceTimersByTimeAsync(1000)
	expect(editingOf(document).problem).toMatchObject({ kind: "draft" })
})

test("a draft that could not be kept is kept at the next turn; until then it is said, however much is typed", async () => {
	let isFull = true
	const keepDraft = () => (isFull ? Promise.reject(new Error("full")) : Promise.resolve({}))
	const desk = createDesk({ keepDraft })
	const { document } = await open(desk)
	type(document, "b")
	await vi.advanceTimersByTimeAsync(1000)
	type(document, "bc")
	document.undo()
	document.redo()
	expect(editingOf(document).problem).toMatchObject({ kind: "draft" })
	await vi.advanceTimersByTimeAsync(1000)
	isFull = false
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.at(-1)).toBe(`draft ${withId("bc")}`)
	expect(editingOf(document).problem).toBeUndefined()
	const { length } = desk.asked
	await vi.advanceTimersByTimeAsync(5000)
	expect(desk.asked).toHaveLength(length)
})

test("saved with its base; saved again with the one after it", async () => {
	const desk = createDesk()
	const { document, documents } = await open(desk)
	type(document, "b")
	expect(documents.hasUnsaved()).toBe(true)
	expect(await document.save()).toBe(true)
	expect(documents.hasUnsaved()).toBe(false)
	type(document, "c")
	await document.save()
	expect(desk.asked).toEqual([`save 0: ${withId("b")}`, `save 1: ${withId("c")}`])
})

test("what is typed while a save is under way is to be saved afterwards", async () => {
	let end = () => {}
	const save = () => new Promise<SaveResult>((resolve) => (end = () => resolve({ state: "saved", digest: "1" })))
	const { document } = await open(createDesk({ save }))
	type(document, "b")
	const saving = document.save()
	type(document, "bc")
	expect(await document.save()).toBe(false)
	end()
	expect(await saving).toBe(true)
	expect(editingOf(document).base).toEqual({ text: withId("b"), digest: "1" })
	expect(editingOf(document).document.text).toBe(withId("bc"))
})

test("what is typed while a save is under way has a draft soon after it", async () => {
	let end = () => {}
	const save = () => new Promise<SaveResult>((resolve) => (end = () => resolve({ state: "saved", digest: "1" })))
	const desk = createDesk({ save })
	const { document } = await open(desk)
	type(document, "b")
	const saving = document.save()
	type(document, "bc")
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.at(-1)).toBe(`draft ${withId("bc")}`)
	end()
	await saving
	const before = desk.asked.length
	await vi.advanceTimersByTimeAsync(1000)
	expect(desk.asked.slice(before)).toEqual([`draft ${withId("bc")}`])
})

test("a draft that was being kept when a save ended is kept again: the save may have dropped it", async () => {
	const kept = Promise.withResolvers<object>()
	const saved = Promise.withResolvers<SaveResult>()
	const desk = createDesk({ keepDraft: () => kept.promise, save: () => saved.promise })
	const { document } = await open(desk)
	type(document, "b")
	const saving = document.save()
	type(document, "bc")
	await vi.advanceTimersByTimeAsync(1000)
	saved.resolve({ state: "saved", digest: "1" })
	await saving
	kept.resolve({})
	await vi.advanceTimersByTimeAsync(1000)
	const draft = `draft ${withId("bc")}`
	expect(desk.asked).toEqual([`save 0: ${withId("b")}`, draft, draft])
})

test("a conflict writes nothing, and nothing more is saved until somebody chose", async () => {
	const desk = createDesk({ save: async (ours) => ({ state: "conflict", ours, theirs: { text: "[2]", digest: "2" } }) })
	const { document } = await open(desk)
	type(document, "b")
	expect(await document.save()).toBe(false)
	expect(editingOf(document).conflict).toEqual({ text: "[2]", digest: "2" })
	expect(await document.save()).toBe(false)
	document.choose("ours")
	await document.save()
	expect(desk.asked).toEqual([`save 0: ${withId("b")}`, `save 2: ${withId("b")}`])
})

test("a save that fails keeps the text and says why", async () => {
	const { document } = await open(createDesk({ save: () => Promise.reject(new Error("no")) }))
	type(document, "b")
	expect(await document.save()).toBe(false)
	expect(editingOf(document)).toMatchObject({ problem: { kind: "save" }, saving: undefined })
	expect(editingOf(document).document.text).toBe(withId("b"))
})

test("findings count only for the text that they were asked for", async () => {
	const answers: (() => void)[] = []
	const find: Finder = (of) => new Promise((resolve) => answers.push(() => resolve([{ ...problem, message: of }])))
	const { document } = await open(createDesk(), find)
	type(document, "b")
	await vi.advanceTimersByTimeAsync(200)
	type(document, "bc")
	answers[0]?.()
	await vi.advanceTimersByTimeAsync(0)
	expect(editingOf(document).checked.findings).toEqual([])
	await vi.advanceTimersByTimeAsync(200)
	answers[1]?.()
	await vi.advanceTimersByTimeAsync(0)
	expect(editingOf(document).checked.findings).toEqual([{ ...problem, message: withId("bc") }])
	expect(editingOf(document).checked.document).toBe(editingOf(document).document)
})

test("keys in one field are one step until a pause", async () => {
	const { document } = await open(createDesk())
	type(document, "b")
	await vi.advanceTimersByTimeAsync(500)
	type(document, "bc")
	await vi.advanceTimersByTimeAsync(3000)
	type(document, "bcd")
	document.undo()
	expect(editingOf(document).document.text).toBe(withId("bc"))
	document.undo()
	expect(editingOf(document).document.text).toBe(text)
})

test("a retry follows anew for those who follow, and for nobody once all have left", async () => {
	const desk = createDesk()
	const follow = vi.spyOn(desk.api.library, "follow").mockRejectedValueOnce(new Error("no such module"))
	const document = createModuleDocuments(desk.api, quiet).of("/m")
	const leave = document.follow()
	await vi.advanceTimersByTimeAsync(0)
	expect(document.store.getState().state).toBe("failed")
	document.retry()
	await vi.advanceTimersByTimeAsync(0)
	expect(document.store.getState().state).toBe("open")
	leave()
	document.retry()
	await vi.advanceTimersByTimeAsync(0)
	expect(follow).toHaveBeenCalledTimes(2)
})
