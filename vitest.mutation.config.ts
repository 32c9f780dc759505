import { defineConfig } from "vitest/config"

/** The engine's own tests, for the mutation tester: quick, no bundle, no appliance. Those of the node host are not for it. */
export default defineConfig({
	test: {
		include: ["test/unit/core/engine/**/*.test.ts"],
		exclude: ["test/unit/core/engine/node-host/**"],
		testTimeout: 20_000,
	},
})
