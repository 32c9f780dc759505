import { execFileSync } from "node:child_process"
import {
	chmodSync,
	chownSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readManifest } from "../../../../core/engine/backup/manifest-file.ts"
import { createStateManager } from "../../../../core/engine/backup/state-manager.ts"
import { readHistory } from "../../../../core/engine/history.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { planModule } from "../../../../core/engine/plan.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import { createFaultyHost, noFault } from "../../../fault/faulty-host.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

const layout = () => makeLayout(bench.options.stateFolder)
const backup = (run = "r") => layout().backup("p", run)
/** Fails on what the pool writes, passes on what was there. */
const failsOnNew = () => `! grep -q new ${bench.path("a")}`

/** Undefined when this machine keeps ACLs; else why not. */
async function whyNoAcls(name: string): Promise<string | undefined> {
	if (await bench.host.attributes.missing()) return "cp or tar cannot keep ACLs here"
	try {
		execFileSync("setfacl", ["-m", "u:65534:r", bench.path(name)], { stdio: "ignore" })
	} catch {
		return "no setfacl, or a file system without ACLs"
	}
	return undefined
}
const acls = (name: string) => execFileSync("getfacl", ["-pcn", bench.path(name)]).toString()

/** What becomes of a backup between its taking and the restore, as commands of the closure. */
const damages: [string, (folder: string, blobs: string) => string, string][] = [
	["a content is missing", (_, blobs) => `rm ${blobs}/*`, "its backup is missing or damaged"],
	["a content is damaged", (_, blobs) => `for f in ${blobs}/*; do echo rot > $f; done`, "missing or damaged"],
	["a content is cut off", (_, blobs) => `for f in ${blobs}/*; do : > $f; done`, "missing or damaged"],
	["the attributes are missing", (folder) => `rm ${folder}/0.attributes`, "its backed up attributes are missing"],
	["the attributes are damaged", (folder) => `setfacl -b ${folder}/0.attributes`, "attributes are missing or damaged"],
	["other attributes are there", (folder) => `setfacl -m u:1:rwx ${folder}/0.attributes`, "missing or damaged"],
]

test.for(damages)("%s: the live file is left alone, the pool degraded, the others put back", async (row, { skip }) => {
	const [, damage, words] = row
	bench.write("a", "old", 0o640)
	bench.write("b", "old b")
	const why = await whyNoAcls("a")
	if (why !== undefined) return skip(why)
	const spoil = `if grep -q new ${bench.path("a")}; then ${damage(backup(), layout().blobs)}; fi`
	const pools = [{ id: "p", files: { a: "new", made: "new" }, closure: [spoil, failsOnNew()] }]
	const { outcomes, reasons } = await bench.apply({ pools }, {}, { run: "r" })
	expect(outcomes.p).toBe("degraded")
	expect(reasons.p?.details?.join("\n")).toContain(words)
	expect(bench.read("a")).toBe("new")
	expect(Object.keys(bench.tree())).toEqual(["a", "b"])
	expect(readdirSync(backup())).toContain("manifest.json")
})

test.each([
	["missing", (path: string) => rmSync(path)],
	["damaged", (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace('"old"', '"other"').slice(1))],
	[
		"another one",
		(path: string) => writeFileSync(path, readFileSync(path, "utf8").replace('"mode":416', '"mode":511')),
	],
])("the manifest is %s when recovery needs it: nothing is touched, the pool is degraded", async (what, spoil) => {
	bench.write("a", "old", 0o640)
	let isOff = false
	const cut = (_: number, name: string) => {
		isOff ||= name === "shell"
		if (isOff) throw new Error("the power is gone")
	}
	bench.host = createFaultyHost({ before: cut }, () => 0)
	await bench.apply({ pools: [{ id: "p", files: { a: "new" } }] }, {}, { run: "r" }).catch(() => undefined)
	expect(bench.read("a")).toBe("new")
	spoil(`${backup()}/manifest.json`)
	const host = createFaultyHost(noFault, () => 0)
	expect(await recoverRuns(host, bench.options)).toEqual([{ run: "r", outcome: "degraded" }])
	expect(bench.read("a")).toBe("new")
	const [run] = await readHistory(host, bench.options)
	const said = what === "missing" ? "manifest.json is missing" : "manifest.json is damaged"
	expect(run?.pools[0]?.reason?.details?.join()).toContain(`nothing could be restored: the backup's manifest`)
	expect(run?.pools[0]?.reason?.details?.join()).toContain(said)
})

test("attributes that the backup does not hold: no backup, so nothing is written", async ({ skip }) => {
	bench.write("a", "old", 0o640)
	const why = await whyNoAcls("a")
	if (why !== undefined) return skip(why)
	const take = async (_: string, to: string) => writeFileSync(to, "")
	bench.host = { ...bench.host, attributes: { ...bench.host.attributes, take } }
	const before = bench.tree()
	const { story, reasons } = await bench.apply({ pools: [{ id: "p", files: { a: "new" } }] })
	expect([story[0], bench.tree()]).toEqual(["p: preflight backup! = failed", before])
	expect(reasons.p?.message).toContain("its extended attributes or ACLs could not be kept")
})

test("a file that is written while it is backed up: no backup, so nothing is written by us", async () => {
	bench.write("a", "old")
	const { disk } = bench.host
	let isWritten = false
	const clone = async (from: string, to: string) => {
		await disk.clone(from, to).catch(() => {})
		if (!isWritten) writeFileSync(bench.path("a"), "the customer's, now")
		isWritten = true
		rmSync(to, { force: true })
		throw Object.assign(new Error("no shared blocks"), { code: "ENOTSUP" })
	}
	bench.host = { ...bench.host, disk: { ...disk, clone } }
	const { story, reasons } = await bench.apply({ pools: [{ id: "p", files: { a: "new" } }] })
	expect([story[0], bench.read("a")]).toEqual(["p: preflight backup! = failed", "the customer's, now"])
	expect(reasons.p?.message).toContain("it changed meanwhile")
})

test("a content that is kept already and has rotted is not taken for a backup of the same file", async () => {
	bench.write("a", "old")
	await bench.apply({ pools: [{ id: "p", files: { a: "new" } }] }, {}, { run: "first" })
	for (const name of readdirSync(layout().blobs)) writeFileSync(layout().blob(name), "rot")
	bench.write("a", "old")
	const pools = [{ id: "p", files: { a: "new" }, closure: [failsOnNew()] }]
	const { outcomes } = await bench.apply({ version: "1.0.1", pools })
	expect([outcomes.p, bench.read("a")]).toEqual(["failed", "old"])
})

test("a folder whose new files inherit ACLs: a file without any gets none, restored or replaced", async ({ skip }) => {
	bench.write("d/a", "old", 0o640)
	bench.write("d/probe", "")
	const why = await whyNoAcls("d/probe")
	if (why !== undefined) return skip(why)
	rmSync(bench.path("d/probe"))
	execFileSync("setfacl", ["-d", "-m", "u:65534:rwx", bench.path("d")])
	const before = [bench.tree(), acls("d/a")]
	const failing = { pools: [{ id: "p", files: { "d/a": "new" }, closure: [`! grep -q new ${bench.path("d/a")}`] }] }
	const failed = await bench.apply(failing)
	expect([failed.outcomes.p, bench.tree(), acls("d/a")]).toEqual(["failed", ...before])
	await bench.apply({ version: "1.0.1", pools: [{ id: "p", files: { "d/a": "new" } }] })
	expect([bench.read("d/a"), acls("d/a")]).toEqual(["new", before[1]])
})

test("contents are kept once, in a folder of root's, never next to the live file", async () => {
	for (const name of ["etc/cron.d/a", "etc/cron.d/b"]) bench.write(name, "the same", 0o644)
	const seen: string[][] = []
	await bench.apply({
		pools: [
			{
				id: "p",
				files: { "etc/cron.d/a": "new", "etc/cron.d/b": "new" },
				closure: [`ls -A ${bench.path("etc/cron.d")} > ${bench.folder}/listed`],
			},
		],
	})
	seen.push(readFileSync(`${bench.folder}/listed`, "utf8").trim().split("\n"))
	expect(seen).toEqual([["a", "b"]])
	expect(readdirSync(layout().blobs)).toHaveLength(1)
	expect(lstatSync(layout().blobs).mode & 0o777).toBe(0o700)
})

/** Long enough ago that no two changes can bear the same `ctime`; the file system's clock cannot be set. */
const OLD_MS = 1100

test("a file that was changed within a clock's tick of its backup is not taken for untouched", async () => {
	const host = createNodeHost()
	let placed = 0
	const rename = async (from: string, to: string) => {
		if (to.endsWith("/a")) placed++
		await host.disk.rename(from, to)
	}
	bench.host = { ...host, disk: { ...host.disk, rename } }
	// Nothing is written: the pool's own file already stands there.
	const module = (version: string): TestModule => ({
		version,
		pools: [{ id: "p", files: { a: "old", b: "new" }, closure: [`test ! -e ${bench.path("b")}`] }],
	})
	// On a busy machine its backup may come later than that: then it is written anew.
	for (let attempt = 0; placed === 0 && attempt < 5; attempt++) {
		bench.write("a", "old", 0o640)
		await bench.apply(module(`1.0.${attempt}`))
	}
	expect(placed).toBe(1)
	await host.clock.sleep(OLD_MS)
	chmodSync(bench.path("a"), 0o600)
	await host.clock.sleep(OLD_MS)
	await bench.apply(module("1.1.0"))
	expect(placed).toBe(1)
})

test("parent folders keep mode and owner; their time says that something was changed", async () => {
	mkdirSync(bench.path("d"))
	bench.write("d/a", "old")
	utimesSync(bench.path("d"), 1_000_000_000, 1_000_000_000)
	const closure = [`! grep -q new ${bench.path("d/a")}`]
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { "d/a": "new" }, closure }] })
	expect(outcomes.p).toBe("failed")
	expect(lstatSync(bench.path("d")).mtimeMs).toBeGreaterThan(1_600_000_000_000)
})

const applies = async (from: number, to: number) => {
	for (let minor = from; minor <= to; minor++) {
		await bench.apply(
			{ version: `1.${minor}.0`, pools: [{ id: "p", files: { a: `${minor}` } }] },
			{},
			{ run: `r${minor}` },
		)
	}
}
/** Restore works, the closure fails on everything: degraded. */
const degrade = async (run: string, version = "0.1.0") => {
	const { outcomes } = await bench.apply(
		{ version, pools: [{ id: "p", files: { a: "x" }, closure: ["false"] }] },
		{},
		{ run },
	)
	expect(outcomes.p).toBe("degraded")
}

test("a degraded pool's backup goes once the pool was applied since and ten newer ones are there", async () => {
	bench.write("a", "customer's")
	await degrade("degraded")
	await applies(1, 9)
	expect(readdirSync(layout().pool("p"))).toContain("degraded")
	await applies(10, 10)
	expect(readdirSync(layout().pool("p"))).not.toContain("degraded")
	// What it held is the customer's original all the same.
	expect(readdirSync(layout().blobs).map((name) => readFileSync(layout().blob(name), "utf8"))).toContain("customer's")
})

test("without a success since, a degraded pool's backups stay, however many there are", async () => {
	bench.write("a", "customer's")
	await applies(1, 1)
	for (let patch = 0; patch < 13; patch++) await degrade(`d${patch}`, `2.0.${patch}`)
	expect(readdirSync(layout().pool("p"))).toHaveLength(14)
})

test("what the next step back needs is kept, also after a step back", async () => {
	bench.write("a", "customer's")
	await applies(1, 3)
	const request = { pool: "p", original: false, force: false }
	expect(await revertPool(bench.host, bench.options, request, { run: "back" })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("2")
	for (let patch = 0; patch < 12; patch++) {
		const files = { a: "bad" }
		const closure = [`! grep -q bad ${bench.path("a")}`]
		const { outcomes } = await bench.apply({ version: `2.0.${patch}`, pools: [{ id: "p", files, closure }] })
		expect(outcomes.p).toBe("failed")
	}
	expect(readdirSync(layout().pool("p"))).toContain("r2")
	expect(await revertPool(bench.host, bench.options, request, { run: "on" })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("1")
})

test("a manifest that cannot be read: every content stays, one of them may be all that its customer has", async () => {
	bench.write("a", "customer's")
	await applies(1, 3)
	writeFileSync(`${backup("r2")}/manifest.json`, "rot")
	await applies(4, 4)
	const kept = readdirSync(layout().blobs).map((name) => readFileSync(layout().blob(name), "utf8"))
	expect(kept.sort()).toEqual(["1", "2", "3", "customer's"])
})

/** What may be different from a backup afterwards, and what is said of it. */
const differences: [string, () => void, string, needsRoot?: "root"][] = [
	["nothing", () => {}, ""],
	["the content", () => edit("a", "xxx"), "/a has other content"],
	["the mode", () => chmodSync(bench.path("a"), 0o600), "/a has mode 0600, not 0640"],
	["the owner", () => chownSync(bench.path("a"), 7, 0), "/a has another owner or group", "root"],
	["the group", () => chownSync(bench.path("a"), 0, 7), "/a has another owner or group", "root"],
	["the time", () => utimesSync(bench.path("a"), 1, 1_000_000_001), "/a has another time"],
	["a file that is gone", () => rmSync(bench.path("a")), "/a is missing"],
	["a folder in its place", () => replaceByFolder("a"), "/a is missing"],
	["a file where there was none", () => bench.write("made", ""), "/made is still there"],
	["where the link leads", () => relink("other"), "/link is no longer a link to real"],
	["a folder's mode", () => chmodSync(bench.path(""), 0o711), " has another mode, owner"],
	["what is left of writing it", () => bench.write(".hotfix-r-0", ""), "/.hotfix-r-0 is left over"],
]
/** The same file with another content, and the time it had. */
const edit = (name: string, content: string) => {
	writeFileSync(bench.path(name), content)
	utimesSync(bench.path(name), 1_000_000_000, 1_000_000_000)
}
const replaceByFolder = (name: string) => {
	rmSync(bench.path(name))
	mkdirSync(bench.path(name))
}
const relink = (to: string) => {
	rmSync(bench.path("link"))
	symlinkSync(to, bench.path("link"))
}

const isRoot = process.geteuid?.() === 0

for (const [what, change, told, needs] of differences) {
	const title = `verify after a restore: ${what}${needs ? " (needs root)" : ""}`
	test.skipIf(needs && !isRoot)(title, async () => {
		for (const name of ["a", "real", "other"]) bench.write(name, "old", 0o640)
		utimesSync(bench.path("a"), 1_000_000_000, 1_000_000_000)
		symlinkSync("real", bench.path("link"))
		await bench.apply({ pools: [{ id: "p", files: { a: "new", link: "new", made: "new" } }] }, {}, { run: "r" })
		const read = await readManifest(bench.host, layout(), "p", "r")
		if ("fault" in read) throw new Error(read.fault)
		const stateManager = createStateManager(bench.host, layout())
		expect(await stateManager.restore(read.manifest, new Set(), () => {})).toEqual([])
		change()
		const found = await stateManager.verify(read.manifest, new Set())
		expect(found).toEqual(told === "" ? [] : [expect.stringContaining(told)])
	})
}

test("verify after a restore: extended attributes and ACLs", async ({ skip }) => {
	bench.write("a", "old", 0o640)
	const why = await whyNoAcls("a")
	if (why !== undefined) return skip(why)
	await bench.apply({ pools: [{ id: "p", files: { a: "new" } }] }, {}, { run: "r" })
	const read = await readManifest(bench.host, layout(), "p", "r")
	if ("fault" in read) throw new Error(read.fault)
	const stateManager = createStateManager(bench.host, layout())
	expect(await stateManager.restore(read.manifest, new Set(), () => {})).toEqual([])
	expect(await stateManager.verify(read.manifest, new Set())).toEqual([])
	execFileSync("setfacl", ["-m", "u:65533:r", bench.path("a")])
	expect(await stateManager.verify(read.manifest, new Set())).toEqual([
		expect.stringContaining("/a has other extended attributes or ACLs"),
	])
})

test("a plan of a rehearsal that changes files first counts the changed ones", async () => {
	bench.write("a", "x".repeat(100_000))
	const request = { kind: "rehearse", force: true, allowDowngrade: false } as const
	const module = bench.module({ pools: [{ id: "p", files: { a: "new" } }] })
	const needed = async (modify: boolean) =>
		(await planModule(bench.host, bench.options, module, { ...request, modify })).space.neededBytes
	expect((await needed(true)) - (await needed(false))).toBeGreaterThan(190_000)
})
