import { expect, test } from "vitest"
import type { OpenModule } from "../../../core/schema/desktop.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import {
	chosenPools,
	createWorkspace,
	emptyWorkspace,
	obstacleOf,
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

test("another choice of pools voids the plans, another appliance does not", () => {
	const planned: Workspace = { ...ready, plans: { x: { state: "planning" } } }
	expect(withChoice(planned, { pools: [] }).plans).toEqual({})
	expect(withChoice(planned, { applianceIds: ["x", "y"] }).plans).toEqual(planned.plans)
})

test("each appliance gets its own plan or its own failure", async () => {
	const api = {
		modules: { open: async () => opened([{ id: "a" }]) },
		runs: {
			plan: async ({ applianceId }: { applianceId: string }) => {
				if (applianceId === "y") throw new Error("unreachable")
				return { module: { name: "m" } }
			},
		},
	} as unknown as Api
	const workspace = createWorkspace(api)
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
	const workspace = createWorkspace(api)
	await workspace.open("/m")
	workspace.choose({ applianceIds: ["x"] })
	expect(await workspace.start()).toBeUndefined()
	expect(workspace.store.getState()).toMatchObject({ starting: false, startError: new Error("faulty") })
})

test("a folder that cannot be opened leaves the open module as it is", async () => {
	let answer: () => Promise<OpenModule> = async () => opened([{ id: "a" }])
	const workspace = createWorkspace({ modules: { open: () => answer() } } as unknown as Api)
	await workspace.open("/m")
	answer = () => Promise.reject(new Error("missing"))
	await workspace.open("/gone")
	expect(workspace.store.getState()).toMatchObject({ folder: "/m", opening: false, openError: new Error("missing") })
})
