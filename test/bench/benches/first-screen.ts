import type { Bench } from "../bench.ts"
import { openPage } from "../page/open-page.ts"

/**
 * The app opened in a browser that has never seen it: from the address to the first view, with what the services said in
 * it and its buttons to be pressed.
 */
export const bench: Bench = {
	name: "first-screen",
	pairs: 7,
	targets: [{ milliseconds: 1000 }],
	async setUp(folder) {
		const { browser, url, end } = await openPage(folder)
		return {
			reset: async () => {},
			async ours() {
				const context = await browser.newContext()
				const page = await context.newPage()
				const begun = performance.now()
				await page.goto(url, { waitUntil: "commit" })
				await page.getByRole("heading", { name: "Run a module" }).waitFor()
				const milliseconds = performance.now() - begun
				await context.close()
				return { milliseconds }
			},
			end,
		}
	},
}
