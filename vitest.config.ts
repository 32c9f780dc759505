import { defineConfig } from "vitest/config"

/** One project a suite; `build/test.mjs` runs them one after the other and adds up the counts. */
const suite = (name: string, testTimeout: number) => ({
	extends: true as const,
	test: {
		name,
		include: [`test/${name}/**/*.test.ts`],
		testTimeout,
		hookTimeout: 300_000,
		expect: { poll: { timeout: 10_000 } },
	},
})

export default defineConfig({
	test: {
		pool: "forks",
		maxWorkers: 2,
		projects: [
			suite("unit", 60_000),
			suite("conformance", 60_000),
			suite("fault", 120_000),
			suite("integration", 180_000),
		],
	},
})
