import { join } from "node:path"
import type { Browser, Page } from "@playwright/test"
import { openStore, type Store } from "../../../core/fleet/store/store.ts"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import type { Bench } from "../bench.ts"
import { openPage } from "../page/open-page.ts"

const APPLIANCES = 2000
/** Typed into the filter; what it leaves is 400 appliances. */
const FILTER = "tag:bakery -os:alpine seen:<9999d"

/**
 * The list of 2,000 appliances, each with facts and a run, in the real page: a filter typed, a range and all that are shown
 * chosen; from each key to the page laid out anew, the slowest but two.
 */
export const bench: Bench = {
	name: "fleet-list",
	pairs: 5,
	targets: [{ milliseconds: 50 }],
	async setUp(folder) {
		fillFleet(join(folder, "data"))
		const { browser, url, end } = await openPage(folder)
		const page = await openFleet(browser, url)
		await page.evaluate(measureKeys)
		return { reset: async () => {}, ours: async () => ({ milliseconds: await useKeys(page) }), end }
	},
}

function fillFleet(folder: string): void {
	const store = openStore(folder, () => {})
	store.inTransaction(() => {
		for (let index = 0; index < APPLIANCES; index++) fillAppliance(store, index)
	})
	store.close()
}

function fillAppliance(store: Store, index: number): void {
	const id = `appliance-${index}`
	const name = `House ${String(index).padStart(4, "0")}`
	const finishedAt = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString()
	const tags = [index % 5 === 0 ? "bakery" : "butcher", `street ${index % 50}`]
	const signIn = { method: "agent" as const }
	store.appliances.save({
		id,
		name,
		host: `house-${index}.test`,
		port: 22,
		user: "root",
		signIn,
		become: "none",
		tags,
		notes: "",
	})
	const os = index % 2 === 0 ? "Debian GNU/Linux 12" : "Ubuntu 24.04"
	const facts = { os, hostname: `house-${index}`, node: "20.11.1", root: true, systemd: true }
	store.appliances.see(id, { lastSeen: finishedAt, facts })
	const where = { applianceId: id, applianceName: name }
	const run: DesktopRun = {
		...{ id: `run-${index}`, run: `run-${index}`, batch: "batch", ...where, kind: "apply", state: "finished" },
		...{ module: { name: "fix", version: "1.0.0", digest: "0".repeat(64) }, outcome: "applied", pools: [] },
		...{ startedAt: finishedAt, finishedAt },
	}
	store.runs.save(run, null)
	store.runs.savePool({
		...{ runId: run.id, pool: "web", ...where, moduleName: "fix", moduleVersion: "1.0.0" },
		...{ kind: "apply", outcome: "applied", finishedAt, durationMs: 1000 },
	})
}

async function openFleet(browser: Browser, url: string): Promise<Page> {
	const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } })
	await page.goto(url)
	await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Appliances" }).click()
	await page.getByRole("rowheader", { name: "House 0000" }).waitFor()
	// Runs older than the newest 100 are known once the history was asked.
	await page.getByRole("row").filter({ hasText: "House 0000" }).getByText("Applied").waitFor()
	return page
}

/** Runs in the page: writes down how long each key takes until the page is laid out anew. */
function measureKeys(): void {
	const times: number[] = []
	Object.assign(window, { keyTimes: times })
	let pressed = 0
	const note = () => {
		// A message comes after everything that the key set off at once.
		const { port1, port2 } = new MessageChannel()
		port1.onmessage = () => {
			document.body.getBoundingClientRect()
			times.push(performance.now() - pressed)
		}
		port2.postMessage("")
	}
	for (const type of ["keydown", "keyup"])
		window.addEventListener(type, () => (pressed = performance.now()), { capture: true })
	for (const type of ["input", "change"]) window.addEventListener(type, note)
	window.addEventListener("keydown", (event) => event.ctrlKey && event.key === "a" && note())
}

async function useKeys(page: Page): Promise<number> {
	const keyTimes = () => (window as unknown as { keyTimes: number[] }).keyTimes
	await page.evaluate(`window.keyTimes.length = 0`)
	const field = page.getByRole("textbox", { name: "Filter the appliances" })
	await field.focus()
	await page.keyboard.type(FILTER, { delay: 20 })
	await page.getByText(`400 of ${APPLIANCES}`).waitFor()
	await page.getByRole("checkbox", { name: "Choose House 0000" }).focus()
	for (const key of ["Space", "End", "Shift+Space", "Control+a", "Control+a"]) {
		await page.keyboard.press(key)
		await page.waitForTimeout(100)
	}
	await field.fill("")
	await page.waitForTimeout(200)
	const times = (await page.evaluate(keyTimes)).sort((a, b) => a - b)
	if (times.length < FILTER.length + 4) throw new Error(`cannot measure the fleet: only ${times.length} keys arrived`)
	return times.at(-3) ?? Number.NaN
}
