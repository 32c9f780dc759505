import { existsSync } from "node:fs"
import { defineConfig } from "@playwright/test"

/** A system's Chromium where there is one: Playwright's own needs a download. */
const chromium = [
	process.env.CHROMIUM,
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
].find((path) => path !== undefined && existsSync(path))

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
		trace: "retain-on-failure",
		launchOptions: {
			...(chromium === undefined ? {} : { executablePath: chromium }),
			// Chromium has no sandbox for root.
			args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
		},
	},
})
