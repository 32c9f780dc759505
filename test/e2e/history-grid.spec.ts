import { join } from "node:path"
import { fillHistory } from "../support/filled-history.ts"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { Shell } from "./pages/shell.ts"

test("a grid larger than the window: keys reach every cell and open its record, Tab comes in where it was scrolled to", async ({
	app,
	page,
}) => {
	await app.restart(async () => fillHistory(join(app.folder, "data"), 60, 50))
	await page.setViewportSize({ width: 1024, height: 700 })
	await page.goto(app.url)
	const [shell, history] = [new Shell(page), new HistoryPage(page)]
	await shell.goTo("History")
	await history.showGrid()
	await expect(history.grid).toHaveAttribute("aria-colcount", "51")
	await expect(history.grid).toHaveAttribute("aria-rowcount", "61")
	// Only what is seen is drawn, and some more: else a large fleet would be slow.
	await expect(history.cell("pool-00", "House 0000")).toBeVisible()
	await expect(history.cell("pool-49", "House 0000")).toHaveCount(0)
	await expect(history.cell("pool-00", "House 0059")).toHaveCount(0)

	await history.cell("pool-00", "House 0000").focus()
	for (let column = 1; column < 50; column++) {
		await page.keyboard.press("ArrowRight")
		await expect(history.cell(`pool-${String(column).padStart(2, "0")}`, "House 0000")).toBeFocused()
	}
	// What stays in view beside the cells covers none that has the focus.
	for (let column = 48; column >= 20; column--) {
		await page.keyboard.press("ArrowLeft")
		await expect(history.cell(`pool-${column}`, "House 0000")).toBeFocused()
		await expect.poll(() => page.evaluate(isFocusSeen), { timeout: 2000 }).toBe(true)
	}
	for (let column = 21; column < 50; column++) await page.keyboard.press("ArrowRight")
	for (const row of [15, 30, 45, 59]) {
		await page.keyboard.press("PageDown")
		await expect(history.cell("pool-49", `House 00${row}`)).toBeFocused()
	}
	await expect(history.cell("pool-49", "House 0059")).toBeInViewport()
	await expect(history.cell("pool-46", "House 0059")).toHaveAccessibleName(/: Failed, put back, 1\.0\.0/)
	await expect(history.cell("pool-49", "House 0059")).toHaveAccessibleName(/: Applied, 1\.0\.0/)
	await expect(history.cell("pool-00", "House 0000")).toHaveCount(0)
	await page.keyboard.press("Enter")
	await expect(shell.heading("large 1.0.0 on House 0059")).toBeVisible()

	await page.goBack()
	await expect(history.cell("pool-00", "House 0000")).toBeVisible()
	await look(page, "history grid large")
	await history.grid.hover()
	await page.mouse.wheel(900, 1200)
	await expect(history.cell("pool-00", "House 0000")).toHaveCount(0)
	await page.getByRole("button", { name: "pool-49 over time" }).evaluate((one) => one.focus({ preventScroll: true }))
	const scrolled = () => history.grid.evaluate(({ parentElement: box }) => [box?.scrollLeft, box?.scrollTop])
	const before = await scrolled()
	await page.keyboard.press("Tab")
	await expect(history.grid.getByRole("gridcell").and(page.locator(":focus"))).toHaveCount(1)
	await expect.poll(() => page.evaluate(isFocusSeen)).toBe(true)
	expect(await scrolled()).toEqual(before)
})

/** Whether nothing lies over the element that has the focus. */
function isFocusSeen(): boolean {
	const { left, top, width, height } = document.activeElement?.getBoundingClientRect() ?? new DOMRect()
	return document.elementFromPoint(left + width / 2, top + height / 2) === document.activeElement
}
