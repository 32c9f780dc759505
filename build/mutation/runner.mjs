// A test runner for Stryker that runs the engine's tests in one process, without a new one for each mutant: hundreds of
// mutants a minute instead of tens. Stryker itself ends a process whose mutant hangs.
import { globSync } from "node:fs"
import { registerHooks } from "node:module"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin"
import { DryRunStatus, determineHitLimitReached, TestStatus, toMutantRunResult } from "@stryker-mutator/api/test-runner"

/** In memory and quick first: most mutants never get further. */
const quick = ["phases", "interrupted", "properties", "journal", "lock", "full-disk", "reason", "ends"].map(
	(name) => `test/unit/core/engine/${name}.test.ts`,
)
/** With a real disk and a real shell, minutes instead of seconds: only for the mutants that the quick ones leave. */
const all = () =>
	globSync("test/unit/core/engine/**/*.test.ts", { exclude: (path) => /node-host|make-folder/.test(path) })
const words = new URL("tests.mjs", import.meta.url).href

class EngineTestRunner {
	#tests = []
	#stray = undefined

	capabilities() {
		return { reloadEnvironment: false }
	}

	async init() {
		registerHooks({
			resolve: (specifier, context, next) =>
				specifier === "vitest" && context.parentURL !== words
					? { url: words, shortCircuit: true }
					: next(specifier, context),
		})
		process.on("unhandledRejection", (error) => {
			this.#stray = error
		})
		process.env.RUNS ??= "6"
		const { default: fc } = await import("fast-check")
		fc.configureGlobal({ seed: 42, endOnFailure: true })
		const { loadTests, tests } = await import(words)
		const files = process.env.MUTATION_TESTS === "all" ? new Set([...quick, ...all()]) : quick
		for (const file of files) await loadTests(file, () => import(pathToFileURL(resolve(file)).href))
		this.#tests = tests.map((test) => ({ ...test, id: `${test.file}#${test.name}` }))
	}

	async dryRun() {
		const stryker = space()
		const results = []
		for (const test of this.#tests) {
			stryker.currentTestId = test.id
			results.push(await this.#run(test))
		}
		stryker.currentTestId = undefined
		return { status: DryRunStatus.Complete, tests: results, mutantCoverage: stryker.mutantCoverage }
	}

	async mutantRun({ activeMutant, testFilter, hitLimit, disableBail }) {
		const stryker = space()
		Object.assign(stryker, { activeMutant: activeMutant.id, hitCount: 0, hitLimit })
		const results = []
		for (const test of this.#tests.filter(({ id }) => !testFilter || testFilter.includes(id))) {
			const result = await this.#run(test)
			results.push(result)
			if (result.status === TestStatus.Failed && !disableBail) break
		}
		const hits = stryker.hitCount
		Object.assign(stryker, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
		return toMutantRunResult(
			determineHitLimitReached(hits, hitLimit) ?? { status: DryRunStatus.Complete, tests: results },
		)
	}

	async #run({ id, name, file, run }) {
		const startedAt = Date.now()
		const of = { id, name, fileName: resolve(file) }
		try {
			await run()
			if (this.#stray) throw this.#stray
			return { ...of, status: TestStatus.Success, timeSpentMs: Date.now() - startedAt }
		} catch (error) {
			this.#stray = undefined
			const failureMessage = error instanceof Error ? error.message : String(error)
			return { ...of, status: TestStatus.Failed, failureMessage, timeSpentMs: Date.now() - startedAt }
		}
	}
}

/** Where the mutated code looks for the mutant that is switched on. */
function space() {
	globalThis.__stryker__ ??= {}
	return globalThis.__stryker__
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "engine", EngineTestRunner)]
