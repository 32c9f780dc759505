import { expect, test } from "vitest"
import { readRunEnd, readUndoEnd } from "../../../../../core/fleet/rollout/run-end.ts"
import { NEVER_ASKED } from "../../../../../core/fleet/services/run-state.ts"
import type { DesktopRun } from "../../../../../core/schema/desktop.ts"
import type { Failure } from "../../../../../core/schema/failure.ts"

const run: DesktopRun = {
	id: "run",
	run: "there",
	batch: "batch",
	applianceId: "a",
	applianceName: "A",
	module: { name: "hotfix", version: "1.0.0", digest: "0".repeat(64) },
	kind: "apply",
	state: "finished",
	startedAt: "2026-11-28T00:00:00.000Z",
	pools: [
		{ pool: "p1", outcome: "applied" },
		{ pool: "p2", outcome: "unchanged" },
		{ pool: "p3", outcome: "failed" },
	],
}
const failed = (code: Failure["code"], data: Failure["data"] = {}): Partial<DesktopRun> => ({
	state: "not-started",
	failure: { code, data },
})

const rows: [string, Partial<DesktopRun>, unknown][] = [
	["under way", { state: "running" }, undefined],
	["lost", { state: "lost", outcome: "failed" }, undefined],
	["failed", { outcome: "failed" }, { state: "ended", outcome: "failed", applied: [{ pool: "p1", run: "there" }] }],
	[
		"degraded",
		{ outcome: "degraded" },
		{ state: "ended", outcome: "degraded", applied: [{ pool: "p1", run: "there" }] },
	],
	[
		"applied, and the system as a whole is broken",
		{ outcome: "applied", finalClosure: { outcome: "failed" } },
		{ state: "ended", outcome: "failed", applied: [{ pool: "p1", run: "there" }] },
	],
	[
		"degraded and broken",
		{ outcome: "degraded", finalClosure: { outcome: "failed" } },
		{ state: "ended", outcome: "degraded", applied: [{ pool: "p1", run: "there" }] },
	],
	["refused by the network", failed("refused"), { state: "unreachable", failure: { code: "refused", data: {} } }],
	["busy", failed("busy"), { state: "unreachable", failure: { code: "busy", data: {} } }],
	[
		"not trusted",
		failed("host-key-changed"),
		{ state: "ended", outcome: "failed", applied: [], failure: { code: "host-key-changed", data: {} } },
	],
	["never asked", failed("connection-lost", { reason: NEVER_ASKED, began: "no" }), { state: "not-asked" }],
	["left when the program closed", failed("cancelled", { what: "the run" }), { state: "not-asked" }],
	[
		"cancelled by a person",
		{ ...failed("cancelled"), isCancelled: true },
		{ state: "ended", outcome: "failed", applied: [], failure: { code: "cancelled", data: {} } },
	],
	["not to be written down here", failed("disk-full", { path: "hotfix.sqlite" }), { state: "not-asked" }],
	["of a copy that is gone", failed("module-unreadable", { path: "/copy" }), { state: "not-asked" }],
	[
		"refused by a full disk there",
		failed("disk-full", { path: "/var" }),
		{ state: "ended", outcome: "failed", applied: [], failure: { code: "disk-full", data: { path: "/var" } } },
	],
	[
		"gone from the appliance's memory",
		{ failure: { code: "unknown-run", data: {} } },
		{
			state: "ended",
			outcome: "failed",
			applied: [{ pool: "p1", run: "there" }],
			failure: { code: "unknown-run", data: {} },
		},
	],
	[
		"cut before the answer",
		failed("connection-lost", { reason: "no answer", began: "no" }),
		{ state: "unreachable", failure: { code: "connection-lost", data: { reason: "no answer", began: "no" } } },
	],
]

test.each(rows)("a run that is %s", (_, changes, end) => {
	expect(readRunEnd({ ...run, ...changes })).toEqual(end)
})

test.each([
	["put back", { outcome: "applied" as const }, { state: "undone" }],
	["not put back", { outcome: "failed" as const }, { state: "failed" }],
	["refused", failed("destination-changed"), { state: "failed", failure: { code: "destination-changed", data: {} } }],
	["not reached", failed("unreachable"), { state: "unreachable", failure: { code: "unreachable", data: {} } }],
	["degraded", { outcome: "degraded" as const }, { state: "failed", isDegraded: true }],
	[
		"gone from the appliance's memory",
		{ failure: { code: "unknown-run" as const, data: {} } },
		{ state: "failed", failure: { code: "unknown-run", data: {} } },
	],
	["never asked", failed("connection-lost", { reason: NEVER_ASKED }), { state: "not-asked" }],
	["under way", { state: "running" as const }, undefined],
])("an undoing that is %s", (_, changes, end) => {
	expect(readUndoEnd({ ...run, kind: "revert", ...changes })).toEqual(end)
})
