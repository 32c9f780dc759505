import { defineConfig } from "vitest/config"

const engine = "test/unit/core/engine"
/** In memory and quick; `MUTATION_TESTS=all` for those on the real disk and with a real shell besides. */
const quick = ["phases", "properties", "journal", "lock", "lock-race", "full-disk"].map(
	(name) => `${engine}/${name}.test.ts`,
)
const all = [`${engine}/**/*.test.ts`]

/** The engine's own tests, for the mutation tester. The node host's are not for it. */
export default defineConfig({
	test: {
		include: process.env.MUTATION_TESTS === "all" ? all : quick,
		exclude: [`${engine}/node-host/**`],
		env: { RUNS: process.env.RUNS ?? "20" },
		testTimeout: 60_000,
	},
})
