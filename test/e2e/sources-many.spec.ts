import { mkdir, readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "./app.ts"
import { openSources } from "./open-sources.ts"

// A trace would take most of the time, and what is measured is the window's.
test.use({ trace: "off" })

test("a thousand files show how far they are and never block the window", async ({ app, page }) => {
	test.setTimeout(480_000)
	const { folder, desktop, sources } = await openSources(app, page)
	await mkdir(join(desktop, "many"))
	await Promise.all(
		Array.from({ length: 1000 }, (_, index) => writeFile(join(desktop, `many/file-${index}.txt`), `${index}\n`)),
	)
	await page.evaluate(() => {
		const now = window as unknown as { longest: number }
		now.longest = 0
		let last = performance.now()
		const look = () => {
			const at = performance.now()
			now.longest = Math.max(now.longest, at - last)
			last = at
			setTimeout(look, 0)
		}
		look()
	})
	await sources.drop([join(desktop, "many")], "Sources of the module")
	await expect(sources.dialog).toContainText("Add 1000 files")
	const startedAt = Date.now()
	await sources.dialog.getByRole("button", { name: "Add", exact: true }).click()
	const strip = page.getByRole("region", { name: "Adding files" })
	await expect(strip).toContainText(/of 1000 files added/)
	await expect(sources.added).toContainText("1000 files added.", { timeout: 120_000 })
	const longest = await page.evaluate(() => (window as unknown as { longest: number }).longest)
	console.log(`1,000 files: ${Date.now() - startedAt} ms, longest pause of the window ${Math.round(longest)} ms`)
	expect(longest).toBeLessThan(400)
	expect((await readdir(join(folder, "src/many"))).length).toBe(1000)
	await expect(page.getByRole("tab", { name: /Sources/ })).toContainText("1002")
})
