import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ApplianceState, DesktopRun } from "../../../../core/schema/desktop.ts"
import { fleetGroupSchema, MAX_FILTER, readFilter } from "../../../../core/schema/fleet-filter.ts"
import { type FleetMember, matchesFilter } from "../../../../core/schema/match-fleet.ts"
import { makeAppliance, makeRun } from "../fleet/make.ts"

const NOW = Date.parse("2026-06-15T12:00:00Z")
const facts = { os: "Debian GNU/Linux 12 (bookworm)", hostname: "h", node: "v20.11.1", root: true, systemd: true }

function member(change: Partial<ApplianceState> = {}, rest: Omit<FleetMember, "appliance"> = {}): FleetMember {
	return { appliance: { ...makeAppliance(), embedded: false, ...change }, ...rest }
}
const bakery = member(
	{
		...{
			name: "Berger, cellar",
			host: "10.0.0.5",
			port: 2222,
			user: "support",
			jump: "gate",
			tags: ["Bakery", "two words"],
		},
		...{ notes: "call first", facts, lastSeen: "2026-06-10T12:00:00Z" },
	},
	{
		standing: { applianceId: "a1", modules: [{ name: "auth_fix", versions: ["1.2.0", "1.10.0"] }] },
		lastRun: makeRun({ state: "finished", outcome: "failed" }),
	},
)
const fresh = member({ name: "Fresh", lastFailure: { code: "unreachable", data: {} } })

const fits = (text: string, one: FleetMember) => {
	const read = readFilter(text)
	if (!read.ok) throw new Error(read.fault)
	return matchesFilter(read.filter, one, NOW)
}

describe("what fits the bakery, and nothing else", () => {
	test.each([
		"berger",
		"BERGER cellar",
		"10.0.0.5",
		"support@10",
		"gate",
		"call",
		'"berger, cellar"',
		"tag:bakery",
		"tag:other,bakery",
		'tag:"two words"',
		'name:"Berger, c"',
		"host:support@10.0.0.5:2222",
		"os:debian",
		"node:20",
		"node:20.11",
		"node:>=18 node:<21",
		"node:<=20.11.1",
		"node:>20",
		"module:auth_fix",
		"module:AUTH_FIX@1.2.0",
		"module:auth_fix@>1.9.0",
		"module:auth_fix@1",
		"outcome:failed",
		"outcome:applied,failed",
		"seen:<7d",
		"seen:>4d berger",
		"-seen:never",
		"is:reachable",
		"-tag:other berger",
		"-fresh",
		"-node:18 berger",
	])("%s", (text) => expect([fits(text, bakery), fits(text, fresh)]).toEqual([true, false]))
})

describe("what does not fit the bakery", () => {
	test.each([
		"tag:bake",
		"tag:two",
		"-tag:bakery",
		"berger attic",
		"node:18,22",
		"node:>21",
		"node:2",
		"module:auth",
		"module:auth_fix@1.2.1",
		"module:auth_fix@<1.2.0",
		"outcome:applied",
		"outcome:none",
		"seen:>7d",
		"seen:<4d",
		"seen:never",
		"is:untested",
		"os:ubuntu",
	])("%s", (text) => expect(fits(text, bakery)).toBe(false))
})

test.each<[string, FleetMember, boolean]>([
	["*", fresh, true],
	["", fresh, true],
	["is:unreachable", fresh, true],
	["seen:never", fresh, true],
	["seen:>30d", fresh, true],
	["seen:<30d", fresh, false],
	["outcome:none", fresh, true],
	["-module:auth_fix", fresh, true],
	["is:untested", member(), true],
	["outcome:running", member({}, { lastRun: makeRun({ state: "uploading" }) }), true],
	["outcome:lost", member({}, { lastRun: makeRun({ state: "lost" } as Partial<DesktopRun>) }), true],
	["outcome:not-started", member({}, { lastRun: makeRun({ state: "not-started" }) }), true],
])("%j", (text, one, expected) => expect(fits(text, one)).toBe(expected))

test.each([
	['"open', "a quotation mark is not closed"],
	["tag:", "tag: has no value"],
	["colour:red", '"colour:" is not known'],
	["node:new", 'node: "new" is no version'],
	["module:x@new", 'module: "x@new" is none'],
	["outcome:good", 'outcome: "good" is none of skipped'],
	["seen:7d", 'seen: "7d" is none'],
	["is:up", 'is: "up" is none of reachable'],
	["-", "a condition is empty"],
	["x ".repeat(60), "more than 50 conditions"],
	["x".repeat(MAX_FILTER + 1), `longer than ${MAX_FILTER}`],
])("%.30j is told", (text, fault) =>
	expect(readFilter(text)).toEqual({ ok: false, fault: expect.stringContaining(fault) }),
)

test("whatever is typed is read or told, and matching never throws", () => {
	const piece = fc.constantFrom(
		...'"-,:@<>=* '.split(""),
		"tag:",
		"node:",
		"seen:",
		"module:",
		"is:",
		"20",
		"7d",
		"x",
		"constructor:",
	)
	fc.assert(
		fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 20 }), (pieces) => {
			const read = readFilter(pieces.join(""))
			if (read.ok) matchesFilter(read.filter, bakery, NOW)
			else expect(read.fault).not.toBe("")
		}),
		{ numRuns: 2000 },
	)
})

test("a group has a name and a filter that can be read", () => {
	expect(fleetGroupSchema.safeParse({ name: "Bakeries", filter: "tag:bakery" }).success).toBe(true)
	for (const wrong of [
		{ name: "", filter: "x" },
		{ name: "a\u202eb", filter: "x" },
		{ name: "a", filter: "" },
		{ name: "a", filter: "is:up" },
	])
		expect(fleetGroupSchema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
})
