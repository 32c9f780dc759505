import { defineConfig } from "@playwright/test"
import { chromium } from "./build/chromium.mjs"

export default defineConfig({
	testDir: "test/e2e",
	outputDir: "test-results/e2e",
	// Each spec has its own services and appliances; two at once would only wait for each other on two cores.
	workers: 1,
	// What hangs is found by these, nothing is measured: a machine that does much else takes ten times as long.
	timeout: 300_000,
	expect: { timeout: 30_000 },
	forbidOnly: true,
	reporter: "line",
	use: {
		viewport: { width: 1280, height: 800 },
		contextOptions: { reducedMotion: "reduce" },
		// A new context a test costs a second of processor time; it is emptied between tests.
		reuseContext: true,
		screenshot: "only-on-failure",
		// Recording every step takes a fifth of the suite's time: `--trace on` where a fault is looked for.
		trace: "off",
		launchOptions: {
			...(chromium === undefined ? {} : { executablePath: chromium }),
			// Without one of UTF-8, Chromium leaves files out whose names are not ASCII.
			env: { ...process.env, LC_ALL: "C.UTF-8" },
			// Chromium has no sandbox for root.
			args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
		},
	},
})
