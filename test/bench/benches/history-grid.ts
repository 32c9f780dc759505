import { join } from "node:path"
import type { Browser, Page } from "@playwright/test"
import { fillHistory } from "../../support/filled-history.ts"
import type { Bench } from "../bench.ts"
import { openPage } from "../page/open-page.ts"

const APPLIANCES = 1000
const POOLS = 50
/** Frames that are looked at, and how far each one scrolls, pixels: a fast turn of the wheel. */
const FRAMES = 120
const STEP = 120

/** The history's grid of 1,000 appliances and 50 pools, scrolled down in Chromium: the slowest frame but six of 120. */
export const bench: Bench = {
	name: "history-grid",
	pairs: 5,
	// 50 frames a second.
	targets: [{ milliseconds: 20 }],
	async setUp(folder) {
		fillHistory(join(folder, "data"), APPLIANCES, POOLS)
		const { browser, url, end } = await openPage(folder)
		const page = await openGrid(browser, url)
		return { reset: async () => {}, ours: async () => ({ milliseconds: await scroll(page) }), end }
	},
}

async function openGrid(browser: Browser, url: string): Promise<Page> {
	const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } })
	await page.goto(url)
	await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "History" }).click()
	await page.getByRole("radiogroup", { name: "Shown as" }).getByText("Grid").click()
	await page.getByRole("grid", { name: "Pools on appliances" }).waitFor()
	return page
}

/** Runs the grid down, one step a frame; the time between frames that most of them keep to. */
async function scroll(page: Page): Promise<number> {
	const times = await page.getByRole("grid", { name: "Pools on appliances" }).evaluate(scrollInPage, [FRAMES, STEP])
	const moved = times.pop() ?? 0
	if (moved < (FRAMES * STEP) / 2) throw new Error(`cannot measure the grid: it scrolled ${moved} pixels only`)
	return times.sort((a, b) => a - b)[FRAMES - 7] ?? Number.NaN
}

/** The times of the frames, then how far it came. */
function scrollInPage(table: Element, [frames = 0, step = 0]: number[]): Promise<number[]> {
	const box = table.parentElement as Element
	box.scrollTop = 0
	const times: number[] = []
	return new Promise((resolve) => {
		let before = performance.now()
		const next = (now: number) => {
			times.push(now - before)
			before = now
			if (times.length > frames) return resolve([...times.slice(1), box.scrollTop])
			box.scrollTop += step
			requestAnimationFrame(next)
		}
		requestAnimationFrame(next)
	})
}
