import { execFileSync } from "node:child_process"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { planModule } from "../../../../../core/engine/plan.ts"
import { recoverRuns } from "../../../../../core/engine/recover.ts"
import { revertPool } from "../../../../../core/engine/revert.ts"
import type { RunEvent } from "../../../../../core/schema/event.ts"
import { createWorkbench, type TestModule, type Workbench } from "../workbench.ts"

const literal = "hunter22-literal"
const token = "tok-5f2c-93ab"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	writeFileSync(join(bench.folder, "token"), token)
	bench.write("file", "old")
})
afterEach(() => bench.remove())

/** Sets the variable and prints everything that must not be seen. */
const say = () => [
	`TOKEN=$(cat ${bench.folder}/token); export TOKEN`,
	`echo ${literal} $TOKEN; sh -c 'echo $TOKEN >&2'`,
]
const failsOnNew = () => `! { grep -q new ${bench.path("file")} && echo "failed with $TOKEN ${literal}"; }`

const makeModule = (pool: object, module: Partial<TestModule> = {}): TestModule => ({
	pools: [{ id: "p", files: { file: "new" }, closure: say(), redact: ["$TOKEN", literal], ...pool }],
	...module,
})

/** Files of the appliance that hold a secret, besides the sources, the token itself and the pool's own commands. */
function leaks(): string[] {
	const grep = (secret: string) => {
		try {
			return execFileSync("grep", ["-rlF", secret, bench.options.stateFolder, bench.options.logFile ?? ""]).toString()
		} catch {
			return ""
		}
	}
	const found = (grep(token) + grep(literal)).split("\n").filter(Boolean)
	return found.map((path) => path.slice(bench.folder.length + 1)).filter((path) => !path.endsWith("manifest.json"))
}

function expectMasked(events: RunEvent[]): void {
	expect(JSON.stringify(events)).not.toMatch(new RegExp(`${token}|${literal}`))
	expect(leaks()).toEqual([])
}

test("a run that passes: command lines, output, checks and final closure are masked everywhere", async () => {
	const { outcomes, events, result } = await bench.apply(
		makeModule(
			{ checks: say(), description: `sets ${literal}` },
			{
				description: `about ${literal}`,
				finalClosure: [`cat ${bench.folder}/token; echo; echo ${literal}`],
			},
		),
	)
	expect(outcomes.p).toBe("applied")
	expect(result).toMatchObject({ finalClosure: { outcome: "passed" } })
	expectMasked(events)
	const commands = events.flatMap((event) => (event.type === "command-started" ? [event.command] : []))
	expect(commands.slice(0, 2)).toEqual([say()[0], "echo *** $TOKEN; sh -c 'echo $TOKEN >&2'"])
	const output = events.flatMap((event) => (event.type === "command-output" ? [event.text] : []))
	// The checks twice and the closure, two outputs each; then what the final closure printed.
	expect(output.join("").split("\n").sort()).toEqual(["", ...Array(5).fill("***"), ...Array(3).fill("*** ***")])
})

test("a run that fails: reason, journal, log and history, also where the reclosure fails too", async () => {
	const { outcomes, events, reasons } = await bench.apply(
		makeModule({ closure: [...say(), `echo "last: $TOKEN ${literal}"; false`] }),
	)
	expect(outcomes.p).toBe("degraded")
	expect(reasons.p).toMatchObject({ command: 'echo "last: $TOKEN ***"; false', output: "last: *** ***\n" })
	expect(reasons.p?.details?.[0]).toContain("***")
	expectMasked(events)
	expect(readFileSync(bench.options.logFile ?? "", "utf8")).toContain("| last: *** ***")
})

test("a value that a command spells out is masked in that command", async () => {
	const { events, reasons } = await bench.apply(
		makeModule({ closure: [`TOKEN=${token} sh -c 'exit 3'`], redact: ["$TOKEN"] }),
	)
	expect(reasons.p?.command).toBe("TOKEN=*** sh -c 'exit 3'")
	expectMasked(events)
})

test("the runner's own variable is masked", async () => {
	const self = { ...bench.host.self, variable: (name: string) => (name === "TOKEN" ? token : undefined) }
	bench.host = { ...bench.host, self }
	const { events } = await bench.apply(makeModule({ closure: [`echo ${token}`], redact: ["$TOKEN"] }))
	expectMasked(events)
	expect(JSON.stringify(events)).toContain("echo ***")
})

test("a revert and the restore of a revert are masked as the pool was", async () => {
	await bench.apply(
		makeModule({ closure: [...say(), `test -e ${bench.path("ok")} || grep -q new ${bench.path("file")}`] }),
	)
	const events: RunEvent[] = []
	const onEvent = (event: RunEvent) => events.push(event)
	const request = { pool: "p", original: false, force: false }
	await revertPool(bench.host, bench.options, request, { run: "reverted", onEvent })
	expect(events.find(({ type }) => type === "pool-finished")).toMatchObject({ outcome: "failed" })
	expectMasked(events)
	expect(events.filter(({ type }) => type === "command-output").length).toBeGreaterThan(2)
})

test("going back to an older version masks what a pool that leaves had masked", async () => {
	await bench.apply({ version: "1.0.0", pools: [{ id: "stays", files: { other: "1" } }] })
	await bench.apply(makeModule({}, { version: "1.1.0" }))
	const { outcomes, events } = await bench.apply(
		{ version: "1.0.0", pools: [{ id: "stays", files: { other: "1" } }] },
		{ allowDowngrade: true },
	)
	expect([outcomes.p, bench.read("file")]).toEqual(["applied", "old"])
	const output = events.flatMap((event) => (event.type === "command-output" ? [event.text] : []))
	expect(output.join("")).toContain("*** ***")
	expectMasked(events)
})

test("recovery masks what the dead run would have masked", async () => {
	await bench.apply(makeModule({ closure: [...say(), failsOnNew()] }), {}, { run: "dead" })
	const folder = join(bench.options.stateFolder, "runs/dead")
	const journal = join(folder, "journal.jsonl")
	// As the journal stood when the closure began: everything behind the complete backup never came to the disk.
	const lines = readFileSync(journal, "utf8").split("\n")
	const kept = lines.slice(0, lines.findIndex((line) => line.includes('"backup-complete"')) + 1)
	writeFileSync(journal, `${kept.join("\n")}\n`)
	for (const name of ["events.jsonl", "record.json"]) rmSync(join(folder, name))
	bench.write("file", "new")
	const events: RunEvent[] = []
	const recovered = await recoverRuns(bench.host, bench.options, { onEvent: (event) => events.push(event) })
	expect(recovered).toEqual([{ run: "dead", outcome: "failed" }])
	expect(events.filter(({ type }) => type === "command-output").length).toBeGreaterThan(0)
	expectMasked(events)
})

test("a plan masks what it knows, in commands and diffs", async () => {
	bench.write("file", `password=${literal}\n`)
	const module = makeModule(
		{ files: { file: `password=${literal}\nmore\n` }, closure: [`echo ${literal}; TOKEN=${token} x`] },
		{ finalClosure: [`echo ${literal}`] },
	)
	const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const
	const plan = await planModule(bench.host, bench.options, bench.module(module), request)
	expect(plan.pools[0]?.closure).toEqual(["echo ***; TOKEN=*** x"])
	expect(plan.finalClosure).toEqual(["echo ***"])
	expect(plan.pools[0]?.operations[0]?.diff).toContain(" password=***\n+more")
	expect(JSON.stringify(plan)).not.toMatch(new RegExp(`${token}|${literal}`))
})
