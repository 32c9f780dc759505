// All suites, one after the other, then what was skipped, and the sum of them: `N passed, N failed`. Exit 1 when anything failed.
import { spawn } from "node:child_process"
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "./build.mjs"
import { CHECKS, ENVIRONMENT, passes } from "./check.mjs"
import { chromium } from "./chromium.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const results = `${root}/test-results`
const sum = { passed: 0, failed: 0, skipped: 0 }
const skippedNames = []

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
// A minute's work on a fresh machine, beside the first suites; the integration suite waits for it.
spawn("node", ["test/support/appliances/prepare.ts"], { cwd: root, env: ENVIRONMENT, stdio: "inherit" })
for (const check of CHECKS) count(passes(check))
console.log("\n--- build")
count(
	await build().then(
		() => true,
		(error) => console.error(error.message),
	),
)
// Unit tests mind the time and have the machine to themselves. The browser mostly waits, for appliances: it goes on beside
// the suites that come after.
await runVitest("unit")
console.log("\n--- bench")
count((await run("node", ["test/bench/run.ts", "--short"])) === 0)
const browser = runPlaywright()
for (const suite of ["conformance", "fault", "integration"]) await runVitest(suite)
await browser

if (sum.skipped > 0) console.log(`\n${sum.skipped} skipped:\n  ${skippedNames.join("\n  ")}`)
console.log(`\n${sum.passed} passed, ${sum.failed} failed`)
process.exit(sum.failed > 0 ? 1 : 0)

function count(passed) {
	sum[passed ? "passed" : "failed"]++
}

async function runVitest(suite) {
	console.log(`\n--- ${suite}`)
	const file = `${results}/${suite}.json`
	const code = await run("vitest", [
		"run",
		"--project",
		suite,
		"--reporter=dot",
		"--reporter=json",
		`--outputFile.json=${file}`,
	])
	const report = readReport(file, suite)
	if (!report) return
	const tests = report.testResults.flatMap((one) => one.assertionResults)
	for (const test of tests) {
		if (test.status === "passed") sum.passed++
		else if (test.status === "failed") sum.failed++
		else skip(suite, test.fullName)
	}
	// A file that cannot be loaded has no tests of its own to fail.
	const unloaded = report.testResults.filter(
		(one) => one.status === "failed" && one.assertionResults.every((test) => test.status !== "failed"),
	).length
	sum.failed += unloaded
	if (tests.length === 0) sum.failed++
	// An error outside of every test (a rejection nobody awaits) shows only in the exit code.
	else if (code !== 0 && unloaded === 0 && tests.every((test) => test.status !== "failed")) sum.failed++
}

/** Its output is shown when it has ended, so that it does not mix with another suite's. */
async function runPlaywright() {
	if (!chromium) return skip("e2e", "every spec: no Chromium here; install one, or name it in CHROMIUM")
	const file = `${results}/e2e.json`
	const log = `${results}/e2e.log`
	await run("playwright", ["test", "--reporter=list,json"], { PLAYWRIGHT_JSON_OUTPUT_FILE: file }, openSync(log, "w"))
	console.log(`\n--- e2e\n${readFileSync(log, "utf8")}`)
	const report = readReport(file, "e2e")
	if (!report) return
	sum.passed += report.stats.expected + report.stats.flaky
	sum.failed += report.stats.unexpected + report.errors.length
	for (const spec of report.suites.flatMap(specsOf))
		if (spec.tests.some((test) => test.status === "skipped")) skip("e2e", spec.title)
}

function specsOf(suite) {
	return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)]
}

function skip(suite, name) {
	sum.skipped++
	skippedNames.push(`${suite}: ${name}`)
}

/** Runs a program to its end; resolves to its exit code. */
function run(program, args, env = {}, output = "inherit") {
	return new Promise((resolve) => {
		const child = spawn(program, args, {
			cwd: root,
			stdio: ["ignore", output, output],
			env: { ...ENVIRONMENT, ...env },
		})
		child.on("error", (error) => {
			console.error(`cannot run ${program}: ${error.message}`)
			resolve(1)
		})
		child.on("close", (code) => resolve(code ?? 1))
	})
}

/** The suite's own account; its absence is a failure, never a silent success. */
function readReport(file, suite) {
	try {
		return JSON.parse(readFileSync(file, "utf8"))
	} catch (error) {
		console.error(`cannot read the results of ${suite}: ${error.message}`)
		sum.failed++
		return undefined
	}
}
