import { defineConfig } from "@playwright/test"
import { chromium } from "./build/chromium.mjs"

export default defineConfig({
	testDir: "test/e2e",
	outputDir: "test-results/e2e",
	// Each spec has its own services and appliances; two at once would only wait for each other on two cores.
	workers: 1,
	timeout: 90_000,
	expect: { timeout: 15_000 },
	forbidOnly: true,
	reporter: "line",
	use: {
		viewport: { width: 1280, height: 800 },
		screenshot: "only-on-failure",
		// Every step with the page as it was then, without the film: that took a fifth of the suite's time.
		trace: { mode: "retain-on-failure", screenshots: false },
		launchOptions: {
			...(chromium === undefined ? {} : { executablePath: chromium }),
			// Chromium has no sandbox for root.
			args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
		},
	},
})
