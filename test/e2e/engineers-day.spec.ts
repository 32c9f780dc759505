import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, test } from "./app.ts"
import { git, indexOf, readIndex, sourcesOf, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { FromAppliancePage } from "./pages/from-appliance-page.ts"
import { PublishPage } from "./pages/publish-page.ts"
import { Shell } from "./pages/shell.ts"
import { SourcesPage } from "./pages/sources-page.ts"
import { TryPage } from "./pages/try-page.ts"
import { tabOnto, tabTo } from "./tab-to.ts"

/** The tab with this name: back to the one that is shown, then with the arrows. */
async function goToTab(page: Page, name: RegExp) {
	await tabOnto(page, page.getByRole("tab", { selected: true }), "Shift+Tab")
	const wanted = page.getByRole("tab", { name })
	for (let presses = 0; presses < 8; presses++) {
		if (await wanted.evaluate((element) => element.matches(":focus"))) break
		await page.keyboard.press("ArrowRight")
	}
	await page.keyboard.press("Enter")
	await expect(wanted).toHaveAttribute("aria-selected", "true")
}

async function choose(page: Page, combobox: string, option: string) {
	await tabTo(page, "combobox", combobox)
	await page.keyboard.press("Enter")
	const options = page.getByRole("listbox", { name: combobox }).getByRole("option")
	await expect(options.first()).toBeVisible()
	await page.keyboard.type(option)
	await expect(options).toHaveCount(1)
	await page.keyboard.press("ArrowDown")
	await page.keyboard.press("Enter")
}

test("with the keyboard alone: fetched, mended, proved on one appliance, published", async ({ app, page }) => {
	test.setTimeout(480_000)
	const folder = join(app.services.library.folder, "login-fix")
	await writeModule(folder, indexOf(["login"]), sourcesOf(["login"]))
	await app.services.appliances.addDemo()
	await new Shell(page).open(app.url)
	await page.keyboard.press("g")
	await page.keyboard.press("m")
	await tabTo(page, "link", "login-fix")
	await page.keyboard.press("Enter")
	const editor = new EditorPage(page)
	await expect(editor.pool("login")).toBeVisible()

	await goToTab(page, /^From appliance/)
	const from = new FromAppliancePage(page)
	await choose(page, "Appliance", "Demo: healthy")
	for (const name of [/^srv/, /^web/, /^login\.mjs/]) {
		await expect(from.entry(name)).toBeVisible()
		await tabTo(page, "button", name)
		await page.keyboard.press("Enter")
	}
	await tabTo(page, "button", /^Fetch( \d|$)/)
	await page.keyboard.press("Enter")
	await expect(from.fetched).toContainText("is fetched as src/srv/web/login.mjs")

	await goToTab(page, /^Sources/)
	const sources = new SourcesPage(page)
	await tabOnto(page, sources.list)
	await page.keyboard.press("End")
	await expect(sources.text).toBeVisible()
	await tabTo(page, "textbox", /^Text of /)
	await page.keyboard.press("Control+Home")
	await page.keyboard.type("// mended\n")
	await page.keyboard.press("Control+s")
	await editor.status("Saved").waitFor()
	expect(await readFile(join(folder, "src/srv/web/login.mjs"), "utf8")).toMatch(/^\/\/ mended\n/)
	await page.keyboard.press("Escape")
	await page.keyboard.press("Tab")

	await goToTab(page, /^Pools/)
	// The file that was fetched: what is typed before it is there would be a conflict, for a person to decide.
	await expect(page.getByText(/^2 files/)).toBeVisible()
	await tabTo(page, "button", "Add a command")
	await page.keyboard.press("Enter")
	await page.keyboard.type("test -s srv/web/login.mjs")
	const tried = new TryPage(page)
	await choose(page, "Appliance to try it on", "Demo: healthy")
	await tabTo(page, "button", "Prove it")
	await page.keyboard.press("Enter")
	await expect(tried.verdict(/Every file is back/)).toContainText("Passed", { timeout: 120_000 })

	await goToTab(page, /^Publish/)
	await tabTo(page, "textbox", "Note")
	await page.keyboard.type("People can sign in again")
	await tabTo(page, "button", /^Publish 1/)
	await page.keyboard.press("Enter")
	await expect(page.getByText(/Version 1\.0\.0 is published/)).toBeVisible()
	await expect(new PublishPage(page).button).toBeDisabled()
	expect(JSON.parse(await readIndex(folder)).pools[0].operations).toHaveLength(2)
	expect(await git(folder, "tag", "--list")).toMatch(/^login-fix-v1\.0\.0-\d{8}$/)
})
