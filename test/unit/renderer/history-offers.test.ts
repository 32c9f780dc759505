import { expect, test } from "vitest"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import {
	type Action,
	againWords,
	failedPools,
	obstaclesOf,
	triedPools,
} from "../../../renderer/views/history/offers.ts"
import { folderOf } from "../../../renderer/views/history/run-folder.ts"
import { makeRun } from "../core/fleet/make.ts"

const known = { isInFleet: true, folder: "/modules/hotfix" }
const pools: DesktopRun["pools"] = [
	{ pool: "web", outcome: "applied" },
	{ pool: "db", outcome: "failed" },
	{ pool: "mail", outcome: "degraded" },
	{ pool: "dns", outcome: "unchanged" },
]
const ended = (change: Partial<DesktopRun> = {}) => makeRun({ run: "r1", state: "finished", pools, ...change })

type Row = [name: string, run: DesktopRun, pool: string, known: Parameters<typeof obstaclesOf>[2], not: Action[]]
const rows: Row[] = [
	["an applied pool: everything", ended(), "web", known, []],
	["a failed pool has nothing to put back", ended(), "db", known, ["revert"]],
	["nor has one that stood applied before", ended(), "dns", known, ["revert"]],
	["a degraded pool has", ended(), "mail", known, []],
	["nor has a rehearsal", ended({ kind: "rehearse" }), "web", known, ["revert"]],
	["a degraded rehearsal has", ended({ kind: "rehearse" }), "mail", known, []],
	["a revert is no run of a module", ended({ kind: "revert" }), "web", known, ["again", "retry", "revert"]],
	["a degraded revert can be put back", ended({ kind: "revert" }), "mail", known, ["again", "retry"]],
	["a run that nobody knows over there", { ...ended(), run: undefined } as DesktopRun, "mail", known, ["revert"]],
	["nothing failed", ended({ pools: pools.slice(0, 1) }), "web", known, ["retry"]],
	["no folder", ended(), "web", { isInFleet: true }, ["again", "retry", "older", "fetch"]],
	[
		"not in the fleet",
		ended(),
		"web",
		{ ...known, isInFleet: false },
		["again", "retry", "revert", "original", "fetch"],
	],
]
test.each(rows)("%s", (_, run, pool, around, not) => {
	expect(Object.keys(obstaclesOf(run, pool, around)).sort()).toEqual(not.sort())
})

test("the failed pools of a run are those that failed or are degraded", () => {
	expect(failedPools(ended())).toEqual(["db", "mail"])
})

test("running again is for the pools that the run did not leave out", () => {
	expect(triedPools(ended({ pools: [...pools, { pool: "off", outcome: "skipped" }, { pool: "open" }] }))).toEqual([
		...["web", "db", "mail", "dns", "open"],
	])
})

test("a rehearsal is followed by an apply, and that is said", () => {
	expect(againWords(ended({ kind: "rehearse" }))).toEqual({ again: "Apply …", retry: "Apply the failed pools …" })
	expect(againWords(ended())).toEqual({ again: "Run again …", retry: "Retry the failed pools …" })
})

test("a run of a published version leads to the module itself, not to the folder that was made for the run", () => {
	const module = { name: "fix", version: "1.0.0", digest: "d" }
	const recent = [{ folder: "/library/fix", name: "fix", openedAt: "" }]
	const made = `/data/versions/${"a".repeat(40)}/fix`
	expect(folderOf({ module: { ...module, folder: made } }, recent)).toEqual({
		module: "/library/fix",
		isOfVersion: true,
	})
	expect(folderOf({ module: { ...module, folder: made } }, []).module).toBeUndefined()
	expect(folderOf({ module: { ...module, folder: "/srv/versions/fix" } }, recent)).toEqual({
		module: "/srv/versions/fix",
		isOfVersion: false,
	})
	expect(folderOf({ module }, recent)).toEqual({ module: "/library/fix", isOfVersion: false })
})
