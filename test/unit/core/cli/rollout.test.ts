import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { openStore } from "../../../../core/fleet/store/store.ts"
import type { Rollout, RolloutStatus, RolloutTarget } from "../../../../core/schema/rollout.ts"
import { callHotfix } from "../../../support/in-process.ts"
import { writeModule } from "../../../support/module-folder.ts"
import { makeAppliance } from "../fleet/make.ts"
import { makeRollout } from "../fleet/rollout/rollouts.ts"

let data: string
beforeEach(() => {
	data = mkdtempSync(join(tmpdir(), "hotfix-rollout-"))
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

const call = (...args: string[]) => callHotfix(["rollout", ...args, "--data", data, "--ssh-config", "none"])
const failure = { code: "timed-out", data: {} } as const

/** Owns rollouts, lives, and hears nothing. */
const DEAF = `${process.ppid}`

/** A rollout of this desktop in its wave 0 that nobody drives, with appliances that stand so, called `A`, `B` ... */
function keep(status: RolloutStatus, ...changes: Partial<RolloutTarget>[]): void {
	keepOf("gone", status, ...changes)
}

function keepOf(owner: string, status: RolloutStatus, ...changes: Partial<RolloutTarget>[]): void {
	const rollout = makeRollout(changes.map(() => 0))
	const targets = rollout.targets.map((target, index) => ({ ...target, ...changes[index] }))
	const store = openStore(data, () => {})
	const appliances = targets.map(({ applianceId }) => makeAppliance({ id: applianceId }))
	store.rollouts.add({ ...rollout, status, targets }, appliances, owner)
	store.close()
}

const failed: Partial<RolloutTarget> = { standing: { state: "ended", run: "r", outcome: "failed", failure } }
const givenUp: Partial<RolloutTarget> = { standing: { state: "expired", failure } }
const unknown: Partial<RolloutTarget> = { standing: { state: "expired", run: "r", failure } }
const applied = (undo: RolloutTarget["applied"][number]["undo"]): Partial<RolloutTarget> => ({
	standing: { state: "ended", run: "r", outcome: "applied" },
	applied: [{ pool: "web", run: "r", ...(undo && { undo }) }],
})

test.each<[string, number, Partial<RolloutTarget>[]]>([
	["after the main case, a failed one that nothing was applied on", 0, [failed, applied({ state: "undone" })]],
	["given up before anything was applied", 0, [givenUp, applied({ state: "undone" })]],
	["what could not be put back", 3, [failed, applied({ state: "failed" })]],
	["of which nobody knows what was applied", 6, [unknown, applied({ state: "undone" })]],
])("an undone rollout tells of what was put back alone: %s", async (_, exit, changes) => {
	keep({ state: "undone" }, ...changes)
	expect((await call("status", "rollout", "--json")).exit).toBe(exit)
})

test("a failure is told as long as nobody has it put back", async () => {
	keep({ state: "halted" }, failed, applied(undefined))
	expect((await call("status", "rollout", "--json")).exit).toBe(1)
})

test.each([
	["A", "cannot leave out A, which is applied"],
	["C", "no such appliance: C"],
	["twin", "several appliances are called twin: say which by its id, b, c"],
])("skip says where it does nothing: %s", async (name, words) => {
	const twin: Partial<RolloutTarget> = { name: "twin" }
	keep({ state: "halted" }, applied(undefined), twin, twin)
	const skipped = await call("skip", "rollout", name)
	expect(skipped).toMatchObject({ exit: 2, stderr: expect.stringContaining(words) })
})

test("skip by id, where a name means several", async () => {
	keep({ state: "halted" }, { name: "twin" }, { name: "twin" })
	await call("skip", "rollout", "b", "--json")
	const { stdout } = await call("status", "rollout", "--json")
	expect((JSON.parse(stdout) as Rollout).targets.map(({ standing }) => standing.state)).toEqual(["waiting", "skipped"])
})

test.each<[RolloutStatus, object]>([
	[{ state: "gate" }, { wave: 0 }],
	[
		{ state: "paused", why: "failures" },
		{ wave: 0, why: "failures" },
	],
])(
	"resume names where it saw the rollout stand: %j",
	async (status, at) => {
		keepOf(DEAF, status, failed, {})
		expect((await call("resume", "rollout")).exit).toBe(4)
		const store = openStore(data, () => {})
		expect(store.rollouts.wishes("rollout").map(({ wish }) => wish)).toEqual([{ type: "go-on", at }])
		store.close()
	},
	20_000,
)

test.each([
	["--filter", "tag:test"],
	["--group", "Bakeries"],
	["--on", "kitchen"],
])("the whole fleet beside another choice, %s, is a mistake", async (option, value) => {
	for (const command of ["start", "prepare"])
		expect(await call(command, "fix", "--fleet", option, value)).toMatchObject({
			exit: 2,
			stderr: expect.stringContaining("cannot be used with option"),
		})
})

const wavesOf = (stdout: string) => (JSON.parse(stdout) as Rollout).targets.map(({ name, wave }) => `${name} ${wave}`)

test("who is named as the canary comes first, and is the first wave", async () => {
	const module = join(data, "fix")
	await writeModule(module, [{ id: "p", files: { "/etc/a": "ours" }, closure: ["true"] }])
	const preview = (...args: string[]) =>
		call("start", module, "--on", "a", "b", "c", "d", "--preview", "--json", ...args)
	expect(wavesOf((await preview("--canary", "c", "b")).stdout)).toEqual(["c 0", "b 0", "a 1", "d 2"])
	expect(wavesOf((await preview("--canary", "c", "b", "--wave", "1")).stdout)).toEqual(["c 0", "b 1", "a 1", "d 1"])
	expect(await preview("--canary", "c", "c")).toMatchObject({
		exit: 2,
		stderr: expect.stringContaining("names c twice"),
	})
	expect(await preview("--canary", "e")).toMatchObject({ exit: 2, stderr: expect.stringContaining("appliance: e") })
})
