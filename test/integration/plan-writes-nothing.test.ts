import { spawn } from "node:child_process"
import { chmodSync, chownSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { collectOutput } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { wholeTree } from "../support/whole-tree.ts"

const runner = join(projectFolder, "dist/runner/hotfix-runner.cjs")
const isRoot = process.getuid?.() === 0
const NOBODY = 65534

/** Holds the module, the appliance's files, the state folder and the log: all that a plan could write to. */
let base: string
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), "hotfix-plan-"))
	chmodSync(base, 0o755)
	put("appliance/text", "old\n")
	put("appliance/other", "mode only\n")
	chmodSync(join(base, "appliance/other"), 0o600)
	put("appliance/real", "through a link\n")
	symlinkSync("real", join(base, "appliance/link"))
	put("appliance/twin", "two names\n")
	linkSync(join(base, "appliance/twin"), join(base, "appliance/twin-2"))
	mkdirSync(join(base, "appliance/folder"))
	putModule("1.0.0")
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const put = (path: string, text: string) => {
	mkdirSync(dirname(join(base, path)), { recursive: true })
	writeFileSync(join(base, path), text)
}
/** One of each kind: replace, mode only, a link, hard links, new folders; in a pool of its own what blocks. */
function putModule(version: string, more: string[] = []): void {
	put("module/src/new", `new ${version}\n`)
	put("module/src/other", "mode only\n")
	const operation = (name: string, target = "new") => ({ target, destination: join(base, "appliance", name) })
	const other = { ...operation("other", "other"), permissions: { mode: "0640" } }
	const names = ["text", "link", "twin", "made/deep/new", ...more]
	const pools = [
		{ id: "p", operations: [...names.map((name) => operation(name)), other], checks: ["true"], closure: ["true"] },
		{ id: "blocked", operations: [operation("folder")], closure: ["exit 1"] },
		{ id: "again", operations: [operation("text", "other")], closure: ["nosuchcommand"], enabled: false },
	]
	const index = { metadata: { schema_version: version }, pools, finalClosure: ["true"] }
	put("module/index.json", JSON.stringify(index))
}

const run = (command: string[], options: { uid?: number; gid?: number } = {}) => {
	const places = ["--module", join(base, "module"), "--state", join(base, "state"), "--log", join(base, "update.log")]
	return collectOutput(spawn(process.execPath, [runner, ...command, ...places], { cwd: "/", ...options }))
}

/** Plans, as text and as data; resolves to the plan. */
async function planned(words: string[] = [], options: { uid?: number; gid?: number } = {}) {
	const before = wholeTree(base)
	const text = await run(["plan", ...words], options)
	const data = await run(["plan", "--json", ...words], options)
	expect(wholeTree(base)).toEqual(before)
	expect([text.stderr, data.stderr]).toEqual(["", ""])
	expect(text.stdout).toContain("pool p: ")
	return JSON.parse(data.stdout)
}
const changes = (plan: { pools: { operations: { change: string }[] }[] }) =>
	plan.pools.map((pool) => pool.operations.map(({ change }) => change).join(" "))

test("no state folder: none is made, nothing is written", async () => {
	const plan = await planned()
	expect(changes(plan)).toEqual(["replace replace replace create mode-only", "blocked", "replace"])
	expect(plan.pools[0].operations[0].diff).toContain("-old\n+new 1.0.0\n")
})

test("after a run: nothing is written to the state folder, the log and the files", async () => {
	expect((await run(["apply"])).status).toBe(1)
	put("appliance/text", "changed since\n")
	expect((await planned()).pools[0].would).toBe("unchanged")
	const forced = await planned(["--force"])
	expect(forced.pools[0].operations.map(({ drift }: { drift: string }) => drift)).toEqual([
		"changed",
		...Array(4).fill("ours"),
	])
})

test("going back: the originals and what goes away are told, nothing is written", async () => {
	put("appliance/only-newer", "mine\n")
	expect((await run(["apply"])).status).toBe(1)
	putModule("2.0.0", ["only-newer", "made/newer"])
	expect((await run(["apply"])).status).toBe(1)
	putModule("1.0.0")
	const refused = await run(["plan"])
	expect([refused.status, refused.stdout]).toEqual([2, expect.stringContaining("a run would be refused")])
	const plan = await planned(["--allow-downgrade"])
	expect(changes(plan)[0]).toBe("replace replace replace replace unchanged restore-original remove")
	expect(plan.pools[0].operations[5].diff).toContain("-new 2.0.0\n+mine\n")
	expect((await run(["apply", "--allow-downgrade"])).status).toBe(1)
	expect(wholeTree(join(base, "appliance"))["made/newer"]).toBeUndefined()
	expect(wholeTree(join(base, "appliance"))["only-newer"]).toMatch(/mine\n$/)
})

test.skipIf(!isRoot)("as somebody who may not write: a plan all the same, with every reason", async () => {
	chmodSync(join(base, "appliance/other"), 0o644)
	const plan = await planned([], { uid: NOBODY, gid: NOBODY })
	expect(new Set(plan.pools.map(({ would }: { would: string }) => would))).toEqual(new Set(["fail-preflight", "skip"]))
	expect(plan.pools[0].operations[0]).toMatchObject({
		change: "blocked",
		faults: [expect.any(String), expect.any(String), expect.any(String)],
	})
})

test.skipIf(!isRoot)("as somebody whose own files they are", async () => {
	for (const path of Object.keys(wholeTree(base))) {
		if (path !== "appliance/link") chownSync(join(base, path), NOBODY, NOBODY)
	}
	expect((await run(["apply"], { uid: NOBODY, gid: NOBODY })).status).toBe(1)
	expect(changes(await planned(["--force"], { uid: NOBODY, gid: NOBODY }))[0]).toBe(
		Array(5).fill("unchanged").join(" "),
	)
})

test.skipIf(!isRoot)("root's state folder, and a plan of somebody else: refused, nothing is written", async () => {
	expect((await run(["apply"])).status).toBe(1)
	const before = wholeTree(base)
	const { status, stdout, stderr } = await run(["plan"], { uid: NOBODY, gid: NOBODY })
	expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(/state/)])
	expect(wholeTree(base)).toEqual(before)
})
