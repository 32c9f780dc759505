// All suites, one after the other, then the sum of them: `N passed, N failed, N skipped`. Exit 1 when anything failed.
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync } from "node:fs"
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
for (const suite of ["unit", "conformance", "fault", "integration"]) runVitest(suite)
runPlaywright()

if (skippedNames.length > 0) console.log(`\nskipped:\n  ${skippedNames.join("\n  ")}`)
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
process.exit(sum.failed > 0 ? 1 : 0)

function count(passed) {
	sum[passed ? "passed" : "failed"]++
}

function runVitest(suite) {
	console.log(`\n--- ${suite}`)
	const file = `${results}/${suite}.json`
	run("vitest", ["run", "--project", suite, "--reporter=dot", "--reporter=json", `--outputFile.json=${file}`])
	const report = readReport(file, suite)
	if (!report) return
	const tests = report.testResults.flatMap((one) => one.assertionResults)
	for (const test of tests) {
		if (test.status === "passed") sum.passed++
		else if (test.status === "failed") sum.failed++
		else skip(suite, test.fullName)
	}
	// A file that cannot be loaded has no tests of its own to fail.
	sum.failed += report.testResults.filter(
		(one) => one.status === "failed" && one.assertionResults.every((test) => test.status !== "failed"),
	).length
	if (tests.length === 0) sum.failed++
}

function runPlaywright() {
	console.log("\n--- e2e")
	if (!chromium) return skip("e2e", "every spec: no Chromium here; install one, or name it in CHROMIUM")
	const file = `${results}/e2e.json`
	run("playwright", ["test", "--reporter=line,json"], { PLAYWRIGHT_JSON_OUTPUT_FILE: file })
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

function run(program, args, env = {}) {
	const { error } = spawnSync(program, args, { cwd: root, stdio: "inherit", env: { ...ENVIRONMENT, ...env } })
	if (error) console.error(`cannot run ${program}: ${error.message}`)
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
