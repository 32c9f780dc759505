import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { openDemo } from "./pages/demo.ts"

const healthy = "Demo: healthy"
const changed = "Demo: changed by its owner"

test("one pool over all appliances, one appliance over all pools: what stands, charts, the time line, the record", async ({
	app,
	page,
}) => {
	test.setTimeout(480_000)
	const { shell, run, history } = await openDemo(page, app.url, [healthy, changed])
	for (const _ of [1, 2]) {
		await run.start()
		await expect(
			page
				.getByText(/^(2 pools applied|2 pools stood applied)/)
				.or(page.getByText(/pool failed/))
				.first(),
		).toBeVisible({
			timeout: 120_000,
		})
		await expect(page.getByRole("link", { name: "Done" })).toBeVisible({ timeout: 120_000 })
		await page.getByRole("link", { name: "Done" }).click()
	}

	// A pool, from its column in the grid.
	await shell.goTo("History")
	await history.showGrid()
	await page.getByRole("button", { name: "page_escaping_fix over time" }).click()
	await expect(page.getByRole("combobox", { name: "Pool" })).toHaveValue("page_escaping_fix")
	await expect(history.timeline).toContainText(healthy)
	await expect(history.timeline).toContainText(changed)
	await expect(history.mark(`page_escaping_fix on ${changed}: Failed, put back`)).toHaveCount(2)
	await expect(history.mark(`page_escaping_fix on ${healthy}: Applied`)).toHaveCount(1)
	await expect(history.mark(`page_escaping_fix on ${healthy}: Unchanged`)).toHaveCount(1)
	const success = page.getByRole("img", { name: /^Success over time: 33 % of 3 pools applied, 2 failed, 0 degraded/ })
	await expect(success).toBeVisible()
	await expect(page.getByRole("img", { name: /^Mean duration over time: / })).toBeVisible()
	await expect(page.getByText("1 Failed, put back")).toBeVisible()
	await expect(history.causes).toContainText("2 failures, 1 cause")
	await page.getByText(/^As numbers/).click()
	await expect(page.getByRole("table", { name: "Success and duration over time" })).toContainText("33 %")
	await look(page, "history pool over time")

	// An appliance: a line for each of its pools.
	await history.clear()
	await history.filter("Appliance", changed)
	await expect(history.timeline).toContainText("login_security_patch")
	await expect(history.timeline.getByTitle(changed, { exact: true })).toHaveCount(0)
	await look(page, "history appliance over time")

	// By keyboard: from run to run in a line, and to the record.
	await history
		.mark(/^page_escaping_fix/)
		.last()
		.focus()
	await page.keyboard.press("ArrowRight")
	await expect(history.mark(/^page_escaping_fix/).first()).toBeFocused()
	await page.keyboard.press("Enter")
	await expect(shell.heading(`web-security 1.1.0 on ${changed}`)).toBeVisible()
})
