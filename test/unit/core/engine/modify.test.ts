import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { linkSync, lstatSync, readdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readHistory } from "../../../../core/engine/history.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import { crashAt, createFaultyHost, noFault } from "../../../fault/faulty-host.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

const rehearse = { kind: "rehearse", modify: true, force: true } as const
/** Writes down what stands at `a` each time it runs, one word a run. */
const watching = (name = "a") => `od -An -c ${bench.path(name)} | tr -d ' ' >> ${bench.folder}/seen`
const seen = () => readFileSync(`${bench.folder}/seen`, "utf8").trim().split("\n")
const digestOf = (path: string) => execFileSync("sha256sum", [path]).toString().slice(0, 64)

function module(closure = ["true"]): TestModule {
	return { pools: [{ id: "p", files: { a: "new\n", "made/deep/n": "new" }, closure }] }
}

test("files are changed first, the way back leads to the changed ones, then the true originals come back", async () => {
	bench.write("a", "old\n", 0o640)
	utimesSync(bench.path("a"), 1_000_000_000, 1_000_000_000)
	const before = bench.tree()
	const { story, outcomes, events } = await bench.apply(module([watching()]), rehearse)
	expect(story[0]).toBe("p: preflight backup apply backup apply closure restore reclosure restore reclosure = applied")
	expect([outcomes.p, seen()]).toEqual(["applied", ["new\\n", "old\\n\\n", "old\\n"]])
	expect(bench.tree()).toEqual(before)
	const changed = events.find((event) => event.type === "file" && event.action === "changed")
	const { seq, time, run, ...told } = changed ?? { seq: 0, time: "", run: "" }
	const digest = createHash("sha256").update("old\n\n").digest("hex")
	const file = { destination: bench.path("a"), action: "changed", digest, size: 5 }
	expect(told).toEqual({ type: "file", pool: "p", phase: "apply", ...file })
	expect([seq > 0, time, run]).toEqual([true, expect.any(String), expect.any(String)])
})

test("nothing of it is left: no backup, no content, nothing remembered; history tells the true original", async () => {
	bench.write("a", "old\n")
	const digest = digestOf(bench.path("a"))
	await bench.apply(module(), rehearse)
	const layout = makeLayout(bench.options.stateFolder)
	expect([readdirSync(layout.blobs), readdirSync(layout.pool("p")), readdirSync(layout.originals)]).toEqual([
		[],
		[],
		[],
	])
	expect((await readStatus(bench.host, bench.options)).modules).toEqual([])
	const [run] = await readHistory(bench.host, bench.options)
	expect(run?.pools[0]?.files).toContainEqual({ destination: bench.path("a"), before: digest, after: digest })
})

/** What stands at a file before, and what a customer-like change makes of it. */
const contents: [string, string, string][] = [
	["text", "a\n", "a\n\n"],
	["text without an end of line", "{}", "{}\n"],
	["lines of Windows", "a\r\nb\r\n", "a\r\nb\r\n\r\n"],
	["no text", "a\0b\n", "a\0b\n"],
	["no UTF-8", "gr\xfcn\n", "gr\xfcn\n"],
	["an empty file, which may mean something by being empty", "", ""],
	["PHP that ends its code, after which every line is output", "<?php\n?>\n", "<?php\n?>\n"],
]

test.each(contents)("%s: only what stays valid is added", async (_, before, changed) => {
	bench.write("a", "")
	const { writeFileSync } = await import("node:fs")
	writeFileSync(bench.path("a"), before, "latin1")
	const tree = bench.tree()
	const keep = `cat ${bench.path("a")} > ${bench.folder}/last-$(ls ${bench.folder} | grep -c last)`
	const stamp = `stat -c %Y ${bench.path("a")} >> ${bench.folder}/times`
	utimesSync(bench.path("a"), 1_000_000_000, 1_000_000_000)
	const { outcomes } = await bench.apply(module([keep, stamp]), rehearse)
	expect(outcomes.p).toBe("applied")
	// new, changed, original
	const last = (index: number) => readFileSync(`${bench.folder}/last-${index}`, "latin1")
	expect([last(0), last(1), last(2)]).toEqual(["new\n", changed, before])
	const times = readFileSync(`${bench.folder}/times`, "utf8").split("\n")
	expect(Number(times[1])).toBeGreaterThan(1_600_000_000)
	expect(times[2]).toBe("1000000000")
	expect(Object.keys(bench.tree())).toEqual(Object.keys(tree))
})

test("links are written through, files with several names in place", async () => {
	bench.write("real", "old\n")
	symlinkSync("real", bench.path("a"))
	bench.write("hard", "old\n")
	linkSync(bench.path("hard"), bench.path("second-name"))
	const before = bench.tree()
	const inode = lstatSync(bench.path("hard")).ino
	const pools = [{ id: "p", files: { a: "new\n", hard: "new\n" }, closure: [watching("second-name")] }]
	const { outcomes } = await bench.apply({ pools }, rehearse)
	expect([outcomes.p, seen()]).toEqual(["applied", ["new\\n", "old\\n\\n", "old\\n"]])
	expect([bench.tree(), lstatSync(bench.path("hard")).ino]).toEqual([before, inode])
})

test("where no destination exists there is nothing to change, and that is said", async () => {
	const { story, events } = await bench.apply(module(), rehearse)
	expect(story[0]).toBe("p: preflight backup apply closure restore reclosure = applied")
	expect(events.find(({ type }) => type === "warning")).toMatchObject({
		message: "no destination exists yet: there is nothing to change before the rehearsal",
	})
	expect(bench.tree()).toEqual({})
})

test("a fix that fails is put back to the changed files, then to the true ones", async () => {
	bench.write("a", "old\n")
	const before = bench.tree()
	const { story, reasons } = await bench.apply(module([`! grep -q new ${bench.path("a")}`]), rehearse)
	expect(story[0]).toBe("p: preflight backup apply backup apply closure! restore reclosure restore reclosure = failed")
	expect(reasons.p?.phase).toBe("closure")
	expect(bench.tree()).toEqual(before)
})

test("a closure that does not pass on changed files fails the rehearsal; the appliance is as it was", async () => {
	bench.write("a", "old\n")
	const before = bench.tree()
	const { story, reasons } = await bench.apply(module([`test $(wc -l < ${bench.path("a")}) = 1`]), rehearse)
	expect(story[0]).toBe("p: preflight backup apply backup apply closure restore reclosure! restore reclosure = failed")
	expect(reasons.p).toMatchObject({ phase: "reclosure", message: "the way back does not work on changed files" })
	expect(reasons.p?.details?.[0]).toContain("the closure failed again after the restore")
	expect(bench.tree()).toEqual(before)
})

test("a closure that fails on the true originals leaves a degraded pool, with its backup", async () => {
	bench.write("a", "old\n")
	const fails = `test $(od -An -c ${bench.path("a")} | tr -d ' ') != 'old\\n'`
	const { outcomes } = await bench.apply(module([fails]), rehearse, { run: "degraded" })
	expect([outcomes.p, bench.read("a")]).toEqual(["degraded", "old\n"])
	const layout = makeLayout(bench.options.stateFolder)
	expect(readdirSync(layout.backup("p", "degraded"))).toEqual(["manifest.json"])
	expect(readdirSync(layout.blobs)).toEqual([digestOf(bench.path("a"))])
})

test("only a rehearsal changes files first", async () => {
	bench.write("a", "old\n")
	const { result } = await bench.apply(module(), { kind: "apply", modify: true })
	expect(result).toMatchObject({ state: "refused", failure: { code: "bad-request" } })
	expect(bench.read("a")).toBe("old\n")
})

test("a crash at many a call: recovery brings the true original back, and leaves nothing beside it", async () => {
	bench.write("a", "old\n", 0o640)
	bench.write("b", "old b\n", 0o600)
	const before = bench.tree()
	const pools = [{ id: "p", files: { a: "new\n", b: "new b\n", "made/n": "new" } }]
	const host = createFaultyHost(noFault, () => 0)
	bench.host = host
	await bench.apply({ pools }, rehearse)
	const { calls } = host
	expect(bench.tree()).toEqual(before)
	// Some; every one of them is the affair of the fault suite.
	for (let call = 1; call <= calls; call += 37) {
		bench.host = createFaultyHost(crashAt(call), () => 0)
		await bench.apply({ pools }, rehearse).catch(() => undefined)
		bench.host = createFaultyHost(noFault, () => 0)
		await recoverRuns(bench.host, bench.options)
		expect(bench.tree(), `crash at call ${call}`).toEqual(before)
	}
}, 180_000)

test("rehearsals take no other backup's place", async () => {
	bench.write("a", "old\n")
	await bench.apply({ version: "0.9.0", pools: [{ id: "p", files: { a: "first\n" } }] }, {}, { run: "first" })
	await bench.apply({ version: "0.9.1", pools: [{ id: "p", files: { a: "second\n" } }] }, {}, { run: "second" })
	for (let count = 0; count < 11; count++) await bench.apply(module(), { kind: "rehearse", force: true })
	expect(readdirSync(makeLayout(bench.options.stateFolder).pool("p")).sort()).toEqual(["first", "second"])
})
