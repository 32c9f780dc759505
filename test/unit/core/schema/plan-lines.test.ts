import { expect, test } from "vitest"
import type { Plan, PlannedOperation } from "../../../../core/schema/plan.ts"
import { makePlanLines } from "../../../../core/schema/plan-lines.ts"
import { makeSize, makeTable } from "../../../../core/schema/text-table.ts"

const operation: PlannedOperation = {
	target: "a.tsx",
	destination: "/var/www/a.tsx",
	change: "replace",
	sizeBefore: 1000,
	sizeAfter: 2048,
	makes: [],
	drift: "changed",
	diff: "--- a\n+++ a\n@@ -1,1 +1,1 @@\n-one\n+\x1b[31mtwo\n",
	faults: [],
}
const { sizeBefore: _, diff: __, ...noFile } = operation
const pool = { description: "", checks: [], closure: ["true"], timeoutSeconds: 300, warnings: [] }
const finding = { severity: "warning", rule: "npm-build", line: 7, column: 5 } as const
const plan: Plan = {
	module: { name: "homeserver-fix", version: "1.1.0", digest: "0".repeat(64) },
	installedVersion: "1.0.9",
	running: { run: "r9", since: "2026-01-01T00:00:00.000Z" },
	interrupted: ["r8"],
	pools: [
		{
			...pool,
			pool: "website",
			description: "Frontend fixes",
			would: "fail-preflight",
			operations: [
				operation,
				{
					...noFile,
					destination: "/etc/b",
					change: "blocked",
					drift: "missing",
					makes: ["/etc/new"],
					linkTo: "/opt/b",
					faults: ["it is a folder"],
				},
			],
			checks: ["test -e /etc/b"],
			closure: ["cd /var/www", "npm build\x1b[31m"],
			confirmSeconds: 60,
			warnings: ["others can exchange it"],
		},
		{
			...pool,
			pool: "later",
			would: "apply",
			operations: [
				{ ...operation, diff: "", drift: "never-ours", writtenBy: "website" },
				{ ...operation, destination: "/c", change: "restore-original", drift: "ours", diff: "" },
				{ ...operation, destination: "/d", change: "remove", drift: "ours", sizeAfter: 0, diff: "" },
				{
					...operation,
					destination: "/e",
					change: "mode-only",
					drift: "ours",
					sizeAfter: 1000,
					diff: "",
					permissions: { before: "0600 0:0", after: "0640 0:33" },
				},
			],
		},
		{ ...pool, pool: "rest", would: "unchanged", operations: [] },
	],
	finalClosure: ["curl -f http://localhost:5000/health"],
	space: { neededBytes: 4096, freeBytes: 1024 },
	spaces: [
		{ folder: "/var/lib", neededBytes: 4096, freeBytes: 3.5 * 1024 ** 3, neededFiles: 3 },
		{ folder: "/etc", neededBytes: 4096, freeBytes: 1024, neededFiles: 3, freeFiles: 1 },
	],
	findings: [
		{ ...finding, path: "$.pools[0].closure[1]", message: "it is no npm command", remedy: "write npm run build" },
	],
	refusal: "the version is lower",
}
const text = (of: Plan) => makePlanLines(of).map((line) => line.text)

test("a plan is a table of files with what differs, then every command in its order, doubts and room", () => {
	expect(text(plan).join("\n")).toBe(`homeserver-fix 1.1.0 (1.0.9 stands here now)
a run would be refused: the version is lower
warning: run r9 is going on there since 2026-01-01T00:00:00.000Z: plan again when it has ended
warning: run r8 was cut short: a run puts it back first

pool website: would fail before anything is touched
  Frontend fixes
  replace  /var/www/a.tsx  1000 B -> 2 KiB  changed since we wrote it
  blocked  /etc/b          2 KiB            a link to /opt/b, makes /etc/new
  fault: /etc/b: it is a folder
    --- a
    +++ a
    @@ -1,1 +1,1 @@
    -one
    +two
  check    test -e /etc/b
  closure  cd /var/www
  closure  npm build
  check    test -e /etc/b
  confirm  put back unless the desktop confirms within 60 s
  warning: others can exchange it

pool later: would be applied
  replace           /var/www/a.tsx  1000 B -> 2 KiB  after pool website, not written by us so far
  restore-original  /c              1000 B -> 2 KiB  the customer's original comes back
  remove            /d              1000 B           there was none before us
  mode-only         /e              1000 B           0600 0:0 -> 0640 0:33
  closure  true

pool rest: stands applied at this version, nothing would run

then, when every pool stands applied:
  final    curl -f http://localhost:5000/health

warning: index.json:7:5: $.pools[0].closure[1]: it is no npm command: write npm run build

needs 4 KiB on the disk of /var/lib, 3.5 GiB are free
needs 4 KiB on the disk of /etc, 1 KiB are free`)
})

test("what is bad and what is doubtful has its tone", () => {
	const toned = makePlanLines(plan).filter(({ tone }) => tone === "bad" || tone === "doubt")
	expect(toned.map((line) => `${line.tone} ${line.text.trim().split(" ").slice(0, 2).join(" ")}`)).toEqual([
		"bad a run",
		"doubt warning: run",
		"doubt warning: run",
		"bad pool website:",
		"bad fault: /etc/b:",
		"doubt warning: others",
		"doubt warning: index.json:7:5:",
		"bad needs 4",
	])
})

test("a plan of an older runner has room for one disk only; a long difference is cut, and says so", () => {
	const diff = Array.from({ length: 100 }, (_, line) => `+${line}`).join("\n")
	const [website] = plan.pools
	if (!website) throw new Error("the plan has a pool")
	const old = { ...plan, spaces: [], pools: [{ ...website, operations: [{ ...operation, diff }] }] }
	const lines = text(old)
	expect(lines.at(-1)).toBe("needs 4 KiB, 1 KiB are free")
	expect(lines.filter((line) => /^ {4}\+\d/.test(line))).toHaveLength(40)
	expect(lines).toContain("    … more lines differ: --json gives them all")
})

test.each([
	[0, "0 B"],
	[1023, "1023 B"],
	[1024, "1 KiB"],
	[1536, "1.5 KiB"],
	[123_456_789, "118 MiB"],
	[2 ** 50, "1024 TiB"],
])("%d bytes are %s", (bytes, text) => expect(makeSize(bytes)).toBe(text))

test("columns are as wide as their widest cell", () => {
	expect(
		makeTable(
			[
				["a", "bbb", ""],
				["aa", "b", "c"],
			],
			" ",
		),
	).toEqual([" a   bbb", " aa  b    c"])
})
