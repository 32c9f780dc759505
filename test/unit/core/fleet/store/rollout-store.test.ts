import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, expect, test } from "vitest"
import { step } from "../../../../../core/fleet/rollout/step.ts"
import { NotOwner } from "../../../../../core/fleet/store/rollout-store.ts"
import { openStore, type Store } from "../../../../../core/fleet/store/store.ts"
import { applianceSchema } from "../../../../../core/schema/appliance.ts"
import type { DesktopRun } from "../../../../../core/schema/desktop.ts"
import { retentionSchema } from "../../../../../core/schema/retention.ts"
import type { RolloutTarget } from "../../../../../core/schema/rollout.ts"
import { summarise } from "../../../../../core/schema/rollout-words.ts"
import { makeRollout } from "../rollout/rollouts.ts"

let folder: string
let store: Store
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-store-"))
	store = openStore(folder, () => {})
})
afterEach(() => {
	store.close()
	rmSync(folder, { recursive: true, force: true })
})

const rollout = makeRollout([0, 1, 1])
const appliances = rollout.targets.map(({ applianceId: id, name }) =>
	applianceSchema.parse({ id, name, host: "127.0.0.1", signIn: { method: "agent" } }),
)
const reopen = () => {
	store.close()
	store = openStore(folder, () => {})
}

test("a rollout comes back as it was, step by step, with how its targets are reached", () => {
	store.rollouts.add(rollout, appliances, "me")
	const next = step(rollout, { type: "started", runs: [{ applianceId: "a", run: "r" }] }, 5)
	store.rollouts.save("me", rollout, next)
	const paused = step(next, { type: "pause" }, 6)
	store.rollouts.save("me", next, paused)
	reopen()
	expect(store.rollouts.get("rollout")).toEqual(paused)
	expect(store.rollouts.list()).toEqual([summarise(paused)])
	expect([...store.rollouts.appliances("rollout").values()]).toEqual(appliances)
	expect(store.rollouts.get("other")).toBeUndefined()
})

test("only what changed is written", () => {
	store.rollouts.add(rollout, appliances, "me")
	const next = step(rollout, { type: "started", runs: [{ applianceId: "a", run: "r" }] }, 5)
	// Somebody else's hand in a row that does not change: it is still there.
	const db = new DatabaseSync(join(folder, "hotfix.sqlite"))
	db.exec("UPDATE rollout_targets SET body = json_set(body, '$.name', 'renamed') WHERE position = 2")
	db.close()
	store.rollouts.save("me", rollout, next)
	expect(store.rollouts.get("rollout")?.targets.map(({ name }) => name)).toEqual(["A", "B", "renamed"])
})

test("with a target that cannot be read it is not told at all: it would be forgotten", () => {
	store.rollouts.add(rollout, appliances, "me")
	const db = new DatabaseSync(join(folder, "hotfix.sqlite"))
	db.exec("UPDATE rollout_targets SET body = '{}' WHERE position = 1")
	db.close()
	expect(store.rollouts.get("rollout")).toBeUndefined()
})

test("one program drives it; another one takes it over only from the one it knows", () => {
	store.rollouts.add(rollout, appliances, "first")
	expect(store.rollouts.owner("rollout")).toBe("first")
	expect(store.rollouts.claim("rollout", "other", "second")).toBe(false)
	expect(store.rollouts.claim("rollout", "first", "second")).toBe(true)
	expect(() => store.rollouts.save("first", rollout, rollout)).toThrow(NotOwner)
	expect(store.rollouts.release("rollout", "first")).toBe(false)
	expect(store.rollouts.owner("rollout")).toBe("second")
	expect(store.rollouts.release("rollout", "second")).toBe(true)
	expect(store.rollouts.owner("rollout")).toBeNull()
})

test("a word stays until the step that heard it is written with it, and nobody lets go before", () => {
	store.rollouts.add(rollout, appliances, "me")
	const first = store.rollouts.addWish("rollout", { type: "pause" })
	const second = store.rollouts.addWish("rollout", { type: "skip", applianceIds: ["b"] })
	expect(store.rollouts.wishes("rollout")).toEqual([
		{ row: first, wish: { type: "pause" } },
		{ row: second, wish: { type: "skip", applianceIds: ["b"] } },
	])
	const paused = step(rollout, { type: "pause" }, 0)
	expect(() => store.rollouts.save("somebody else", rollout, paused, first)).toThrow(NotOwner)
	expect(store.rollouts.isWaiting(first)).toBe(true)
	store.rollouts.save("me", rollout, paused, first)
	expect([store.rollouts.isWaiting(first), store.rollouts.isWaiting(second)]).toEqual([false, true])
	expect(store.rollouts.release("rollout", "me")).toBe(false)
	store.rollouts.letGo("rollout", "me")
	expect(store.rollouts.owner("rollout")).toBeNull()
	expect(store.rollouts.wishes("rollout")).toHaveLength(1)
})

test("a word that cannot be read is dropped, and said", () => {
	const said: string[] = []
	store.close()
	store = openStore(folder, (line) => said.push(line))
	store.rollouts.add(rollout, appliances, "me")
	store.rollouts.addWish("rollout", { type: "pause" })
	const db = new DatabaseSync(join(folder, "hotfix.sqlite"))
	db.exec(`UPDATE rollout_wishes SET body = '{"type":"burn"}'`)
	db.close()
	expect(store.rollouts.wishes("rollout")).toEqual([])
	expect(said).toEqual(["cannot read what was asked of rollout rollout"])
	expect(store.rollouts.release("rollout", "me")).toBe(true)
})

test("rows that are damaged stop nothing: no run is cleared away, and the program opens", () => {
	store.rollouts.add(rollout, appliances, "me")
	const run = (id: string, startedAt: string): DesktopRun => ({
		...{ id, batch: "b", applianceId: "a", applianceName: "A", kind: "apply", state: "finished", pools: [] },
		...{ startedAt, module: { name: "m", version: "1", digest: "0".repeat(64) } },
	})
	store.runs.save(run("old", "2020-01-01T00:00:00.000Z"), null)
	store.runs.save(run("newest", "2026-01-01T00:00:00.000Z"), null)
	store.retention.set(retentionSchema.parse({ runs: 1 }))
	const db = new DatabaseSync(join(folder, "hotfix.sqlite"))
	db.exec("UPDATE rollout_targets SET body = 'torn' WHERE position = 1; UPDATE runs SET room = 10")
	db.close()
	reopen()
	expect([store.runs.has("old"), store.rollouts.has("rollout"), store.rollouts.get("rollout")]).toEqual([
		true,
		true,
		undefined,
	])
})

test("a run that a rollout names is kept: unknown it would count as never asked for", () => {
	const run = (id: string): DesktopRun => ({
		...{ id, run: id, batch: "b", applianceId: "a", applianceName: "A", kind: "apply", state: "finished", pools: [] },
		...{ startedAt: "2020-01-01T00:00:00.000Z", module: { name: "m", version: "1", digest: "0".repeat(64) } },
	})
	for (const id of ["started", "undoing", "other"]) store.runs.save(run(id), null)
	store.runs.save({ ...run("newest"), startedAt: "2026-01-01T00:00:00.000Z" }, null)
	const begun = step(rollout, { type: "started", runs: [{ applianceId: "a", run: "started" }] }, 0)
	const [a, ...others] = begun.targets
	const undo = { state: "started" as const, run: "undoing", since: 0 }
	const b = { ...others[0], applied: [{ pool: "p", run: "there", undo }] } as RolloutTarget
	store.rollouts.add({ ...begun, targets: [a as RolloutTarget, b, ...others.slice(1)] }, appliances, "me")
	store.retention.set(retentionSchema.parse({ runs: 1 }))
	store.retention.prune()
	expect(["started", "undoing", "other"].map((id) => store.runs.has(id))).toEqual([true, true, false])
	const reason = { phase: "closure" as const, message: "x".repeat(65 << 20) }
	const pools = [{ pool: "p", outcome: "degraded" as const, reason }]
	store.runs.save({ ...run("invented"), startedAt: "2027-01-01T00:00:00.000Z", pools }, null)
	store.retention.pruneShare("a")
	expect(["started", "undoing", "newest"].map((id) => store.runs.has(id))).toEqual([true, true, false])
})
