import { expect, test } from "vitest"
import type { HistoryPool, HistoryRun } from "../../../../core/schema/history.ts"
import type { Phase } from "../../../../core/schema/outcome.ts"
import { makeReceipt, type ReceiptFacts } from "../../../../core/schema/receipt.ts"

const digest = (letter: string) => letter.repeat(64)
const phases = (...names: Phase[]) => names.map((phase) => ({ phase, ok: true, durationMs: 1 }))
const pool = (changes: Partial<HistoryPool> = {}): HistoryPool => ({
	pool: "auth",
	outcome: "applied",
	phases: phases("preflight", "backup", "apply", "closure"),
	files: [
		{ destination: "/srv/new", after: digest("b") },
		{ destination: "/srv/old", before: digest("a"), after: digest("b") },
		{ destination: "/srv/gone", before: digest("a") },
		{ destination: "/srv/same", before: digest("a"), after: digest("a") },
	],
	commands: [],
	durationMs: 1,
	...changes,
})
const run = (changes: Partial<HistoryRun> = {}): HistoryRun => ({
	run: "r-1",
	kind: "apply",
	module: { name: "fix", version: "1.0.1", digest: digest("c") },
	startedAt: "2026-01-01T00:00:00.000Z",
	finishedAt: "2026-01-01T00:00:09.000Z",
	by: "anna@desk",
	from: "10.1.2.3",
	state: "finished",
	outcome: "applied",
	finalClosure: { outcome: "passed" },
	pools: [pool()],
	...changes,
})
const facts: ReceiptFacts = {
	about: { module: "mends the login", pools: { auth: "the login page" } },
	program: ["/usr/bin/node", "/var/lib/hotfix/runners/1.cjs"],
	options: [],
	folder: "/var/lib/hotfix",
	asRoot: true,
}
const make = (changes: Partial<HistoryRun> = {}, more: Partial<ReceiptFacts> = {}) =>
	makeReceipt(run(changes), { ...facts, ...more })

test("a run that was applied, in full", () => {
	expect(make()).toBe(`Run       r-1
What      apply of module fix 1.0.1
          sha256 ${digest("c")}
Why       mends the login
Asked     by anna@desk from 10.1.2.3
Began     2026-01-01T00:00:00.000Z
Ended     2026-01-01T00:00:09.000Z
Outcome   applied

Pool auth: applied
  the login page
  The new files are in place and the closure passed.
  made      /srv/new
    was not there
    is  sha256 ${digest("b")}
  replaced  /srv/old
    was sha256 ${digest("a")}
    is  sha256 ${digest("b")}
  removed   /srv/gone
    was sha256 ${digest("a")}
    is  not there
  as before /srv/same
    is  sha256 ${digest("a")}

The final closure passed: the system as a whole works.

To undo it here, without our desktop, as root, the last pool first:
  /usr/bin/node /var/lib/hotfix/runners/1.cjs revert --pool auth --run r-1

To see more, as root:
  /usr/bin/node /var/lib/hotfix/runners/1.cjs status
  /usr/bin/node /var/lib/hotfix/runners/1.cjs history
  /usr/bin/node /var/lib/hotfix/runners/1.cjs attach --run r-1
To put back what an interrupted run left open:
  /usr/bin/node /var/lib/hotfix/runners/1.cjs recover
Should /var/lib/hotfix/runners/1.cjs be gone, any other in /var/lib/hotfix/runners does the same.
`)
})

const reason = {
	phase: "closure" as const,
	message: "command failed with exit status 1",
	command: "npm run build",
	exit: 1,
	output: "one\n\nlast words\n",
	details: ["the closure failed again after the restore: npm run build"],
}
const preflight = { phase: "preflight" as const, message: "/srv/old is a folder" }

test.each<[string, Partial<HistoryRun>, RegExp[], RegExp[]]>([
	[
		"a degraded pool: first of all what a person must do",
		{ outcome: "degraded", pools: [pool({ outcome: "degraded", reason })] },
		[
			/^A PERSON MUST LOOK: pool auth /,
			/revert --pool auth --run r-1\n/,
			/\/backups\/pools\/auth\/r-1\/manifest\.json/,
			/ {2}- the closure failed again/,
		],
		[/nothing to undo/, /To undo it/],
	],
	[
		"a pool that was put back: why, with the last it said",
		{ outcome: "failed", pools: [pool({ outcome: "failed", reason, phases: phases("apply", "restore") })] },
		[
			/failed {4}closure: command failed/,
			/command {3}npm run build\n {2}end {7}exit status 1\n/,
			/ {2}last output:\n {2}\| one\n {2}\| last words\n/,
			/There is nothing to undo\./,
		],
		[/PERSON/, /nothing on this appliance was touched/],
	],
	[
		"a run that touched nothing says so, and names no file",
		{ outcome: "failed", pools: [pool({ outcome: "failed", reason: preflight, phases: phases("preflight") })] },
		[/failed; nothing on this appliance was touched/, /Nothing was touched: it ended in preflight\./, /is a folder/],
		[/\/srv\/new/, /To undo it/],
	],
	[
		"a run with nothing to do",
		{ outcome: "unchanged", pools: [pool({ outcome: "unchanged", phases: [], files: [] })] },
		[/Outcome {3}unchanged; nothing on this appliance was touched/, /nothing to undo/],
		[],
	],
	["a rehearsal leaves nothing to undo", { kind: "rehearse" }, [/there and back/, /nothing to undo/], [/To undo it/]],
	["a revert is the undoing", { kind: "revert" }, [/What stood before is back/, /was the undoing/], [/To undo it/]],
	["one that was interrupted", { interrupted: true }, [/Ended .*, by recovery: it had been interrupted/], []],
	[
		"a final closure that failed",
		{ finalClosure: { outcome: "failed", reason: { ...reason, phase: "final-closure" } } },
		[/The final closure failed, nothing was rolled back/, /failed {4}final closure/, /To undo it/],
		[],
	],
])("%s", (_, changes, says, not) => {
	const text = make(changes)
	for (const words of says) expect(text).toMatch(words)
	for (const words of not) expect(text).not.toMatch(words)
})

test("the last pool goes back first", () => {
	const text = make({ pools: [pool(), pool({ pool: "ui" })] })
	expect(text).toMatch(/--pool ui --run r-1\n.*--pool auth --run r-1\n/)
})

test("other options and odd places are typed as a shell needs them", () => {
	const program = ["/opt/my node/node", "/it's/r.cjs"]
	const text = make({}, { program, options: ["--state", "/srv/a b"], asRoot: false })
	expect(text).toContain(
		`without our desktop, the last pool first:\n  '/opt/my node/node' '/it'\\''s/r.cjs' revert --pool auth --run r-1 --state '/srv/a b'\n`,
	)
})

test("whatever came from outside can be shown on a terminal", () => {
	const evil = "\u001b]0;title\u0007\u001b[2J\r\u202eevil\nline"
	const text = make(
		{
			by: evil,
			from: evil,
			module: { name: evil, version: evil, digest: digest("c") },
			pools: [pool({ files: [{ destination: `/srv/${evil}` }], reason: { ...reason, command: evil, output: evil } })],
		},
		{ about: { module: evil, pools: { auth: evil } }, folder: `/var/${evil}` },
	)
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
	expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
	expect(text).toContain("evil")
})

test("a pool of many files and a long output stay short, and what is left out is counted", () => {
	const files = Array.from({ length: 5000 }, (_, index) => ({ destination: `/srv/${index}`, after: digest("b") }))
	const output = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join("\n")
	const text = make({ pools: [pool({ files, reason: { ...reason, output } })] })
	expect(text).toContain("and 4800 more files, which the history names")
	expect(text.length).toBeLessThan(50_000)
	expect(text).toContain("  | line 4999\n")
})
