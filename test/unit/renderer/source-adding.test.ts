import { ORPCError } from "@orpc/client"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { NewSource, SourceResult } from "../../../core/schema/library.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import { createSourceAdding, groupsOf, type PickedFile } from "../../../renderer/stores/source-adding.ts"

/** Reads as the browser does; a blob of type `gone` cannot be. */
class Reader {
	result = ""
	error?: DOMException
	onload = () => {}
	onerror = () => {}
	async readAsDataURL(blob: Blob) {
		const text = await blob.text()
		this.result = `data:;base64,${Buffer.from(text).toString("base64")}`
		if (text !== "gone") return this.onload()
		this.error = new DOMException("", "NotFoundError")
		this.onerror()
	}
}
beforeEach(() => void vi.stubGlobal("FileReader", Reader))
afterEach(() => void vi.unstubAllGlobals())

/** A desk that keeps what arrives; `result` says what becomes of a target. */
function createDesk(result: (target: string) => SourceResult["state"] = () => "done") {
	const [uploads, added, dropped] = [new Map<string, string>(), new Map<string, string>(), [] as string[]]
	let isOffline = false
	const library = {
		async put({ upload, piece }: { upload?: string; piece: string }) {
			const id = upload ?? `upload-${uploads.size}`
			uploads.set(id, (uploads.get(id) ?? "") + Buffer.from(piece, "base64").toString())
			return { upload: id, size: 0 }
		},
		async dropUploads({ uploads: ids }: { uploads: string[] }) {
			dropped.push(...ids)
			for (const id of ids) uploads.delete(id)
		},
		async addSources({ sources }: { sources: NewSource[] }, { signal }: { signal: AbortSignal }) {
			if (isOffline) throw new Error("offline")
			return (async function* () {
				for (const { target, from } of sources) {
					if (from.kind === "path") added.set(target, from.path)
					signal.throwIfAborted()
					const state = result(target)
					if (from.kind === "upload" && state === "done") added.set(target, uploads.get(from.upload) ?? "")
					const failure = { code: "disk-full", data: {} } as const
					yield { count: 1, total: 1, results: [state === "failed" ? { state, target, failure } : { state, target }] }
				}
			})()
		},
	}
	const adding = createSourceAdding({ library } as unknown as Api, "/m")
	const offline = () => (isOffline = true)
	return { adding, uploads, added, dropped, offline, now: () => adding.store.getState().adding }
}

const file = (target: string, text = target): PickedFile => ({ target, file: new Blob([text]) })

test("files arrive whole, also in pieces and empty, under their names", async () => {
	const desk = createDesk()
	const long = "x".repeat(2_500_000)
	const there = await desk.adding.start([file("a"), file("src/b"), file("empty", ""), file("long", long)])
	expect(there).toEqual(["a", "src/b", "empty", "long"])
	expect([...desk.added.keys()]).toEqual(["src/a", "src/src/b", "src/empty", "src/long"])
	expect(desk.added.get("src/long") === long).toBe(true)
	expect(desk.now()).toMatchObject({ state: "ended", total: 4, sent: 4, done: 4, failed: [], kept: [] })
})

test("a file whose path is known is copied from there and not sent", async () => {
	const desk = createDesk()
	expect(await desk.adding.start([{ ...file("a"), path: "/home/a" }, file("b")])).toEqual(["a", "b"])
	expect(desk.uploads.size).toBe(1)
	expect(desk.added.get("src/a")).toBe("/home/a")
	expect(desk.added.get("src/b")).toBe("b")
})

test("each failure has its sentence and stops no other; what lies there already is kept", async () => {
	const states: Record<string, SourceResult["state"]> = { "src/full": "failed", "src/there": "conflict" }
	const desk = createDesk((target) => states[target] ?? "done")
	const there = await desk.adding.start([file("a"), file("vanished", "gone"), file("full"), file("there"), file("z")])
	expect(there).toEqual(["a", "there", "z"])
	expect(desk.now()).toMatchObject({
		state: "ended",
		done: 5,
		failed: [
			{ target: "vanished", failure: { code: "source-refused", data: { reason: "vanished" } } },
			{ target: "full", failure: { code: "disk-full" } },
		],
		kept: [{ picked: { target: "there" } }],
	})
})

test("cancelled, it begins nothing more and leaves no upload behind", async () => {
	const desk = createDesk()
	const files = Array.from({ length: 350 }, (_, index) => file(String(index)))
	const stop = desk.adding.store.subscribe(({ adding }) => {
		if (adding && adding.sent >= 130) desk.adding.cancel()
	})
	const there = await desk.adding.start(files)
	stop()
	expect(there).toHaveLength(100)
	expect(desk.added.size).toBe(100)
	expect(desk.now()).toMatchObject({ state: "cancelled", total: 350, done: 100 })
	expect(desk.dropped.length).toBeGreaterThanOrEqual(30)
	// Those that were added are the program's to remove.
	expect(desk.uploads.size).toBe(100)
})

test("one job at a time: a second one is refused, and the first goes on", async () => {
	const desk = createDesk()
	const first = desk.adding.start([file("a"), file("b")])
	await expect(desk.adding.start([file("c")])).rejects.toThrow("cannot add files while others are being added")
	expect(await first).toEqual(["a", "b"])
	expect(await desk.adding.start([file("c")])).toEqual(["c"])
})

test("what arrives late for a cancelled job says nothing of the next one", async () => {
	const desk = createDesk()
	const first = desk.adding.start([file("a"), file("b"), file("c"), file("d")])
	desk.adding.cancel()
	const second = desk.adding.start([file("e")])
	expect(await first).toEqual([])
	expect(await second).toEqual(["e"])
	expect(desk.now()).toMatchObject({ state: "ended", total: 1, sent: 1, done: 1 })
})

test("a program that is gone ends it, and what was not begun is told", async () => {
	const desk = createDesk()
	desk.offline()
	expect(await desk.adding.start([file("a"), file("b")])).toEqual([])
	expect(desk.now()).toMatchObject({ state: "ended", done: 0, error: new Error("offline") })
})

test("a file that the program refuses fails alone", async () => {
	const failure = { code: "source-refused", data: { reason: "too-large" } }
	const adding = createSourceAdding(
		{ library: { put: async () => Promise.reject(new ORPCError("FAILURE", { data: failure })) } } as unknown as Api,
		"/m",
	)
	expect(await adding.start([file("a")])).toEqual([])
	expect(adding.store.getState().adding).toMatchObject({ state: "ended", done: 1, failed: [{ target: "a", failure }] })
})

test("groups hold at most 100 files and 32 MiB", () => {
	const sized = (size: number): PickedFile => ({ target: "a", file: { size } as Blob })
	const mebibytes = 1024 * 1024
	expect(groupsOf([])).toEqual([])
	expect(groupsOf(Array.from({ length: 250 }, () => sized(1))).map(({ length }) => length)).toEqual([100, 100, 50])
	expect(groupsOf([20, 12, 1, 40, 1].map((size) => sized(size * mebibytes))).map(({ length }) => length)).toEqual([
		2, 1, 1, 1,
	])
})
