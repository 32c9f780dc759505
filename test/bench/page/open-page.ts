import { join } from "node:path"
import { type Browser, chromium } from "@playwright/test"
import { chromium as executable } from "../../../build/chromium.mjs"
import { startBrowserHost } from "../../../core/fleet/browser-host.ts"
import { createServices } from "../../../core/fleet/services.ts"
import { projectFolder } from "../../support/appliances/paths.ts"

/** The built page, served by real services over a data folder, and a real Chromium for it. */
export async function openPage(folder: string) {
	const services = await createServices({
		dataFolder: join(folder, "data"),
		host: "browser",
		version: "0.0.0-bench",
		runnerBundle: join(projectFolder, "dist/runner/hotfix-runner.cjs"),
		knownHosts: join(folder, "known_hosts"),
	})
	const host = await startBrowserHost({ services, rendererFolder: join(projectFolder, "dist/renderer") })
	const browser = await openBrowser()
	return {
		services,
		browser,
		url: host.url,
		end: async () => {
			await browser.close()
			await host.close()
			await services.close()
		},
	}
}

function openBrowser(): Promise<Browser> {
	return chromium.launch({
		...(executable === undefined ? {} : { executablePath: executable }),
		// Chromium has no sandbox for root.
		args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
	})
}
