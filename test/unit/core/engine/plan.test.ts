import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { applyPatch } from "diff"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createRootedHost } from "../../../../core/engine/node-host/rooted-host.ts"
import { planModule } from "../../../../core/engine/plan.ts"
import { digestInput } from "../../../../core/schema/manifest.ts"
import type { Plan } from "../../../../core/schema/plan.ts"
import { unifiedDiff } from "../../../../core/schema/unified-diff.ts"
import { createWorkbench, readTree, type TestModule, type TestPool, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const
const plan = (module: TestModule): Promise<Plan> => planModule(bench.host, bench.options, bench.module(module), request)

test("a plan says for each destination what would be done, and writes nothing", async () => {
	bench.write("same", "same")
	bench.write("replaced", "one\ntwo\nthree\n")
	bench.write("real", "old")
	symlinkSync("real", bench.path("link"))
	mkdirSync(bench.path("folder"))
	const files = { same: "same", replaced: "one\n2\nthree\n", link: "new", folder: "new", "made/deep/new": "new" }
	const module = { pools: [{ id: "p", files, closure: ["cd /tmp", "true"] }], finalClosure: ["true"] }
	const onHost = bench.module(module)
	const before = readTree(bench.folder)
	const planned = await planModule(bench.host, bench.options, onHost, request)
	expect(readTree(bench.folder)).toEqual(before)
	const [pool] = planned.pools
	expect(pool).toMatchObject({ would: "fail-preflight", closure: ["cd /tmp", "true"] })
	const changes = Object.fromEntries((pool?.operations ?? []).map((operation) => [operation.target, operation.change]))
	expect(changes).toEqual({ "p-0": "unchanged", "p-1": "replace", "p-2": "replace", "p-3": "blocked", "p-4": "create" })
	const [, replaced, link, folder, made] = pool?.operations ?? []
	expect(replaced?.diff).toContain("@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n")
	expect(link?.linkTo).toBe(bench.path("real"))
	expect(folder?.faults).toEqual([expect.stringContaining("is a folder")])
	expect(made?.makes).toEqual([bench.path("made"), bench.path("made/deep")])
	expect(planned.space.neededBytes).toBeGreaterThan(0)
})

test("a plan only looks: no call of the disk that changes anything, no file opened to be written, no shell", async () => {
	bench.write("file", "old")
	bench.write("twin", "old")
	await bench.apply({ pools: [{ id: "p", files: { file: "new", gone: "new" } }] }, {}, { run: "first" })
	const { disk, shell } = bench.host
	const looks = ["lstat", "readLink", "realPath", "readFolder", "checkWritable", "room"]
	const made: string[] = []
	const told = <T extends object>(port: T, isLook: (name: string, args: unknown[]) => boolean): T =>
		new Proxy(port, {
			get: (target, name) => {
				const method: unknown = Reflect.get(target, name)
				if (typeof method !== "function") return method
				return (...args: unknown[]) => {
					if (!isLook(String(name), args)) made.push([name, ...args].join(" "))
					return method.apply(target, args)
				}
			},
		})
	const isLook = (name: string, [, how]: unknown[]) =>
		looks.includes(name) || (name === "open" && ["read", "readItself", "folder"].includes(String(how)))
	bench.host = { ...bench.host, disk: told(disk, isLook), shell: told(shell, () => false) }
	const planned = await plan({
		version: "1.1.0",
		pools: [{ id: "p", files: { file: "newer", twin: "new", "made/x": "new" }, checks: ["true"] }],
		finalClosure: ["true"],
	})
	expect(planned.pools[0]?.operations.map(({ change }) => change)).toEqual(["replace", "replace", "create"])
	expect(made).toEqual([])
})

test("drift tells ours, changed, never ours and missing apart", async () => {
	bench.write("foreign", "customer's")
	const module = { pools: [{ id: "p", files: { ours: "1", changed: "2", missing: "3" } }] }
	await bench.apply(module)
	bench.write("changed", "edited")
	rmSync(bench.path("missing"))
	const files = { ours: "1", changed: "2", missing: "3", foreign: "4" }
	const planned = await plan({ version: "1.0.1", pools: [{ id: "p", files }] })
	expect(planned.installedVersion).toBe("1.0.0")
	expect(planned.pools[0]?.operations.map(({ drift }) => drift)).toEqual(["ours", "changed", "missing", "never-ours"])
})

test("what a run would refuse, a plan says", async () => {
	const module = { version: "2.0.0", pools: [{ id: "p", files: { a: "1" } }] }
	await bench.apply(module)
	expect((await plan(module)).pools[0]?.would).toBe("unchanged")
	expect((await plan({ ...module, version: "1.0.0" })).refusal).toMatch(/2\.0\.0/)
})

test("contents that were not supplied yet are planned without a diff", async () => {
	bench.write("a", "old")
	const onHost = bench.module({ pools: [{ id: "p", files: { a: "new" } }] })
	rmSync(join(bench.folder, "sources"), { recursive: true })
	const planned = await planModule(bench.host, bench.options, onHost, request)
	expect(planned.pools[0]).toMatchObject({ would: "apply", operations: [{ change: "replace" }] })
	expect(planned.pools[0]?.operations[0]?.diff).toBeUndefined()
})

test.each([
	["a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"],
	["", "new\n", "@@ -0,0 +1,1 @@\n+new\n"],
	["one", "one\n", "@@ -1,1 +1,1 @@\n-one\n\\ No newline at end of file\n+one\n"],
])("the diff of %j and %j", (before, after, expected) => {
	expect(unifiedDiff(before, after, { before: "a", after: "b" })).toBe(`--- a\n+++ b\n${expected}`)
})

test.each(["", "\n"])("two long texts without a line in common take no time and are one block (end %j)", (end) => {
	const lines = (letter: string) => Array.from({ length: 20_000 }, (_, index) => `${letter}${index}`).join("\n") + end
	const diff = unifiedDiff(lines("a"), lines("b"), { before: "a", after: "b" })
	expect(diff.match(/^@@/gm)).toHaveLength(1)
	expect(applyPatch(lines("a"), diff)).toBe(lines("b"))
})

test("a destination that leads to a way in by a link is told, unless the pool waits for a confirmation", async () => {
	const rooted = createRootedHost({
		root: bench.folder,
		keep: [bench.options.stateFolder, join(bench.folder, "sources")],
	})
	mkdirSync(join(bench.folder, "etc/ssh"), { recursive: true })
	writeFileSync(join(bench.folder, "etc/ssh/sshd_config"), "old")
	symlinkSync("../etc/ssh/sshd_config", join(bench.folder, "files/link"))
	const planned = async (pool: Partial<TestPool>) => {
		const onHost = bench.module({ pools: [{ id: "p", files: { x: "new" }, ...pool }] })
		const index = onHost.manifest.index.replace(bench.path("x"), "/files/link")
		const manifest = { ...onHost.manifest, index }
		const hash = rooted.createHash()
		hash.update(new TextEncoder().encode(digestInput(index, manifest.sources)))
		const given = { ...onHost, manifest: { ...manifest, digest: hash.digest() } }
		return (await planModule(rooted, bench.options, given, request)).pools[0]
	}
	const pool = await planned({})
	expect(pool?.operations[0]?.linkTo).toBe("/etc/ssh/sshd_config")
	expect(pool?.warnings).toEqual([expect.stringMatching(/sshd_config is written.*lock you out/)])
	expect((await planned({ confirmSeconds: 60 }))?.warnings).toEqual([])
})

test("every file system is told by itself; the tightest one stands for all", async () => {
	const planned = await plan({ pools: [{ id: "p", files: { a: "1" } }] })
	const [space] = planned.spaces
	expect(planned.spaces).toHaveLength(1)
	expect(space).toMatchObject({ ...planned.space, neededFiles: expect.any(Number) })
	const { disk } = bench.host
	const elsewhere = { ...bench.host, disk: { ...disk } }
	elsewhere.disk.lstat = async (path) => {
		const stat = await disk.lstat(path)
		return stat && path.startsWith(bench.path("")) ? { ...stat, device: 7n } : stat
	}
	elsewhere.disk.room = async (path) => ({
		freeBytes: path.startsWith(bench.path("")) ? 5 : 1 << 30,
		freeFiles: undefined,
	})
	const onHost = bench.module({ pools: [{ id: "p", files: { a: "1" } }] })
	const two = await planModule(elsewhere, bench.options, onHost, request)
	expect(two.spaces.map(({ folder, freeBytes }) => [folder, freeBytes])).toEqual([
		[bench.folder, 1 << 30],
		[bench.path("").replace(/\/$/, ""), 5],
	])
	expect(two.space.freeBytes).toBe(5)
	expect(two.pools[0]?.would).toBe("fail-preflight")
})

test("an appliance without the contents hands out the old text, only if asked, and only what is text of a bounded size", async () => {
	bench.write("text", "old\n")
	bench.write("bytes", "a\0b")
	bench.write("long", "x".repeat((1 << 20) + 1))
	for (let index = 0; index < 6; index++) bench.write(`big${index}`, `${index}`.repeat(1 << 20))
	const bigs = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`big${index}`, "new"]))
	const onHost = bench.module({
		pools: [{ id: "p", files: { text: "new\n", bytes: "new", long: "new", none: "new", ...bigs } }],
	})
	rmSync(join(bench.folder, "sources"), { recursive: true })
	const texts = async (wishes: object) => {
		const [pool] = (await planModule(bench.host, bench.options, onHost, request, wishes)).pools
		return (pool?.operations ?? []).map(({ before }) => before?.length)
	}
	expect(new Set(await texts({}))).toEqual(new Set([undefined]))
	const [text, bytes, long, none, ...big] = await texts({ texts: true })
	expect([text, bytes, long, none]).toEqual([4, undefined, undefined, undefined])
	expect(big.filter((length) => length !== undefined)).toHaveLength(3)
})

test("a pool with secrets hands out no old text", async () => {
	bench.write("a", "password=hunter2\n")
	const onHost = bench.module({ pools: [{ id: "p", files: { a: "password=other\n" }, redact: ["hunter2"] }] })
	const [whole] = (await planModule(bench.host, bench.options, onHost, request, { texts: true })).pools
	expect(whole?.operations[0]?.diff).toContain("-password=***\n")
	rmSync(join(bench.folder, "sources"), { recursive: true })
	const [bare] = (await planModule(bench.host, bench.options, onHost, request, { texts: true })).pools
	expect(bare?.operations[0]).not.toHaveProperty("before")
})
