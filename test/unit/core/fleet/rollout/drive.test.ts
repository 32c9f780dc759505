import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type Drive, type DriveDeps, driveRollout } from "../../../../../core/fleet/rollout/drive.ts"
import { freezeModule } from "../../../../../core/fleet/rollout/freeze-module.ts"
import { step } from "../../../../../core/fleet/rollout/step.ts"
import { openStore, type Store } from "../../../../../core/fleet/store/store.ts"
import { type Appliance, applianceSchema } from "../../../../../core/schema/appliance.ts"
import type { ApplianceState, DesktopRun } from "../../../../../core/schema/desktop.ts"
import type { Failure } from "../../../../../core/schema/failure.ts"
import type { Rollout, RolloutPolicy } from "../../../../../core/schema/rollout.ts"
import { writeModule } from "../../../../support/module-folder.ts"
import { makeRollout, standingsOf, statusOf } from "./rollouts.ts"

/**
 * Stands in for the runs service: it remembers what was begun, and a test says how each run goes on. The database, the
 * frozen module and the drive itself are the real ones; the runs of real appliances are in the integration suite.
 */
class Runs {
	known = new Map<string, DesktopRun | "unreadable">()
	begun: string[] = []
	reached = new Map<string, Appliance>()
	resumed: string[] = []

	begin = ({ id, appliance }: { id: string; appliance: Appliance }) => this.add(id, appliance, "apply", appliance.id)
	beginRevert = (one: { id: string; appliance: Appliance; request: { pool: string; run?: string | undefined } }) =>
		this.add(one.id, one.appliance, "revert", `undo ${one.appliance.id} ${one.request.pool}@${one.request.run}`)
	look = (id: string) => this.known.get(id) ?? "unknown"
	isFollowed = (id: string) => this.known.has(id)
	resume = (only?: ReadonlyMap<string, unknown>) => void this.resumed.push(...(only?.keys() ?? []))
	revive = (_id: string) => {}
	withdrawn: string[] = []
	withdraw = (id: string) => {
		const run = this.known.get(id)
		if (run && run !== "unreadable" && run.run === undefined) {
			this.withdrawn.push(run.applianceId)
			this.known.set(id, { ...run, state: "not-started", failure: failureOf("cancelled") })
		}
	}

	of(applianceId: string): DesktopRun {
		const run = [...this.known.values()].findLast((one) => one !== "unreadable" && one.applianceId === applianceId)
		if (run === undefined || run === "unreadable") throw new Error(`nothing was begun on ${applianceId}`)
		return run
	}
	say(applianceId: string, change: Partial<DesktopRun>) {
		const run = this.of(applianceId)
		this.known.set(run.id, { ...run, ...change })
	}
	end(applianceId: string, outcome: NonNullable<DesktopRun["outcome"]> = "applied") {
		this.say(applianceId, { state: "finished", outcome, pools: [{ pool: "p", outcome }] })
	}
	private add(id: string, appliance: Appliance, kind: DesktopRun["kind"], told: string): DesktopRun {
		this.begun.push(told)
		this.reached.set(appliance.id, appliance)
		const run: DesktopRun = {
			...{ id, batch: "b", applianceId: appliance.id, applianceName: appliance.name, kind, pools: [] },
			...{ run: `there-${id}`, state: "running", startedAt: "2026-11-28T00:00:00.000Z" },
			module: { name: "fix", version: "1.0.0", digest: "0".repeat(64) },
		}
		this.known.set(id, run)
		return run
	}
}

let folder: string
let store: Store
let runs: Runs
let fleet: Map<string, Appliance>
let log: string[]
let drive: Drive | undefined
let frozen: Awaited<ReturnType<typeof freezeModule>>
beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-drive-"))
	store = openStore(folder, () => {})
	runs = new Runs()
	log = []
	await writeModule(join(folder, "fix"), [{ id: "p", files: { "/etc/a": "ours" }, closure: ["true"] }])
	frozen = await freezeModule(join(folder, "fix"), join(folder, "frozen"))
})
afterEach(async () => {
	drive?.stop()
	await drive?.done
	drive = undefined
	store.close()
	rmSync(folder, { recursive: true, force: true })
})

const applianceOf = (id: string, host = "127.0.0.1") =>
	applianceSchema.parse({ id, name: id, host, signIn: { method: "agent" } })
const deps = (): DriveDeps => ({
	...{ rollouts: store.rollouts, runs: runs as unknown as DriveDeps["runs"], owner: "me", told: () => {} },
	registry: { get: (id) => fleet.get(id) as ApplianceState | undefined },
	log: (line) => log.push(line),
})
const add = (waves: number[], changes: Partial<RolloutPolicy> = {}, owner = "me"): Rollout => {
	const { manifest, folder: place } = frozen
	const module = { name: "fix", version: "1.0.0", digest: manifest.digest, folder: place }
	const rollout = { ...makeRollout(waves, { budget: { wave: {}, whole: {} }, ...changes }), module }
	fleet = new Map(rollout.targets.map(({ applianceId }) => [applianceId, applianceOf(applianceId)]))
	store.rollouts.add(rollout, [...fleet.values()], owner)
	return rollout
}
const go = (rollout: Rollout, changes: Partial<DriveDeps> = {}) => {
	drive = driveRollout(rollout, { ...deps(), ...changes })
	return drive
}
const stored = () => store.rollouts.get("rollout") as Rollout
const ask = (wish: Parameters<Store["rollouts"]["addWish"]>[1]) => {
	store.rollouts.addWish("rollout", wish)
	drive?.wake()
}
const until = (told: () => unknown, what: unknown) => vi.waitFor(() => expect(told()).toEqual(what), 5000)
const wakeAll = () => drive?.wake()
const failureOf = (code: Failure["code"]): Failure => ({ code, data: {} })

test("each wave follows the one before, and nothing is begun that is not on disk", async () => {
	const rollout = add([0, 1, 1])
	const begin = runs.begin
	runs.begin = (one) => {
		const known = stored().targets.flatMap(({ standing }) => ("run" in standing ? [standing.run] : []))
		expect(known).toContain(one.id)
		return begin(one)
	}
	go(rollout)
	await until(() => runs.begun, ["a"])
	runs.end("a")
	wakeAll()
	await until(() => runs.begun, ["a", "b", "c"])
	runs.end("b", "unchanged")
	runs.end("c", "failed")
	wakeAll()
	await drive?.done
	expect([statusOf(stored()), standingsOf(stored())]).toEqual([
		"finished",
		"a:ended/applied b:ended/unchanged c:ended/failed",
	])
	expect(store.rollouts.owner("rollout")).toBeNull()
	expect(log).toEqual([])
})

test("a halt that was said to a program that is gone is heard before anything is begun", async () => {
	const rollout = add([0, 0])
	ask({ type: "halt" })
	await go(rollout).done
	expect(runs.begun).toEqual([])
	expect(stored().status).toEqual({ state: "halted" })
})

test("how a run ended while the module was read is heard before anything is begun", async () => {
	const rollout = add([0, 0, 0], { budget: { wave: { count: 1 }, whole: { count: 1 } } })
	const begun = step(rollout, { type: "started", runs: [{ applianceId: "a", run: "r" }] }, Date.now())
	store.rollouts.save("me", rollout, begun)
	runs.begin({ id: "r", appliance: applianceOf("a") })
	const { look } = runs
	let looks = 0
	runs.look = (id) => {
		if (++looks > 1) runs.end("a", "failed")
		return look(id)
	}
	await go(begun).done
	expect([runs.begun, statusOf(stored())]).toEqual([["a"], "paused/failures"])
})

test("a word said while it drives is heard, and a pause begins nothing more", async () => {
	go(add([0, 1]))
	await until(() => runs.begun, ["a"])
	ask({ type: "pause" })
	await until(() => stored().status, { state: "paused", why: "person" })
	runs.end("a")
	wakeAll()
	await drive?.done
	expect(runs.begun).toEqual(["a"])
	expect(standingsOf(stored())).toBe("a:ended/applied b:waiting")
})

test("after a halt, what waits for its turn to connect is not begun any more and stands as it did", async () => {
	go(add([0, 0]))
	await until(() => runs.begun, ["a", "b"])
	const { run: _, ...waiting } = runs.of("b")
	runs.known.set(waiting.id, { ...waiting, state: "connecting" })
	ask({ type: "halt" })
	await until(() => standingsOf(stored()), "a:started b:waiting")
	runs.end("a")
	wakeAll()
	await drive?.done
	expect([runs.begun, runs.withdrawn, stored().status.state]).toEqual([["a", "b"], ["b"], "halted"])
})

test("one that is tried again at a gate is left to connect, and proves the wave", async () => {
	const unreachable = { budget: {}, retrySeconds: 1, expireSeconds: 600 }
	go(add([0, 1], { unreachable }))
	await until(() => runs.begun, ["a"])
	runs.say("a", { state: "not-started", failure: failureOf("unreachable") })
	wakeAll()
	await until(() => runs.begun, ["a", "a"])
	const { run: _, ...waiting } = runs.of("a")
	runs.known.set(waiting.id, { ...waiting, state: "connecting" })
	wakeAll()
	await until(() => [stored().status.state, standingsOf(stored())], ["gate", "a:started b:waiting"])
	runs.say("a", { run: "there", state: "finished", outcome: "applied", pools: [{ pool: "p", outcome: "applied" }] })
	wakeAll()
	await until(() => [runs.withdrawn, standingsOf(stored())], [[], "a:ended/applied b:started"])
})

test("where a step cannot be written nothing is begun; it is tried again, with waits, and then goes on", async () => {
	const rollout = add([0])
	let tries = 0
	let isFull = true
	const save: Store["rollouts"]["save"] = (...step) => {
		tries++
		if (isFull) throw Object.assign(new Error("database or disk is full"), { errcode: 13 })
		store.rollouts.save(...step)
	}
	go(rollout, { rollouts: { ...store.rollouts, save } })
	const waking = setInterval(wakeAll, 5)
	await new Promise((resolve) => setTimeout(resolve, 400))
	expect(runs.begun).toEqual([])
	// However often it is woken.
	expect(tries).toBe(1)
	expect(log.join("\n")).toContain("disk-full")
	isFull = false
	clearInterval(waking)
	await until(() => runs.begun, ["a"])
})

test("a run that was written down and never asked for is begun, once, under a new id", async () => {
	const rollout = add([0])
	const begun = step(rollout, { type: "started", runs: [{ applianceId: "a", run: "never-asked" }] }, Date.now())
	store.rollouts.save("me", rollout, begun)
	go(begun)
	await until(() => runs.begun, ["a"])
	expect(runs.of("a").id).not.toBe("never-asked")
})

test("a run that another program has begun is taken up and not begun again", async () => {
	const rollout = add([0])
	const begun = step(rollout, { type: "started", runs: [{ applianceId: "a", run: "r" }] }, Date.now())
	store.rollouts.save("me", rollout, begun)
	runs.begin({ id: "r", appliance: applianceOf("a") })
	runs.begun = []
	runs.isFollowed = () => false
	go(begun)
	await until(() => runs.resumed, ["r"])
	runs.end("a")
	wakeAll()
	await drive?.done
	expect([runs.begun, standingsOf(stored())]).toEqual([[], "a:ended/applied"])
})

test("a run whose row cannot be read is never asked for again", async () => {
	const rollout = add([0])
	const begun = step(rollout, { type: "started", runs: [{ applianceId: "a", run: "r" }] }, Date.now())
	store.rollouts.save("me", rollout, begun)
	runs.known.set("r", "unreadable")
	await go(begun).done
	expect([runs.begun, standingsOf(stored())]).toEqual([[], "a:ended/failed"])
})

test("one that was left when this program closed has not failed", async () => {
	go(add([0]))
	await until(() => runs.begun, ["a"])
	drive?.stop()
	await drive?.done
	expect(store.rollouts.owner("rollout")).toBeNull()
	runs.say("a", { state: "not-started", failure: failureOf("cancelled") })
	expect(store.rollouts.claim("rollout", null, "me")).toBe(true)
	go(stored())
	await until(() => runs.begun, ["a", "a"])
	expect(standingsOf(stored())).toBe("a:started")
})

test("what was removed from the fleet is left out, and the others go on", async () => {
	const rollout = add([0, 0])
	fleet.delete("a")
	go(rollout)
	await until(() => runs.begun, ["b"])
	expect(standingsOf(stored())).toBe("a:skipped b:started")
})

test("an appliance is reached where the rollout was shown to go; one of the fleet signs in as the fleet says now", async () => {
	const rollout = add([0, 0])
	const targets = rollout.targets.map((one) => (one.applianceId === "b" ? { ...one, isAdHoc: true } : one))
	for (const id of ["a", "b"]) fleet.set(id, { ...applianceOf(id, "moved.example"), jump: "there", user: "other" })
	go({ ...rollout, targets })
	await until(() => runs.begun, ["a", "b"])
	const reached = ["a", "b"].map((id) => runs.reached.get(id))
	expect(reached.map((one) => [one?.host, one?.jump, one?.user])).toEqual([
		["127.0.0.1", undefined, "other"],
		["127.0.0.1", undefined, "root"],
	])
})

test("another program that took it over is the only one that goes on", async () => {
	go(add([0, 1]))
	await until(() => runs.begun, ["a"])
	expect(store.rollouts.claim("rollout", "me", "other")).toBe(true)
	runs.end("a")
	wakeAll()
	await drive?.done
	expect([runs.begun, standingsOf(stored())]).toEqual([["a"], "a:started b:waiting"])
	expect(store.rollouts.owner("rollout")).toBe("other")
})

test("a copy of the module that was changed stops it as this desktop's fault; put right, it goes on", async () => {
	const copy = join(folder, "frozen/fix/src/p/0")
	appendFileSync(copy, " changed")
	await go(add([0])).done
	expect([runs.begun, standingsOf(stored())]).toEqual([[], "a:waiting"])
	expect(stored().status).toMatchObject({ state: "paused", why: "desktop", failure: { code: "internal" } })
	writeFileSync(copy, readFileSync(join(folder, "fix/src/p/0")))
	store.rollouts.claim("rollout", null, "me")
	ask({ type: "go-on" })
	go(stored())
	await until(() => runs.begun, ["a"])
})

test("a lost run is away and not failed; found again it goes on to its end", async () => {
	go(add([0], { unreachable: { budget: {}, retrySeconds: 60, expireSeconds: 600 } }))
	await until(() => runs.begun, ["a"])
	// No `retryAt`: a person is needed, and nobody waits for one.
	runs.say("a", { state: "lost", failure: failureOf("host-key-changed") })
	wakeAll()
	await until(() => standingsOf(stored()), "a:lost")
	runs.say("a", { state: "running" })
	wakeAll()
	await until(() => standingsOf(stored()), "a:started")
	runs.end("a")
	wakeAll()
	await drive?.done
	expect(standingsOf(stored())).toBe("a:ended/applied")
})

test("a short cut is none: the appliance counts as under way", async () => {
	go(add([0]))
	await until(() => runs.begun, ["a"])
	runs.say("a", { state: "lost", retryAt: "2026-11-28T00:00:00.000Z", failure: failureOf("connection-lost") })
	wakeAll()
	await new Promise((resolve) => setTimeout(resolve, 200))
	expect(standingsOf(stored())).toBe("a:started")
})

test("undone is exactly what was applied, under the appliance's own id, wherever its row went", async () => {
	go(add([0, 0]))
	await until(() => runs.begun, ["a", "b"])
	const there = runs.of("a").run
	runs.end("a")
	runs.end("b", "unchanged")
	wakeAll()
	await drive?.done
	runs.known.clear()
	fleet.delete("a")
	store.rollouts.claim("rollout", null, "me")
	ask({ type: "undo" })
	go(stored())
	await until(() => runs.begun, ["a", "b", `undo a p@${there}`])
	runs.end("a")
	wakeAll()
	await drive?.done
	expect(statusOf(stored())).toBe("undone")
})
