import { expect, test } from "vitest"
import type { Plan, PlannedOperation, PlannedPool } from "../../../../core/schema/plan.ts"
import { listPlanChanges } from "../../../../core/schema/plan-changes.ts"
import { makePlanFacts, type PlanWish } from "../../../../core/schema/plan-facts.ts"

const digest = (letter: string) => letter.repeat(64)
const operation: PlannedOperation = {
	target: "auth.tsx",
	destination: "/srv/auth.tsx",
	change: "replace",
	sizeBefore: 10,
	digestBefore: digest("a"),
	sizeAfter: 12,
	makes: [],
	drift: "ours",
	faults: [],
}
const pool: PlannedPool = {
	pool: "web",
	description: "",
	would: "apply",
	operations: [operation],
	checks: [],
	closure: ["true"],
	timeoutSeconds: 300,
	warnings: [],
}
const plan: Plan = {
	module: { name: "m", version: "1.0.0", digest: digest("0") },
	installedVersion: "0.9.0",
	interrupted: [],
	pools: [pool],
	finalClosure: ["true"],
	space: { neededBytes: 100, freeBytes: 1000 },
	spaces: [{ folder: "/", neededBytes: 100, freeBytes: 1000, neededFiles: 2 }],
	findings: [],
}
const wish: PlanWish = { kind: "apply", force: false, allowDowngrade: false, modify: false }
const facts = makePlanFacts(plan, wish)
const withPool = (change: Partial<PlannedPool>): Plan => ({ ...plan, pools: [{ ...pool, ...change }] })
const withFile = (change: Partial<PlannedOperation>) => withPool({ operations: [{ ...operation, ...change }] })
const finding = {
	severity: "warning",
	rule: "command-missing",
	path: "$",
	line: 1,
	column: 1,
	message: "m",
	remedy: "r",
} as const

test.each<[string, Plan, Partial<PlanWish>, string[]]>([
	["the module", { ...plan, module: { ...plan.module, digest: digest("1") } }, {}, ["the module itself was changed"]],
	["force", plan, { force: true }, ["other pools or options were asked for"]],
	["a lower version", plan, { allowDowngrade: true }, ["other pools or options were asked for"]],
	["a rehearsal", plan, { kind: "rehearse" }, ["other pools or options were asked for"]],
	["the pools", plan, { pools: ["web"] }, ["other pools or options were asked for"]],
	["installed", { ...plan, installedVersion: "0.9.1" }, {}, ["the appliance has 0.9.1, and had 0.9.0 then"]],
	["a refusal", { ...plan, refusal: "no" }, {}, ["a run would be refused: no"]],
	["interrupted", { ...plan, interrupted: ["r1"] }, {}, ["run r1 was cut short there"]],
	["the final closure", { ...plan, finalClosure: [] }, {}, ["the final closure has other commands"]],
	["a finding", { ...plan, findings: [finding] }, {}, ["the warnings about the module are others"]],
	["a pool more", { ...plan, pools: [pool, { ...pool, pool: "new" }] }, {}, ["pool new is new"]],
	["a pool less", { ...plan, pools: [] }, {}, ["pool web is not there any more"]],
	["what a pool does", withPool({ would: "unchanged" }), {}, ["pool web: stands applied, would be applied then"]],
	["a command", withPool({ closure: ["false"] }), {}, ["pool web has other commands or time limits"]],
	["a check", withPool({ checks: ["true"] }), {}, ["pool web has other commands or time limits"]],
	["a time limit", withPool({ timeoutSeconds: 1 }), {}, ["pool web has other commands or time limits"]],
	["a confirmation", withPool({ confirmSeconds: 9 }), {}, ["pool web has other commands or time limits"]],
	["a warning", withPool({ warnings: ["w"] }), {}, ["the warnings about pool web are others"]],
	[
		"a file",
		withFile({ digestBefore: digest("b"), drift: "changed" }),
		{},
		["/srv/auth.tsx was changed on the appliance"],
	],
	[
		"a file gone",
		withFile({ digestBefore: undefined, drift: "missing" }),
		{},
		["/srv/auth.tsx was removed on the appliance"],
	],
	["an unreadable file", withFile({ digestBefore: undefined }), {}, ["/srv/auth.tsx cannot be read any more"]],
	["a change", withFile({ change: "mode-only" }), {}, ["/srv/auth.tsx: mode-only, replace then"]],
	["a fault", withFile({ faults: ["it is a folder"] }), {}, ["/srv/auth.tsx: it is a folder"]],
	[
		"permissions",
		withFile({ permissions: { before: "0600 0:0", after: "0640 0:33" } }),
		{},
		["/srv/auth.tsx has other permissions on the appliance"],
	],
	["a link", withFile({ linkTo: "/etc/x" }), {}, ["/srv/auth.tsx leads to /etc/x now"]],
	["a folder", withFile({ makes: ["/srv"] }), {}, ["/srv/auth.tsx: other folders are made for it"]],
	["only whose it is", withFile({ drift: "never-ours" }), {}, ["/srv/auth.tsx stands otherwise than it did"]],
	[
		"another file",
		withFile({ destination: "/b" }),
		{},
		["/b would be written as well", "/srv/auth.tsx would not be written any more"],
	],
])("%s makes another plan, and is said", (_, changed, wishes, words) => {
	const now = makePlanFacts(changed, { ...wish, ...wishes })
	expect(JSON.stringify(now)).not.toBe(JSON.stringify(facts))
	expect(listPlanChanges(facts, now)).toEqual(words)
})

test("a file that was made meanwhile is said to be", () => {
	const before = makePlanFacts(withFile({ change: "create", digestBefore: undefined, drift: "missing" }), wish)
	expect(listPlanChanges(before, facts)[0]).toBe("/srv/auth.tsx was made on the appliance")
})

test.each<[string, Plan]>([
	["free space", { ...plan, space: { neededBytes: 100, freeBytes: 1 }, spaces: [] }],
	["a difference", withFile({ diff: "+x", before: "x" })],
	["a run that goes on: it holds the lock", { ...plan, running: { run: "r1", since: "now" } }],
	["a description", withPool({ description: "other words" })],
])("%s makes no other plan", (_, same) => {
	expect(JSON.stringify(makePlanFacts(same, wish))).toBe(JSON.stringify(facts))
	expect(listPlanChanges(facts, makePlanFacts(same, wish))).toEqual([])
})

test("how many bytes are missing makes no other plan", () => {
	const short = (bytes: number) => withPool({ would: "fail-preflight", warnings: [`${bytes} bytes are free`] })
	expect(makePlanFacts(short(1), wish)).toEqual(makePlanFacts(short(2), wish))
})

test("the order in which pools were chosen makes no other plan", () => {
	const chosen = (...pools: string[]) => makePlanFacts(plan, { ...wish, pools })
	expect(chosen("a", "b")).toEqual(chosen("b", "a"))
})
