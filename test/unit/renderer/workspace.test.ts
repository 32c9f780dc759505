import { expect, test } from "vitest"
import type { DesktopState, OpenModule } from "../../../core/schema/desktop.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import { createDesktopStore } from "../../../renderer/stores/desktop.ts"
import {
	chosenPools,
	createWorkspace,
	emptyWorkspace,
	obstacleOf,
	reviewStateOf,
	type Workspace,
	withChoice,
	withModule,
} from "../../../renderer/stores/workspace.ts"

function opened(pools: { id: string; enabled?: boolean }[], change: Partial<OpenModule> = {}): OpenModule {
	const made = pools.map(({ id, enabled = true }) => ({
		...{ id, enabled, description: "", operations: [], closure: ["true"], checks: [], redact: [], timeoutSeconds: 300 },
	}))
	const metadata = { schema_version: "1.0.0", description: "", enabled: true }
	const module = { metadata, pools: made, finalClosure: [] }
	return { folder: "/m", name: "m", text: "{}", module, findings: [], sources: [], ...change }
}

const fault = { severity: "fault", rule: "r", path: "$", line: 1, column: 1, message: "m", remedy: "r" } as const
const ready: Workspace = { ...withModule(emptyWorkspace, opened([{ id: "a" }])), applianceIds: ["x"] }

test.each<[string, Workspace, RegExp | undefined]>([
	["all is there", ready, undefined],
	["no module", emptyWorkspace, /open a module/i],
	["a fault", { ...ready, opened: opened([{ id: "a" }], { findings: [fault] }) }, /1 fault\b/],
	["two faults", { ...ready, opened: opened([], { findings: [fault, { ...fault, line: 2 }] }) }, /2 faults/],
	[
		"a warning only",
		{ ...ready, opened: opened([{ id: "a" }], { findings: [{ ...fault, severity: "warning" }] }) },
		undefined,
	],
	["no pool", { ...ready, pools: [] }, /pool/],
	["no appliance", { ...ready, applianceIds: [] }, /appliance/],
])("what stands in the way: %s", (_, workspace, words) => {
	const obstacle = obstacleOf(workspace)
	if (words) expect(obstacle).toMatch(words)
	else expect(obstacle).toBeUndefined()
})

test("a disabled module cannot be run", () => {
	const module = opened([{ id: "a" }])
	if (module.module) module.module.metadata.enabled = false
	expect(obstacleOf({ ...ready, opened: module })).toMatch(/disabled/)
})

test("an opened module has its enabled pools chosen", () => {
	expect(withModule(emptyWorkspace, opened([{ id: "a" }, { id: "b", enabled: false }])).pools).toEqual(["a"])
})

test("a reload keeps the choice and takes new pools in", () => {
	const chosen = { ...withModule(emptyWorkspace, opened([{ id: "a" }, { id: "b" }])), pools: ["b"] }
	expect(withModule(chosen, opened([{ id: "a" }, { id: "b" }, { id: "c" }])).pools).toEqual(["b", "c"])
})

test("another module starts with its own pools", () => {
	const chosen = { ...withModule(emptyWorkspace, opened([{ id: "a" }])), pools: [] }
	expect(withModule(chosen, opened([{ id: "a" }], { folder: "/other" })).pools).toEqual(["a"])
})

test("all enabled pools chosen stand for the whole module", () => {
	const all = withModule(emptyWorkspace, opened([{ id: "a" }, { id: "b" }, { id: "off", enabled: false }]))
	expect(chosenPools(all)).toBeUndefined()
	expect(chosenPools({ ...all, pools: ["b"] })).toEqual(["b"])
})

test("another choice of pools or options voids the plans, another appliance does not", () => {
	const planned: Workspace = { ...ready, plans: { x: { state: "planning" } } }
	expect(withChoice(planned, { pools: [] }).plans).toEqual({})
	expect(withChoice(planned, { force: true }).plans).toEqual({})
	expect(withChoice(planned, { allowDowngrade: true }).plans).toEqual({})
	expect(withChoice(planned, { applianceIds: ["x", "y"] }).plans).toEqual(planned.plans)
})

test.each([
	["nothing was asked", {}, "open"],
	["one of two was", { x: { state: "failed", error: 1 } }, "open"],
	["one is being asked", { x: { state: "failed", error: 1 }, y: { state: "planning" } }, "asked"],
	[
		"all have answered, if only with a failure",
		{ x: { state: "failed", error: 1 }, y: { state: "failed", error: 1 } },
		"ready",
	],
] as const)("how far a review is: %s", (_, plans, state) => {
	expect(reviewStateOf(plans, ["x", "y"])).toBe(state)
})

/** An app whose appliances answer when a test says so. */
function withAnswers() {
	const answers = new Map<string, (digest: string) => void>()
	const asked: object[] = []
	const started: object[] = []
	const api = {
		modules: { open: async ({ folder }: { folder: string }) => opened([{ id: "a" }, { id: "b" }], { folder }) },
		history: { durations: async () => ({ durations: [{ run: "r", applianceId: "x", pool: "a", durationMs: 1 }] }) },
		runs: {
			plan: (request: { applianceId: string }) => {
				asked.push(request)
				return new Promise((resolve) => answers.set(request.applianceId, (digest) => resolve({ digest })))
			},
			start: async (request: object) => {
				started.push(request)
				return { runs: [{ batch: "b1" }] }
			},
		},
	} as unknown as Api
	const desktop = createDesktopStore()
	return { workspace: createWorkspace(api, desktop), desktop, answers, asked, started }
}

test("what was looked at goes with the start; whoever gave no plan has none", async () => {
	const { workspace, answers, started } = withAnswers()
	await workspace.open("/m")
	workspace.choose({ applianceIds: ["x", "y"], force: true })
	const planning = workspace.plan()
	answers.get("x")?.("d1")
	await Promise.resolve()
	workspace.stopPlanning()
	answers.get("y")?.("too late")
	await planning
	expect(workspace.store.getState().plans).toMatchObject({ x: { state: "made" }, y: { state: "failed" } })
	expect(await workspace.start()).toBe("b1")
	expect(started).toMatchObject([{ applianceIds: ["x", "y"], force: true, plans: { x: "d1" } }])
	expect(started[0]).not.toHaveProperty("plans.y")
	expect(workspace.store.getState()).toMatchObject({ plans: {}, force: false })
})

test("only those without a plan are asked; a choice that changes meanwhile drops what comes late", async () => {
	const { workspace, answers, asked } = withAnswers()
	await workspace.open("/m")
	workspace.choose({ applianceIds: ["x"] })
	const first = workspace.plan("missing")
	answers.get("x")?.("d1")
	await first
	workspace.choose({ applianceIds: ["x", "y"] })
	const second = workspace.plan("missing")
	expect(asked).toMatchObject([{ applianceId: "x" }, { applianceId: "y" }])
	workspace.choose({ force: true })
	answers.get("y")?.("of another choice")
	await second
	expect(workspace.store.getState().plans).toEqual({})
	expect(workspace.store.getState().durations).toHaveLength(1)
})

test("looking again asks those that changed, with the pools of their run", async () => {
	const { workspace, answers, asked } = withAnswers()
	const changed = { y: ["a file was changed"] }
	const looking = workspace.lookAgain({ batch: "b1", folder: "/other", pools: ["b"], changed })
	await expect.poll(() => answers.has("y")).toBe(true)
	answers.get("y")?.("d2")
	await looking
	expect(asked).toMatchObject([{ folder: "/other", applianceId: "y", pools: ["b"] }])
	expect(workspace.store.getState()).toMatchObject({ applianceIds: ["y"], changed: { y: ["a file was changed"] } })
})

test("looking again asks for what its batch was asked for, whatever was started since", async () => {
	const { workspace, answers, asked } = withAnswers()
	await workspace.open("/m")
	workspace.choose({ applianceIds: ["y"], force: true, allowDowngrade: true })
	await workspace.start()
	const looking = workspace.lookAgain({ batch: "b1", folder: "/m", pools: ["a"], changed: { y: [] } })
	await expect.poll(() => answers.has("y")).toBe(true)
	answers.get("y")?.("d2")
	await looking
	expect(asked).toMatchObject([{ applianceId: "y", force: true, allowDowngrade: true }])
	expect(workspace.store.getState()).toMatchObject({ force: true, allowDowngrade: true })
	void workspace.lookAgain({ batch: "of another window", folder: "/m", pools: ["a"], changed: { y: [] } })
	await expect.poll(() => asked.length).toBe(2)
	expect(asked[1]).toMatchObject({ force: false, allowDowngrade: false })
})

test("an appliance that was removed since it was chosen is neither asked nor started", async () => {
	const { workspace, desktop, answers, asked, started } = withAnswers()
	const state = { appliances: [{ id: "y" }], recentModules: [], runs: [], questions: [], notices: [] }
	desktop.setState({ state: state as unknown as DesktopState })
	await workspace.open("/m")
	workspace.choose({ applianceIds: ["removed", "y"] })
	const planning = workspace.plan()
	answers.get("y")?.("d1")
	answers.get("removed")?.("none")
	await planning
	await workspace.start()
	expect(asked).toMatchObject([{ applianceId: "y" }])
	expect(started).toMatchObject([{ applianceIds: ["y"], plans: { y: "d1" } }])
})

test("each appliance gets its own plan or its own failure", async () => {
	const api = {
		modules: { open: async () => opened([{ id: "a" }]) },
		history: { durations: async () => ({ durations: [] }) },
		runs: {
			plan: async ({ applianceId }: { applianceId: string }) => {
				if (applianceId === "y") throw new Error("unreachable")
				return { module: { name: "m" } }
			},
		},
	} as unknown as Api
	const workspace = createWorkspace(api, createDesktopStore())
	await workspace.open("/m")
	workspace.choose({ applianceIds: ["x", "y"] })
	await workspace.plan()
	const { plans } = workspace.store.getState()
	expect(plans.x?.state).toBe("made")
	expect(plans.y?.state).toBe("failed")
})

test("a start that fails says why and starts nothing", async () => {
	const api = {
		modules: { open: async () => opened([{ id: "a" }]) },
		runs: { start: () => Promise.reject(new Error("faulty")) },
	} as unknown as Api
	const workspace = createWorkspace(api, createDesktopStore())
	await workspace.open("/m")
	workspace.choose({ applianceIds: ["x"] })
	expect(await workspace.start()).toBeUndefined()
	expect(workspace.store.getState()).toMatchObject({ starting: false, startError: new Error("faulty") })
})

test("a folder that cannot be opened leaves the open module as it is", async () => {
	let answer: () => Promise<OpenModule> = async () => opened([{ id: "a" }])
	const api = { modules: { open: () => answer() } } as unknown as Api
	const workspace = createWorkspace(api, createDesktopStore())
	await workspace.open("/m")
	answer = () => Promise.reject(new Error("missing"))
	await workspace.open("/gone")
	expect(workspace.store.getState()).toMatchObject({ folder: "/m", opening: false, openError: new Error("missing") })
})
