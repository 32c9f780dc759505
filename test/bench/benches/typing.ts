import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Browser, Page } from "@playwright/test"
import type { Bench } from "../bench.ts"
import { openPage } from "../page/open-page.ts"

const POOLS = 500
const OPERATIONS = 10
const KEYS = 60

/**
 * One key typed into a field of a module of 500 pools and 5,000 operations, in the real page: from the key to the page
 * laid out anew, the slowest but three of 60.
 */
export const bench: Bench = {
	name: "typing",
	pairs: 5,
	targets: [{ milliseconds: 16 }],
	async setUp(folder) {
		const { services, browser, url, end } = await openPage(folder)
		await writeModule(join(services.library.folder, "large"))
		const page = await openEditor(browser, url)
		await page.evaluate(measureKeys)
		return {
			reset: async () => {},
			ours: async () => ({ milliseconds: await typeKeys(page) }),
			end,
		}
	},
}

async function writeModule(folder: string): Promise<void> {
	await mkdir(join(folder, "src"), { recursive: true })
	const pools = Array.from({ length: POOLS }, (_, pool) => ({
		id: `pool-${pool}`,
		description: `What pool ${pool} repairs`,
		operations: Array.from({ length: OPERATIONS }, (_, file) => ({
			target: `src/part-${pool}/file-${file}.conf`,
			destination: `/opt/service/part-${pool}/file-${file}.conf`,
		})),
		closure: [`systemctl restart part-${pool}`, `curl -fsS http://127.0.0.1/part-${pool}`],
	}))
	const index = { metadata: { schema_version: "1.0.0" }, pools, finalClosure: ["systemctl is-system-running"] }
	await writeFile(join(folder, "index.json"), `${JSON.stringify(index, null, 2)}\n`)
}

async function openEditor(browser: Browser, url: string): Promise<Page> {
	const page = await browser.newPage()
	await page.goto(url)
	await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Modules" }).click()
	await page.getByRole("link", { name: "large", exact: true }).click()
	await page.getByRole("option", { name: /^pool-7 / }).click()
	return page
}

/** Runs in the page: writes down how long each key takes until the page is laid out anew. */
function measureKeys(): void {
	const times: number[] = []
	Object.assign(window, { keyTimes: times })
	let pressed = 0
	window.addEventListener("keydown", () => (pressed = performance.now()), { capture: true })
	window.addEventListener("input", () => {
		// A message comes after everything that the key set off at once.
		const { port1, port2 } = new MessageChannel()
		port1.onmessage = () => {
			document.body.getBoundingClientRect()
			times.push(performance.now() - pressed)
		}
		port2.postMessage("")
	})
}

async function typeKeys(page: Page): Promise<number> {
	const keyTimes = () => (window as unknown as { keyTimes: number[] }).keyTimes
	await page.evaluate(`window.keyTimes.length = 0`)
	await page.getByRole("textbox", { name: "Description" }).focus()
	for (let key = 0; key < KEYS; key++) await page.keyboard.press("x", { delay: 20 })
	await page.waitForTimeout(300)
	const times = (await page.evaluate(keyTimes)).sort((a, b) => a - b)
	if (times.length !== KEYS) throw new Error(`cannot measure typing: ${times.length} of ${KEYS} keys arrived`)
	return times[KEYS - 4] ?? Number.NaN
}
