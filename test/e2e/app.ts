import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test as base, expect, type Page } from "@playwright/test"
import { startBrowserHost } from "../../core/fleet/browser-host.ts"
import type { Services, ServicesOptions } from "../../core/fleet/services/types.ts"
import { createServices } from "../../core/fleet/services.ts"

const root = join(import.meta.dirname, "../..")

/** The services of one data folder behind the browser host, as `hotfix serve` starts them. */
export interface RunningApp {
	/** The page's address with its token. */
	url: string
	/** A folder of the test's own. */
	folder: string
	services: Services
	/** Whether it was ended in between: a page that asks again meanwhile is refused, and the browser says so. */
	wasAway: boolean
	/** Ends the program behind the page and starts it again on the same data and port; `between` happens in between. */
	restart(between?: () => Promise<void>): Promise<void>
}

/** What a test puts in the place of the real thing: nothing, unless it says so. */
type Replaced = Pick<ServicesOptions, "connect" | "secretBox">

async function startApp(folder: string, options: Replaced & { port?: number } = {}) {
	const { port, connect, secretBox } = options
	const services = await createServices({
		dataFolder: join(folder, "data"),
		host: "browser",
		version: "0.0.0-test",
		runnerBundle: join(root, "dist/runner/hotfix-runner.cjs"),
		knownHosts: join(folder, "known_hosts"),
		...(connect && { connect }),
		...(secretBox && { secretBox }),
	})
	const host = await startBrowserHost({
		services,
		rendererFolder: join(root, "dist/renderer"),
		...(port === undefined ? {} : { port }),
	})
	const close = async () => {
		await host.close()
		await services.close()
	}
	return { services, url: host.url, close }
}

/** What the page complained about: refused by the content security policy, thrown, or logged as an error. */
function listen(page: Page): string[] {
	const complaints: string[] = []
	page.on("pageerror", (error) => complaints.push(error.message))
	page.on("console", (message) => {
		if (message.type() === "error") complaints.push(message.text())
	})
	return complaints
}

export const test = base.extend<{ app: RunningApp; replaced: Replaced; complaints: string[] }>({
	replaced: [{}, { option: true }],
	app: async ({ replaced }, use) => {
		const folder = await mkdtemp(join(tmpdir(), "hotfix-e2e-"))
		let running = await startApp(folder, replaced)
		const app: RunningApp = {
			folder,
			services: running.services,
			url: running.url,
			wasAway: false,
			async restart(between) {
				const port = Number(new URL(running.url).port)
				app.wasAway = true
				await running.close()
				await between?.()
				running = await startApp(folder, { ...replaced, port })
				app.services = running.services
				app.url = running.url
			},
		}
		await use(app)
		await running.close()
		await rm(folder, { recursive: true, force: true, maxRetries: 20 })
	},
	/** Empty at the end of every test that does not take it. */
	complaints: [
		// With `app`, so that it is asked while the program behind the page still runs.
		async ({ page, app }, use) => {
			const complaints = listen(page)
			await use(complaints)
			expect(complaints.filter((one) => !(app.wasAway && one.endsWith("net::ERR_CONNECTION_REFUSED")))).toEqual([])
		},
		{ auto: true },
	],
})

export { expect }
