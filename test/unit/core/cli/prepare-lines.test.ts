import { expect, test } from "vitest"
import { diffKey, prepareLines, VARIANTS } from "../../../../core/cli/prepare-lines.ts"
import type { Origin, Preparation, PreparedFile, PreparedVariant } from "../../../../core/schema/rollout-prepare.ts"

const names = Array.from({ length: 10 }, (_, index) => `box-${index}`)

const variant = (kind: "factory" | "own", ...places: number[]): PreparedVariant => {
	const origin: Origin = { kind }
	return { origin, places, changed: 0, written: places.length }
}

const fileOf = (...variants: PreparedVariant[]): PreparedFile => ({
	destination: "/etc/web.conf",
	target: "web.conf",
	pools: ["web"],
	variants,
})

const whole: Preparation = {
	module: { name: "web-fix", version: "1.2.0", digest: "a".repeat(64) },
	appliances: names.map((name) => ({ id: name, name })),
	done: 10,
	ready: 9,
	files: [],
	left: 0,
	findings: [],
	canary: { chosen: [], uncovered: [], isSmallest: false },
}
const textsOf = (given: Partial<Preparation>, diffs = new Map<string, string>()) =>
	prepareLines({ ...whole, ...given }, diffs).map(({ text, tone }) => (tone ? `${tone}: ${text}` : text))

test("nothing to say but that nobody could begin", () => {
	expect(textsOf({ ready: 0, left: 3 })).toEqual([
		"strong: web-fix 1.2.0: 0 of 10 appliances ready for a run, 10 not",
		"doubt: 3 more destinations were not looked at",
		"",
		"doubt: no canary: no appliance is ready for a run",
	])
})

test("a finding: how many, what to do, and the first of them by name; what stops a run stands out", () => {
	const lines = textsOf({
		findings: [
			{ finding: { kind: "refused", reason: "too old\x1b[2J" }, places: names.map((_, index) => index) },
			{ finding: { kind: "interrupted" }, places: [3] },
			{ finding: { kind: "nothing-to-do" }, places: [4] },
		],
	})
	expect(lines.slice(1, 13)).toEqual([
		"",
		expect.stringMatching(/^bad: 10 x A run would be refused: too old/),
		"    No pool would be touched there.",
		"    box-0, box-1, box-2, box-3, box-4, box-5, box-6, box-7 and 2 more",
		"",
		"doubt: 1 x A run was cut short there.",
		expect.stringMatching(/^ {4}The next run puts back/),
		"    box-3",
		"",
		"1 x Everything stands applied at this version.",
		"    Nothing would be run there.",
		"    box-4",
	])
	expect(lines.join("")).not.toContain("\x1b")
})

test("variants: whose each is, where, and what a run does; a difference below its own", () => {
	const long = Array.from({ length: 43 }, (_, index) => `+line ${index}`).join("\n")
	const lines = textsOf(
		{
			files: [fileOf(variant("factory", 0, 1), variant("own", 2))],
		},
		new Map([[diffKey(0, 1), `-theirs\n${long}\n`]]),
	)
	expect(lines.slice(1, 8)).toEqual([
		"",
		"strong: /etc/web.conf: 1 appliance has changed web.conf",
		"  variant 1, on 2: as delivered: the same as on most",
		"    box-0, box-1",
		"    A run keeps it in the backup and writes ours; where the pool's commands fail then, it comes back.",
		"doubt:   variant 2, on 1: changed there: other than on most",
		"    box-2",
	])
	expect(lines[9]).toBe("    -theirs")
	expect(lines.filter((line) => line.startsWith("    +line"))).toHaveLength(39)
	expect(lines).toContain("    … 4 more lines")
})

test("more variants than anybody reads are counted", () => {
	const variants = Array.from({ length: VARIANTS + 2 }, () => variant("own", 0))
	const lines = textsOf({ files: [fileOf(...variants)] })
	expect(lines.filter((line) => line.includes("variant "))).toHaveLength(VARIANTS)
	expect(lines).toContain("  2 more variants: --json has them all")
})

test("a canary with the reason for each, and what nobody stands for", () => {
	const debian = { kind: "os", name: "Debian 12" } as const
	const lines = textsOf({
		canary: {
			chosen: [{ place: 2, covers: [{ feature: debian, on: 7 }] }],
			uncovered: [{ feature: { kind: "node", name: "v18.1.0" }, on: 2 }],
			isSmallest: true,
		},
	})
	expect(lines.slice(-3)).toEqual([
		"strong: canary: 1 of 10 covers every variant that can run now",
		"  box-2: stands for 7 with Debian 12",
		"doubt:   not covered: Node 18.1.0, on 2 where no run can begin now",
	])
})
