import { defineConfig } from "vitest/config"

/** One project a suite, one after the other (`build/test.mjs`). Time limits find what hangs, on machines that do much else. */
const suite = (name: string, testTimeout: number) => ({
	extends: true as const,
	test: {
		name,
		include: [`test/${name}/**/*.test.ts`],
		testTimeout,
		hookTimeout: 300_000,
		expect: { poll: { timeout: 30_000 } },
	},
})

export default defineConfig({
	test: {
		pool: "forks",
		maxWorkers: 2,
		projects: [
			suite("unit", 180_000),
			suite("conformance", 300_000),
			suite("fault", 600_000),
			suite("integration", 480_000),
		],
	},
})
