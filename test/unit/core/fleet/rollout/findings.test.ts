import { expect, test } from "vitest"
import { commonFailure, findingsOf, groupFindings } from "../../../../../core/fleet/rollout/findings.ts"
import type { Plan, PlannedPool } from "../../../../../core/schema/plan.ts"
import type { PreparedFinding } from "../../../../../core/schema/rollout-prepare.ts"
import { findingWords, weightOf } from "../../../../../core/schema/rollout-prepare-words.ts"

function pool(change: Partial<PlannedPool> = {}): PlannedPool {
	return {
		pool: "web",
		description: "",
		would: "apply",
		operations: [],
		checks: [],
		closure: ["true"],
		timeoutSeconds: 300,
		warnings: [],
		...change,
	}
}
function plan(change: Partial<Plan> = {}): Plan {
	return {
		module: { name: "fix", version: "1.0.0", digest: "a".repeat(64) },
		interrupted: [],
		pools: [pool()],
		finalClosure: [],
		space: { neededBytes: 10, freeBytes: 100 },
		spaces: [],
		findings: [],
		...change,
	}
}
const blocked = (fault: string) =>
	pool({
		would: "fail-preflight",
		operations: [
			{
				target: "a",
				destination: "/srv/a",
				change: "blocked",
				sizeAfter: 1,
				makes: [],
				drift: "never-ours",
				faults: [fault],
			},
		],
		warnings: ["told beside it"],
	})
const finding = (rule: string) => ({
	severity: "warning" as const,
	rule,
	path: "$",
	line: 1,
	column: 1,
	message: "no such command",
	remedy: "install it",
})
const kindsOf = (change: Partial<Plan>) => findingsOf(plan(change)).map(({ kind }) => kind)

test.each<[string, Partial<Plan>, string[]]>([
	["nothing to say of one that is ready", {}, []],
	["a run under way", { running: { run: "r", since: "now" } }, ["failure"]],
	["a refusal", { refusal: "it is lower" }, ["refused"]],
	["too little room", { space: { neededBytes: 101, freeBytes: 100 } }, ["failure"]],
	["on any of its disks", { spaces: [{ folder: "/srv", neededBytes: 2, freeBytes: 1, neededFiles: 0 }] }, ["failure"]],
	[
		"room matters only where something is written",
		{ pools: [pool({ would: "unchanged" })], space: { neededBytes: 2, freeBytes: 1 } },
		["nothing-to-do"],
	],
	["a destination that cannot be written", { pools: [blocked("it is a folder")] }, ["blocked"]],
	[
		"a fault of the pool as a whole",
		{ pools: [pool({ would: "fail-preflight", warnings: ["same file twice"] })] },
		["blocked"],
	],
	["warnings of what would be applied", { pools: [pool({ warnings: ["may lock you out"] })] }, ["warning"]],
	[
		"none of what would not",
		{ pools: [pool({ would: "unchanged", warnings: ["may lock you out"] })] },
		["nothing-to-do"],
	],
	["a command that is missing there", { findings: [finding("command-missing")] }, ["warning"]],
	["not what the module itself says", { findings: [finding("timeout-long")] }, []],
	["a run that was cut short", { interrupted: ["r"] }, ["interrupted"]],
])("%s", (_, change, kinds) => {
	expect(kindsOf(change)).toEqual(kinds)
})

test("of an appliance that says too much, a hundred findings, what stops among them, each cut", () => {
	const long = "x".repeat(5000)
	const warnings = Array.from({ length: 5000 }, (_, index) => `${index} ${long}`)
	const refused = { ...blocked(long), pool: long }
	const found = findingsOf(plan({ refusal: long, pools: [pool({ warnings, pool: long }), refused] }))
	expect(found.length).toBe(101)
	expect(found.slice(0, 3).map(({ kind }) => kind)).toEqual(["refused", "blocked", "warning"])
	expect(found.at(-1)).toEqual({ kind: "warning", text: "4902 more findings, which are not shown" })
	for (const finding of found) for (const text of Object.values(finding)) expect(text.length).toBeLessThanOrEqual(500)
	const { data } = commonFailure({
		code: "state-unsafe",
		data: { path: "/var", reason: long, [long]: 1, known: [long] },
	})
	expect([data.path, JSON.stringify(data).length < 2000]).toEqual(["/var", true])
	expect(String(data.reason)).toMatch(/^x+…$/)
})

test("nor the room that each has", () => {
	const full = (freeBytes: number) =>
		commonFailure({ code: "disk-full", data: { path: "/var", neededBytes: 9, freeBytes } })
	expect(full(1)).toEqual(full(2))
	expect(findingWords({ kind: "failure", failure: full(1) }).what).toBe("There is too little space at /var.")
})

test("one cause is one finding, whatever address, bytes or run it names; what stops comes first", () => {
	const failed = (host: string, seconds: number): PreparedFinding => ({
		kind: "failure",
		failure: commonFailure({ code: "timed-out", data: { host, port: 22, phase: "connect", seconds } }),
	})
	const warning: PreparedFinding = { kind: "warning", text: "may lock you out" }
	const groups = groupFindings([
		{ place: 0, findings: [warning, { kind: "nothing-to-do" }] },
		{ place: 1, findings: [warning] },
		{ place: 2, findings: [failed("10.0.0.1", 10)] },
		{ place: 3, findings: [failed("10.0.0.2", 10)] },
		{ place: 4, findings: [{ kind: "refused", reason: "it is lower" }, warning] },
	])
	expect(groups.map(({ finding, places }) => [weightOf(finding), places])).toEqual([
		["stops", [2, 3]],
		["stops", [4]],
		["mind", [0, 1, 4]],
		["told", [0]],
	])
	expect(findingWords(groups[0]?.finding as PreparedFinding).what).toBe(
		"The appliance did not answer within 10 seconds: no connection came about.",
	)
})
