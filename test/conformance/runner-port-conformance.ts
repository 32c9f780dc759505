import { chmod, chown, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { gzipSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { PROTOCOL_VERSION } from "../../core/protocol/runner-calls.ts"
import type { RunnerPort } from "../../core/protocol/runner-port.ts"
import { type AnyEvent, isKnownEvent, type RunEvent } from "../../core/schema/event.ts"
import { FailureError } from "../../core/schema/failure.ts"
import { inPieces, makeSample, requestOf, type Sample, sha256, supplyAll } from "./sample-module.ts"

/** A runner on a machine whose files this test reads and writes as its own. */
export interface ConformancePlace {
	/** Opens one more connection to the same runner's state. */
	connect(): Promise<RunnerPort>
	/** Breaks a connection as a network does, where there is one to break; closes it otherwise. */
	cut(port: RunnerPort): Promise<void>
	stateFolder: string
	/** An empty folder for destinations. */
	folder: string
	/** How the runner names `folder` where that is not its path here. */
	seenAs?: string
	/** Whose the files are that were there before; the runner's account. The test's own when absent. */
	uid?: number | undefined
	/** Ends everything that was started. */
	end(): Promise<void>
}

/** What every `RunnerPort` keeps, however its calls are carried. Each test has a place of its own; none needs root. */
export function runnerPortConformance(name: string, createPlace: () => Promise<ConformancePlace>): void {
	describe(`RunnerPort: ${name}`, () => {
		let place: ConformancePlace
		let port: RunnerPort
		beforeEach(async () => {
			place = await createPlace()
			port = await place.connect()
		})
		afterEach(async () => {
			await open(place)
			await place.end()
		})

		/** Also ends with the place: a loop that looked away while the gate was open would stay for ever. */
		const waitForGate = () => `while [ -d ${place.folder} ] && [ ! -e ${at("gate")} ]; do sleep 0.05; done`
		/** One file whose closure tells that it began, then waits for the gate. */
		const slow = (version = "1.0.0") =>
			makeSample(version, [
				{
					id: "slow",
					files: { [at("slow.conf")]: `new ${version}\n` },
					closure: [`echo begun; touch ${at("begun")}`, waitForGate()],
				},
			])
		const at = (file: string) => join(place.folder, file)
		const write = async (file: string, text: string) => {
			await writeFile(at(file), text)
			if (place.uid !== undefined) await chown(at(file), place.uid, place.uid)
		}
		const read = (file: string) => readFile(at(file), "utf8")

		async function start(sample: Sample, through = port, as?: string): Promise<string> {
			await supplyAll(through, sample)
			const result = await through.start({ ...requestOf(sample), ...(as !== undefined && { as }) })
			expect(result).toMatchObject({ state: "started" })
			return result.state === "started" ? result.run : ""
		}

		async function run(sample: Sample, as?: string): Promise<RunEvent[]> {
			return collect(port, await start(sample, port, as))
		}

		test("hello tells protocol, program and machine", async () => {
			const hello = await port.hello()
			expect(hello.protocol).toBe(PROTOCOL_VERSION)
			expect(hello.node).toMatch(/^v\d+\./)
			expect(hello.hostname).not.toBe("")
		})

		test("contents: missing until supplied, whole", async () => {
			const bytes = Buffer.from("content of some length")
			const empty = new Uint8Array(0)
			const digests = [sha256(bytes), sha256(empty)]
			expect((await port.missing(digests)).sort()).toEqual([...digests].sort())
			await port.supply(sha256(bytes), bytes.length, inPieces(bytes))
			expect(await port.missing(digests)).toEqual([sha256(empty)])
			await port.supply(sha256(empty), 0, inPieces(empty))
			await port.supply(sha256(empty), 0, inPieces(empty))
			expect(await port.missing(digests)).toEqual([])
		})

		test("contents: a damaged one, a short one and a long one are refused", async () => {
			const bytes = Buffer.from("content")
			const damaged = Buffer.from("contenX")
			const digest = sha256(bytes)
			expect(await codeOf(port.supply(digest, 7, inPieces(damaged)))).toBe("upload-damaged")
			expect(await codeOf(port.supply(digest, 7, inPieces(bytes.subarray(0, 5))))).toBe("upload-damaged")
			expect(await codeOf(port.supply(digest, 5, inPieces(bytes)))).toBe("upload-damaged")
			expect(await port.missing([digest])).toEqual([digest])
		})

		test("contents: a packed one is stored as it was", async () => {
			const bytes = Buffer.from("a line of text\n".repeat(20_000))
			const digest = sha256(bytes)
			await port.supply(digest, bytes.length, inPieces(gzipSync(bytes)), "gzip")
			expect(await readFile(join(place.stateFolder, "sources", digest))).toEqual(bytes)
			expect(await port.missing([digest])).toEqual([])
		})

		test("contents: a packed one that is damaged, cut off, another size or a bomb is refused; the next one is not", async () => {
			const bytes = Buffer.from("content")
			const digest = sha256(bytes)
			const packed = gzipSync(bytes)
			const bomb = gzipSync(Buffer.alloc(32 << 20))
			for (const sent of [gzipSync("contenX"), packed.subarray(0, -3), gzipSync("contents"), bytes, bomb])
				expect(await codeOf(port.supply(digest, 7, inPieces(sent), "gzip"))).toBe("upload-damaged")
			expect(await readdir(join(place.stateFolder, "sources"))).toEqual([])
			await port.supply(digest, 7, inPieces(packed), "gzip")
			expect(await port.missing([digest])).toEqual([])
		})

		test("contents: one that was damaged on disk afterwards is missing again", async () => {
			const bytes = Buffer.from("content")
			await port.supply(sha256(bytes), bytes.length, inPieces(bytes))
			await writeFile(join(place.stateFolder, "sources", sha256(bytes)), "other")
			expect(await port.missing([sha256(bytes)])).toEqual([sha256(bytes)])
		})

		test("a plan tells what would be done, and writes nothing", async () => {
			await write("there.conf", "old\n")
			const sample = makeSample("1.0.0", [
				{ id: "p", files: { [at("there.conf")]: "new\n", [at("made/new.conf")]: "new\n" }, closure: ["true"] },
			])
			await supplyAll(port, sample)
			const before = await allFiles(place)
			const plan = await port.plan(requestOf(sample))
			expect(plan.pools[0]?.operations.map(({ change }) => change)).toEqual(["replace", "create"])
			expect(plan.refusal).toBeUndefined()
			expect(await allFiles(place)).toEqual(before)
		})

		test("a plan of contents that are not there yet hands out the old text, if asked", async () => {
			await write("there.conf", "old\n")
			const sample = makeSample("1.0.0", [{ id: "p", files: { [at("there.conf")]: "newer\n" }, closure: ["true"] }])
			const planned = async (wishes: object) => {
				const { pools } = await port.plan({ ...requestOf(sample), ...wishes })
				return pools[0]?.operations[0]
			}
			expect(await planned({})).not.toHaveProperty("before")
			expect(await planned({ texts: true })).toMatchObject({ before: "old\n" })
			expect(await planned({ texts: true })).not.toHaveProperty("diff")
		})

		test("a run: events numbered without a gap, from run-started to run-finished", async () => {
			await write("a.conf", "old\n")
			await chmod(at("a.conf"), 0o600)
			const events = await run(
				makeSample(
					"1.0.0",
					[{ id: "p", files: { [at("a.conf")]: "new\n" }, closure: [`grep -q new ${at("a.conf")}`, "echo proved"] }],
					[`test -e ${at("a.conf")}`],
				),
			)
			expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
			expect(events[0]?.type).toBe("run-started")
			expect(events.at(-1)).toMatchObject({
				type: "run-finished",
				outcome: "applied",
				finalClosure: { outcome: "passed" },
			})
			expect(textOf(events)).toContain("proved")
			expect(await read("a.conf")).toBe("new\n")
			expect((await stat(at("a.conf"))).mode & 0o777).toBe(0o600)
		})

		test("contents, start and events may be asked for at once", async () => {
			const sample = slowless()
			const supplied = [...sample.contents].map(([digest, bytes]) => port.supply(digest, bytes.length, inPieces(bytes)))
			const started = port.start({ ...requestOf(sample), as: "chosen-1" })
			const events = await collect(port, "chosen-1")
			await Promise.all(supplied)
			expect(await started).toEqual({ state: "started", run: "chosen-1" })
			expect(events[0]).toMatchObject({ run: "chosen-1" })
			expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
		})

		test("a run that was prepared for is one like any other, and the next one too", async () => {
			await port.prepare("chosen-1")
			await port.prepare("chosen-2")
			const runs = [await run(slowless(), "chosen-1"), await run(slowless("1.0.1"))]
			for (const events of runs) expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
			expect(runs[0]?.[0]?.run).not.toBe(runs[1]?.[0]?.run)
		})

		test("a run of a known id is no second time started", async () => {
			const sample = slowless()
			const first = await run(sample, "chosen-1")
			expect(await codeOf(port.start({ ...requestOf(sample), as: "chosen-1" }))).toBe("bad-request")
			const other = await place.connect()
			expect(await codeOf(other.start({ ...requestOf(sample), as: "chosen-1" }))).toBe("bad-request")
			expect(await collect(other, "chosen-1")).toEqual(first)
			await other.close()
		})

		test("what became of a start is told on another connection, by the id that it was given", async () => {
			const sample = slow()
			await start(sample, port, "chosen-1")
			const other = await place.connect()
			expect(await other.started("chosen-1")).toEqual({ state: "started", run: "chosen-1" })
			await open(place)
			expect((await collect(other, "chosen-1")).at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
			expect(await other.started("chosen-1")).toEqual({ state: "started", run: "chosen-1" })
			await other.close()
		})

		test("a run that was told never to have begun never begins", async () => {
			const sample = slowless()
			const other = await place.connect()
			await port.prepare("chosen-1")
			expect(await codeOf(other.started("chosen-1"))).toBe("unknown-run")
			// Its request comes late: it lay on the way.
			await supplyAll(port, sample)
			expect(await codeOf(port.start({ ...requestOf(sample), as: "chosen-1" }))).toBe("unknown-run")
			expect(await codeOf(other.started("chosen-1"))).toBe("unknown-run")
			expect(await codeOf(collect(other, "chosen-1"))).toBe("unknown-run")
			expect(await port.history({})).toEqual([])
			await other.close()
		})

		test("who follows a start that was refused hears of no run", async () => {
			const sample = slowless()
			await supplyAll(port, sample)
			const started = port.start({ ...requestOf(sample, { pools: ["none"] }), as: "chosen-1" })
			expect(await codeOf(collect(port, "chosen-1"))).toBe("unknown-run")
			expect(await started).toMatchObject({ state: "refused" })
		})

		test("attach from a number gives the rest, as often as asked", async () => {
			const all = await run(slowless())
			const id = all[0]?.run ?? ""
			for (const after of [0, 1, all.length - 1]) expect(await collect(port, id, after)).toEqual(all.slice(after))
		})

		test("two who attach while it goes on hear the same, wherever they begin", async () => {
			const id = await start(slow())
			await exists(at("begun"))
			const other = await place.connect()
			const listening = Promise.all([collect(port, id), collect(other, id, 2)])
			await sleep(100)
			await open(place)
			const [all, rest] = await listening
			expect(all.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
			expect(rest).toEqual(all.slice(2))
		})

		test("leaving the stream in the middle leaves the run and the connection alone", async () => {
			const id = await start(slow())
			const stop = new AbortController()
			const aborted = (async () => {
				for await (const _ of port.attach(id, 0, stop.signal)) await exists(at("begun"))
				return "ended"
			})()
			for await (const event of port.attach(id)) if (event.type === "run-started") break
			stop.abort()
			expect(await aborted).toBe("ended")
			expect((await port.status()).running?.run).toBe(id)
			await open(place)
			expect((await collect(port, id)).at(-1)).toMatchObject({ outcome: "applied" })
		})

		test("while one run goes on, another is busy: who and since when", async () => {
			const id = await start(slow())
			await exists(at("begun"))
			const sample = slow("1.0.1")
			await supplyAll(port, sample)
			const other = await place.connect()
			const result = await other.start(requestOf(sample))
			expect(result).toMatchObject({ state: "busy", run: id, by: "conformance" })
			expect(await codeOf(other.recover())).toBe("busy")
			await open(place)
			await collect(port, id)
			expect(await read("slow.conf")).toBe("new 1.0.0\n")
		})

		test("a failing pool is put back, the next goes on, the final closure does not run", async () => {
			await write("bad.conf", "customer's\n")
			const events = await run(
				makeSample(
					"1.0.0",
					[
						{
							id: "bad",
							files: { [at("bad.conf")]: "ours\n", [at("made/of/bad.conf")]: "ours\n" },
							closure: ["echo before", `! grep -q ours ${at("bad.conf")}`],
						},
						{ id: "good", files: { [at("good.conf")]: "ours\n" }, closure: ["true"] },
					],
					[`touch ${at("final")}`],
				),
			)
			const pools = events.filter((event) => event.type === "pool-finished")
			expect(pools).toMatchObject([
				{ pool: "bad", outcome: "failed", reason: { phase: "closure", exit: 1 } },
				{ pool: "good", outcome: "applied" },
			])
			expect(events.at(-1)).toMatchObject({ outcome: "failed", finalClosure: { outcome: "not-run" } })
			expect(await read("bad.conf")).toBe("customer's\n")
			expect(await readdir(place.folder)).not.toContain("made")
			expect(await readdir(place.folder)).not.toContain("final")
		})

		test("what a closure makes, and a new destination, is for the services to read", async () => {
			const files = { [at("new/a.conf")]: "new\n" }
			await run(makeSample("1.0.0", [{ id: "p", files, closure: [`mkdir ${at("made")}; touch ${at("made/b")}`] }]))
			const modes = await Promise.all(
				["new", "new/a.conf", "made", "made/b"].map(async (file) => (await stat(at(file))).mode),
			)
			expect(modes.map((mode) => (mode & 0o777).toString(8))).toEqual(["755", "644", "755", "644"])
		})

		test("a faulty module is refused with its findings, and nothing is touched", async () => {
			const sample = makeSample("1.0.0", [{ id: "p", files: { [at("a.conf")]: "new\n" }, closure: [] }])
			await supplyAll(port, sample)
			const result = await port.start(requestOf(sample))
			expect(result).toMatchObject({ state: "refused", failure: { code: "module-faulty" } })
			expect(result.state === "refused" && result.failure.findings?.length).toBeGreaterThan(0)
			expect(await readdir(place.folder)).toEqual([])
			expect(await port.history({})).toEqual([])
		})

		test("what is not what was published is refused", async () => {
			const sample = slowless()
			await supplyAll(port, sample)
			const other = { ...sample.manifest, digest: "0".repeat(64) }
			const result = await port.start(requestOf({ ...sample, manifest: other }))
			expect(result).toMatchObject({ state: "refused" })
			expect(await readdir(place.folder)).toEqual([])
		})

		test("a run whose contents were not supplied does not start", async () => {
			expect(await codeOf(port.start(requestOf(slowless())))).toBe("bad-request")
			expect(await port.history({})).toEqual([])
		})

		test("a pool that is not in the module is refused", async () => {
			const sample = slowless()
			await supplyAll(port, sample)
			const result = await port.start(requestOf(sample, { pools: ["none"] }))
			expect(result).toMatchObject({ state: "refused", failure: { code: "unknown-pool" } })
		})

		test("the same version again changes nothing and runs nothing", async () => {
			const sample = makeSample("1.0.0", [
				{ id: "p", files: { [at("a.conf")]: "new\n" }, closure: [`echo again >> ${at("closures")}`] },
			])
			await run(sample)
			const second = await run(sample)
			expect(second.at(-1)).toMatchObject({ type: "run-finished", outcome: "unchanged" })
			expect(await read("closures")).toBe("again\n")
		})

		test("a lower version is refused unless asked for", async () => {
			await run(slowless("1.2.0"))
			const lower = slowless("1.1.0")
			await supplyAll(port, lower)
			const result = await port.start(requestOf(lower))
			expect(result).toMatchObject({ state: "refused", failure: { code: "refused-downgrade" } })
			const asked = await port.start(requestOf(lower, { allowDowngrade: true }))
			expect(asked).toMatchObject({ state: "started" })
			if (asked.state === "started") await collect(port, asked.run)
			expect(await read("a.conf")).toBe("1.1.0\n")
		})

		test("status and history tell what stands and what was done", async () => {
			const [first] = await run(slowless("1.0.0"))
			const [second] = await run(slowless("1.0.1"))
			const status = await port.status()
			expect(status.running).toBeUndefined()
			expect(status.interrupted).toEqual([])
			expect(status.modules).toMatchObject([
				{ name: "sample", version: "1.0.1", pools: [{ pool: "p", outcome: "applied", run: second?.run }] },
			])
			const history = await port.history({})
			expect(history.map(({ run: id }) => id)).toEqual([second?.run, first?.run])
			expect(history[1]).toMatchObject({
				kind: "apply",
				state: "finished",
				outcome: "applied",
				by: "conformance",
				pools: [{ pool: "p", files: [{ destination: at("a.conf") }] }],
			})
			expect(await port.history({ limit: 1 })).toHaveLength(1)
			expect(await port.history({ pool: "none" })).toEqual([])
		})

		test("revert puts a pool back to what stood before it", async () => {
			await write("a.conf", "customer's\n")
			await run(slowless())
			const result = await port.revert({ pool: "p", original: false, force: false })
			expect(result).toMatchObject({ state: "started" })
			if (result.state === "started") await collect(port, result.run)
			expect(await read("a.conf")).toBe("customer's\n")
		})

		test("a revert says what became of each file since, and is forced", async () => {
			await write("a.conf", "customer's\n")
			await run(makeSample("1.0.0", [{ id: "p", files: { [at("a.conf")]: "new\n" }, closure: ["true"] }]))
			await write("a.conf", "edited\n")
			const revert = { pool: "p", original: false, force: false }
			expect(await port.revert(revert)).toMatchObject({
				state: "refused",
				failure: { code: "destination-changed", data: { changes: [`${at("a.conf")} has other content`] } },
			})
			const started = await port.revert({ ...revert, force: true })
			await collect(port, started.state === "started" ? started.run : "")
			expect(await read("a.conf")).toBe("customer's\n")
		})

		test("a rehearsal that changes files first leaves the true ones", async () => {
			await write("a.conf", "customer's\n")
			const sample = makeSample("1.0.0", [{ id: "p", files: { [at("a.conf")]: "new\n" }, closure: ["true"] }])
			await supplyAll(port, sample)
			const result = await port.start(requestOf(sample, { kind: "rehearse", modify: true, force: true }))
			const events = await collect(port, result.state === "started" ? result.run : "")
			expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
			expect(events.filter((event) => event.type === "file" && event.action === "changed")).toHaveLength(1)
			expect(await read("a.conf")).toBe("customer's\n")
		})

		test("a pool that waits is confirmed over a fresh connection, then and not before", async () => {
			await write("a.conf", "customer's\n")
			const closure = [`touch ${at("begun")}; while ! test -e ${at("opened")}; do sleep 0.05; done`]
			const pool = { id: "p", files: { [at("a.conf")]: "new\n" }, closure, confirmSeconds: 60 }
			const id = await start(makeSample("1.0.0", [pool]))
			await exists(at("begun"))
			expect(await codeOf(port.confirm(id, "p"))).toBe("not-waiting")
			await write("opened", "")
			const other = await place.connect()
			for await (const event of port.attach(id)) {
				if (event.type === "phase-started" && event.phase === "confirm") await other.confirm(id, "p")
			}
			expect((await collect(port, id)).at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
			expect(await codeOf(port.confirm(id, "q"))).toBe("not-waiting")
			expect(await read("a.conf")).toBe("new\n")
		})

		test("recover has nothing to do where every run ended", async () => {
			await run(slowless())
			expect(await port.recover()).toEqual({ runs: [] })
		})

		test("cancel stops a run, and its open pool is put back", async () => {
			await write("slow.conf", "customer's\n")
			// The way back runs the closure too: it must find the gate open.
			const sample = makeSample("1.0.0", [
				{
					id: "slow",
					files: { [at("slow.conf")]: "ours\n" },
					closure: [
						`touch ${at("begun")}`,
						`while grep -qs ours ${at("slow.conf")} && [ ! -e ${at("gate")} ]; do sleep 0.05; done`,
					],
				},
				{ id: "later", files: { [at("later.conf")]: "ours\n" }, closure: ["true"] },
			])
			const id = await start(sample)
			await exists(at("begun"))
			await port.cancel(id)
			const events = await collect(port, id)
			expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "failed" })
			expect(await read("slow.conf")).toBe("customer's\n")
			expect(await readdir(place.folder)).not.toContain("later.conf")
		})

		test("a run that nobody knows is an unknown run", async () => {
			for (const id of ["20260101-000000-abcdef", "../../etc", ""]) {
				expect(await codeOf(collect(port, id))).toBe("unknown-run")
				expect(await codeOf(port.cancel(id))).toBe("unknown-run")
				expect(await codeOf(port.confirm(id, "p"))).toBe("unknown-run")
			}
		})

		test("the connection is lost in the middle: the run goes on, and a new one hears all of it", async () => {
			const id = await start(slow())
			const heard = collect(port, id).catch(() => undefined)
			await exists(at("begun"))
			await place.cut(port)
			const again = await place.connect()
			expect((await again.status()).running?.run).toBe(id)
			await open(place)
			const events = await collect(again, id)
			expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
			expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
			expect(textOf(events)).toContain("begun")
			expect(await read("slow.conf")).toBe("new 1.0.0\n")
			// Broken off where there was a connection, whole where there was none.
			await heard
		})

		test("much output arrives whole, in order and readable", async () => {
			const events = await run(
				makeSample("1.0.0", [
					{ id: "p", files: { [at("a.conf")]: "x" }, closure: ["seq 1 20000", "printf '\\303\\244\\n'"] },
				]),
			)
			const text = textOf(events)
			expect(text).toContain("ä")
			expect(text.includes("\n19999\n20000\n") || events.some((event) => "cutBytes" in event)).toBe(true)
		})

		function slowless(version = "1.0.0"): Sample {
			return makeSample(version, [{ id: "p", files: { [at("a.conf")]: `${version}\n` }, closure: ["true"] }])
		}
	})
}

async function collect(port: RunnerPort, run: string, after = 0): Promise<RunEvent[]> {
	const events: AnyEvent[] = []
	for await (const event of port.attach(run, after)) events.push(event)
	// Heartbeats come by the clock; everything else is the same for everybody, and numbers tell a gap in any case.
	return events.filter(isKnownEvent)
}

function textOf(events: RunEvent[]): string {
	return events.map((event) => (event.type === "command-output" ? event.text : "")).join("")
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
	try {
		await promise
		return "none"
	} catch (error) {
		if (error instanceof FailureError) return error.failure.code
		throw error
	}
}

/** Lets every closure that waits go on. */
async function open(place: ConformancePlace): Promise<void> {
	await writeFile(join(place.folder, "gate"), "")
}

async function exists(path: string): Promise<void> {
	for (let turn = 0; turn < 1500; turn++) {
		if (await stat(path).catch(() => undefined)) return
		await sleep(20)
	}
	throw new Error(`${path} was never made`)
}

/** Every file with its content and change time: what "writes nothing" is measured by. */
async function allFiles({ folder, stateFolder }: ConformancePlace): Promise<string[]> {
	const found: string[] = []
	for (const root of [folder, stateFolder]) {
		for (const name of await readdir(root, { recursive: true })) {
			const { mtimeMs, mode, size } = await stat(join(root, name))
			found.push(`${join(root, name)} ${mode} ${size} ${mtimeMs}`)
		}
	}
	return found.sort()
}
