import type { Page } from "@playwright/test"
import { makeLargeRollout, scriptRollouts } from "../../e2e/scripted-rollout.ts"
import type { Bench } from "../bench.ts"
import { longestFrame, recordFrames } from "../live-page.ts"
import { openPage } from "../page/open-page.ts"

const APPLIANCES = 1000
/** Steps of one call, how many appliances end and begin with each, and how far apart they are. */
const STEPS = 20
const AT_ONCE = 20
const GAP_MS = 100

/** A rollout to 1,000 appliances as it goes on: 20 of them end and 20 begin every 100 ms; the longest frame of its view. */
export const bench: Bench = {
	name: "rollout-view",
	pairs: 5,
	targets: [{ milliseconds: 100 }],
	async setUp(folder) {
		const { browser, url, services, end } = await openPage(folder)
		const loose = { waves: [], gate: { kind: "none" }, budget: { wave: {}, whole: {} } } as const
		const limits = { ...loose, waves: [], unreachable: { budget: {}, retrySeconds: 300, expireSeconds: 3600 } }
		let script = scriptRollouts(services, makeLargeRollout(APPLIANCES, limits))
		const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } })
		const show = async () => {
			script = scriptRollouts(services, makeLargeRollout(APPLIANCES, limits))
			script.start(AT_ONCE)
			await page.goto("about:blank")
			await page.goto(url)
			await page.getByText("Connected", { exact: true }).waitFor()
			await page.goto(`${url.split("#")[0]}#/rollouts/scripted`)
			await page.getByRole("button", { name: `house-${APPLIANCES}: waiting` }).waitFor()
			await page.evaluate(recordFrames)
		}
		return {
			reset: show,
			async ours() {
				for (let turn = 0; turn < STEPS; turn++) {
					script.end(AT_ONCE)
					script.start(AT_ONCE)
					await new Promise((resolve) => setTimeout(resolve, GAP_MS))
				}
				await expectShown(page, APPLIANCES - (STEPS + 1) * AT_ONCE)
				return { milliseconds: (await longestFrame(page)).longest }
			},
			end,
		}
	},
}

/** The page has taken in all of it: it is as fast as it was told. */
async function expectShown(page: Page, waiting: number): Promise<void> {
	await page.getByRole("region", { name: "Wave 1" }).getByText(`${waiting} waiting`).waitFor({ timeout: 10_000 })
}
