import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { type Ended, isThere, makeAppliance } from "./run-bundle.ts"

const isTrace = /^\s+at .*[:(]/m

function expectRefusal({ exit, stdout, stderr }: Ended) {
	expect(exit).toBe(2)
	expect(stdout).toBe("")
	expect(stderr).not.toBe("")
	expect(stderr).not.toMatch(isTrace)
}

test.each([
	[[]],
	[["fly"]],
	[["apply"]],
	[["apply", "--module"]],
	[["apply", "--module", "x", "--nonsense"]],
	[["apply", "x"]],
	[["apply", "--module", "x", "--timeout", "soon"]],
	[["apply", "--module", "x", "--timeout", "-1"]],
	[["apply", "--module", "x", "--timeout", "0"]],
	[["history", "--limit", "0"]],
	[["revert"]],
	[["revert", "--pool", "p", "--run", "r", "--original"]],
	[["attach"]],
	[["attach", "--run", "r", "--after", "x"]],
	[["attach", "--run", "../../etc"]],
	[["attach", "--run", "20260101-000000-abcdef"]],
	[["serve", "--nonce", "a\nb"]],
	[["worker", "--run", "../x"]],
	[["__proto__"]],
])("bad usage: %j", async (args) => {
	const { call, state } = await makeAppliance()
	expectRefusal(await call(...args))
	expect(await isThere(join(state, "runs"))).toBe(false)
})

test.each([
	["empty", "", /index\.json:1:1: /],
	["blank", " \n\n", /index\.json:/],
	["cut off", '{"metadata": {"schema_version": "1.0.0"}, "pools": [', /index\.json:1:\d+: /],
	["no JSON", "pools: []", /index\.json:1:1: /],
	["null", "null", /index\.json:1:1: /],
	["no pools", '{"metadata": {"schema_version": "1.0.0"}}', /index\.json:1:/],
	[
		"two faults",
		'{"metadata": {"schema_version": "one"},\n "pools": [{"id": "../p", "operations": [], "closure": []}]}',
		/index\.json:1:\d+: [\s\S]*index\.json:2:\d+: /,
	],
])("an index.json that is %s: all faults with their places, nothing touched", async (_, text, places) => {
	const { run, call, state, brokenModule } = await makeAppliance()
	const module = await brokenModule(text)
	for (const ended of [await run("apply", "--module", module), await call("plan", "--module", module)]) {
		expectRefusal(ended)
		expect(ended.stderr).toMatch(places)
	}
	expect(await isThere(state)).toBe(false)
})

test("a module folder that is not there, or no folder", async () => {
	const { run, base } = await makeAppliance()
	await writeFile(join(base, "file"), "")
	for (const module of [join(base, "none"), join(base, "file")]) expectRefusal(await run("apply", "--module", module))
})

test("whatever is typed: an exit code of the table, and no trace", async () => {
	const { base, call } = await makeAppliance()
	// A word behind `--events` is a file to be written.
	const before = process.cwd()
	onTestFinished(() => process.chdir(before))
	process.chdir(base)
	const word = fc.oneof(
		fc.string(),
		fc.constantFrom(
			"plan",
			"attach",
			"revert",
			"--module",
			"--run",
			"--pool",
			"--after",
			"--json",
			"-",
			"--",
			"--events",
		),
	)
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom("plan", "attach", "fly", ""),
			fc.array(word, { maxLength: 5 }),
			async (name, words) => {
				const args = [name, ...words.map((one) => (one.includes("/") ? join(base, "none") : one))]
				const { exit, stdout, stderr } = await call(...args)
				expect([0, 1, 2, 3, 4, 5]).toContain(exit)
				expect(stdout + stderr).not.toBe("")
				expect(stderr).not.toMatch(isTrace)
			},
		),
		{ numRuns: 300 },
	)
})
