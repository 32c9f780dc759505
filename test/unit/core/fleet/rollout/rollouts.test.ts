import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest"
import { createRollouts, type RolloutsDeps } from "../../../../../core/fleet/rollout/rollouts.ts"
import type { RolloutsService } from "../../../../../core/fleet/rollout/types.ts"
import { createSshConfig, type SshConfig } from "../../../../../core/fleet/ssh/config/ssh-config.ts"
import { openStore, type Store } from "../../../../../core/fleet/store/store.ts"
import { applianceSchema } from "../../../../../core/schema/appliance.ts"
import type { DesktopRun } from "../../../../../core/schema/desktop.ts"
import type { Rollout, RolloutChange } from "../../../../../core/schema/rollout.ts"
import { writeModule } from "../../../../support/module-folder.ts"
import { makeRun } from "../make.ts"
import { makeRollout, standingsOf, statusOf } from "./rollouts.ts"

/** The service over a real database; runs are stand-ins that a test changes. */
let folder: string
let store: Store
let service: RolloutsService | undefined
let listeners: Set<(change: never) => void>
let known: Map<string, DesktopRun>
let begun: string[]
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-rollouts-"))
	store = openStore(folder, () => {})
	listeners = new Set()
	known = new Map()
	begun = []
})
afterEach(async () => {
	await service?.close()
	service = undefined
	store.close()
	rmSync(folder, { recursive: true, force: true })
})

const failure = { code: "connection-lost", data: {} } as const
const open = (owner = "me", sshConfig: SshConfig | null = null) => {
	const runs = {
		look: (id: string) => known.get(id) ?? "unknown",
		isFollowed: (id: string) => known.has(id),
		begin: ({ id, appliance }: { id: string; appliance: { id: string } }) => {
			begun.push(appliance.id)
			known.set(id, makeRun({ id, run: `there-${id}`, applianceId: appliance.id, state: "running" }))
		},
		...{ beginRevert: () => {}, resume: () => {}, revive: () => {}, withdraw: () => {} },
	}
	const registry = { reach: applianceOf, get: applianceOf, isAdHoc: () => false }
	const listen = (tell: (change: never) => void) => {
		listeners.add(tell)
		return () => void listeners.delete(tell)
	}
	const deps = { store, runs, registry, sshConfig, state: { listen }, dataFolder: folder, owner, log: () => {} }
	service = createRollouts(deps as unknown as RolloutsDeps)
	return service
}
const applianceOf = (id: string) => applianceSchema.parse({ id, name: id, host: "h", signIn: { method: "agent" } })
const add = (rollout: Rollout, owner = "gone") =>
	store.rollouts.add(
		rollout,
		rollout.targets.map(({ applianceId }) => applianceOf(applianceId)),
		owner,
	)
const tell = (run: DesktopRun) => {
	known.set(run.id, run)
	for (const one of listeners) one({ type: "run-changed", run } as never)
}
const stored = () => store.rollouts.get("rollout") as Rollout
const withStanding = (standing: Rollout["targets"][number]["standing"], status: Rollout["status"]): Rollout => {
	const rollout = makeRollout([0])
	return { ...rollout, status, targets: rollout.targets.map((one) => ({ ...one, standing })) }
}
const ended = (id: string): DesktopRun =>
	makeRun({
		...{ id, run: "there", batch: "rollout", applianceId: "a", kind: "apply" },
		state: "finished",
		outcome: "applied",
		pools: [{ pool: "p", outcome: "applied" }],
	})

test("a run that was given up and ends after all is heard, though nobody drives its rollout any more", async () => {
	add(withStanding({ state: "expired", run: "r", failure }, { state: "undone" }))
	known.set("r", makeRun({ id: "r", batch: "rollout", state: "lost" }))
	open()
	tell(ended("r"))
	await vi.waitFor(() =>
		expect([statusOf(stored()), standingsOf(stored())]).toEqual(["undoing/started", "a:ended/applied"]),
	)
})

test("the same where it had ended before this program was opened", async () => {
	add(withStanding({ state: "expired", run: "r", failure }, { state: "finished" }))
	known.set("r", ended("r"))
	open().resume()
	await vi.waitFor(() => expect(standingsOf(stored())).toBe("a:ended/applied"))
})

test.each([
	["is taken up", "gone", "a:ended/applied", "finished"],
	["is left to a program that lives", `${process.ppid}`, "a:started", "running"],
])("what another program drove, while this one goes on, %s", async (_, owner, standing, status) => {
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
	onTestFinished(() => void vi.useRealTimers())
	open().resume()
	add(withStanding({ state: "started", run: "r", since: 0 }, { state: "running" }), owner)
	known.set("r", ended("r"))
	vi.advanceTimersByTime(5000)
	await vi.waitFor(() => expect([standingsOf(stored()), statusOf(stored())]).toEqual([standing, status]))
	vi.advanceTimersByTime(5000)
	await new Promise((resolve) => setTimeout(resolve, 200))
	expect(standingsOf(stored())).toBe(standing)
})

test("one that was left in order before its first run is taken up, one that has ended is not", async () => {
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
	onTestFinished(() => void vi.useRealTimers())
	open().resume()
	add(makeRollout([0]), "gone")
	store.rollouts.letGo("rollout", "gone")
	expect(store.rollouts.owner("rollout")).toBeNull()
	vi.advanceTimersByTime(5000)
	// Its module is not there: whoever drives it says so.
	await vi.waitFor(() => expect(statusOf(stored())).toBe("paused/desktop"))
})

test("what could not be put back, and was after all, is heard when the program is opened", async () => {
	const rollout = withStanding({ state: "ended", run: "r", outcome: "applied" }, { state: "undone" })
	const undo = { state: "failed", run: "u", failure } as const
	add({ ...rollout, targets: rollout.targets.map((one) => ({ ...one, applied: [{ pool: "p", run: "there", undo }] })) })
	known.set("u", { ...ended("u"), kind: "revert" })
	open().resume()
	await vi.waitFor(() => expect(stored().targets[0]?.applied[0]?.undo).toEqual({ state: "undone" }))
})

test("a word is heard though the program that drove it is gone", async () => {
	add(makeRollout([0, 0]))
	expect(await open().ask("rollout", { type: "halt" })).toBe(true)
	expect([begun, stored().status.state]).toEqual([[], "halted"])
})

test("a word to a program that lives and does not listen is told as not heard", async () => {
	// This very process, under another name of it.
	add(makeRollout([0, 0]), `${process.ppid}`)
	expect(await open().ask("rollout", { type: "halt" })).toBe(false)
	expect(store.rollouts.wishes("rollout")).toHaveLength(1)
}, 120_000)

test("who is behind one jump host is told by the user's own configuration, too", async () => {
	const { policy } = makeRollout([0])
	const file = join(folder, "config")
	writeFileSync(file, "Host h\n  ProxyJump me@gate\n", { mode: 0o600 })
	const rollouts = open("me", createSshConfig({ file }))
	const module = await writeModule(join(folder, "fix"), [{ id: "p", files: { "/etc/a": "ours" }, closure: ["true"] }])
	const request = { folder: module, applianceIds: ["a", "b"], force: false, allowDowngrade: false, policy }
	const { id } = await rollouts.start(request)
	for (const { targets } of [await rollouts.preview(request), rollouts.get(id)])
		expect(targets.map(({ jump }) => jump)).toEqual(["gate:22", "gate:22"])
})

test("from its start to its end it is followed as the whole and then what changed; the copy of the module goes then", async () => {
	const { policy } = makeRollout([0])
	const rollouts = open()
	const module = await writeModule(join(folder, "fix"), [{ id: "p", files: { "/etc/a": "ours" }, closure: ["true"] }])
	const request = { folder: module, applianceIds: ["a", "b"], force: false, allowDowngrade: false, policy }
	expect((await rollouts.preview(request)).targets.map(({ wave }) => wave)).toEqual([0, 1])
	expect([rollouts.list(), readdirSync(folder).includes("rollouts")]).toEqual([[], false])
	const { id } = await rollouts.start(request)
	const changes: RolloutChange[] = []
	const following = (async () => {
		for await (const change of rollouts.followChanges(id)) {
			changes.push(change)
			if (change.type === "step" && change.head.status.state === "finished") return
		}
	})()
	for (const appliance of ["a", "b"]) {
		await vi.waitFor(() => expect(begun).toContain(appliance))
		const run = [...known.values()].find(({ applianceId }) => applianceId === appliance) as DesktopRun
		tell({ ...run, state: "finished", outcome: "applied", pools: [{ pool: "p", outcome: "applied" }] })
	}
	await following
	expect(changes[0]?.type).toBe("whole")
	const first = changes[0]?.type === "whole" ? changes[0].rollout : undefined
	const seen = changes.reduce<Rollout | undefined>((rollout, change) => {
		if (change.type === "whole" || !rollout) return rollout
		const targets = [...rollout.targets]
		for (const { position, target } of change.targets) targets[position] = target
		return { ...change.head, targets }
	}, first)
	expect(seen).toEqual(rollouts.get(id))
	await vi.waitFor(() => expect(readdirSync(join(folder, "rollouts"))).toEqual([]))
})
