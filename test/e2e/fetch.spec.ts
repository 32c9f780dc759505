import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, type RunningApp, test } from "./app.ts"
import { look } from "./look.ts"
import { indexOf, readIndex, sourcesOf, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { FromAppliancePage } from "./pages/from-appliance-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { Shell } from "./pages/shell.ts"

/** A module in the editor, and the demo's appliances in the fleet. */
async function openTab(app: RunningApp, page: Page) {
	const { appliances } = await app.services.appliances.addDemo()
	const folder = join(app.services.library.folder, "web-fix")
	await writeModule(folder, indexOf(["web"]), sourcesOf(["web"]))
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	const from = new FromAppliancePage(page)
	await from.open()
	return { folder, from, names: appliances.map(({ name }) => name) }
}

const operationsOf = async (folder: string) => JSON.parse(await readIndex(folder)).pools[0].operations

test("an appliance is browsed, a file is fetched into the pool, then changed there and compared", async ({
	app,
	page,
}) => {
	const { folder, from, names } = await openTab(app, page)
	const [healthy = "", changed = "", off = ""] = names
	await from.chooseAppliance(healthy)
	await from.entry(/^srv/).click()
	await from.entry(/^web/).click()
	await expect(from.folder).toContainText("web")
	await from.search.fill("login")
	await expect(from.entry(/./)).toHaveCount(1)
	await from.entry(/^login\.mjs/).click()
	await look(page, "fetch chosen")
	await from.fetchButton.click()
	await expect(from.fetched).toContainText("/srv/web/login.mjs is fetched as src/srv/web/login.mjs")
	await look(page, "fetch done")
	const source = join(folder, "src/srv/web/login.mjs")
	expect(await readFile(source, "utf8")).toContain("an empty password is let through")

	const editor = new EditorPage(page)
	await editor.save()
	const [, operation] = await operationsOf(folder)
	expect(operation).toMatchObject({ target: "srv/web/login.mjs", destination: "/srv/web/login.mjs" })
	expect(operation.permissions).toEqual({
		owner: expect.any(String),
		group: expect.any(String),
		mode: expect.stringMatching(/^0[0-7]{3}$/),
	})
	await page.getByRole("button", { name: /^Undo: add a fetched file/ }).click()
	await editor.save()
	expect(await operationsOf(folder)).toHaveLength(1)
	await editor.redo.click()
	await editor.save()

	await writeFile(source, `${await readFile(source, "utf8")}// mended\n`)
	await from.compareWith(names)
	await expect(page.getByText(`${off} was not compared:`)).toBeVisible()
	const variants = from.variants("/srv/web/login.mjs")
	await expect(variants.first()).toContainText("differs from our source, never applied by us")
	await expect(from.variants("/srv/web.txt").first()).toContainText("not there")
	await expect(from.comparing).toHaveText("2 of 3 appliances compared.")
	await expect(page.getByRole("list", { name: "Variants of /srv/web.txt" })).toContainText(changed)
	await variants.first().click()
	await expect(page.getByRole("region", { name: `Our source beside On ${healthy}` })).toContainText("// mended")
	await look(page, "compare")
	await expect(page.getByText("nothing was applied by us").first()).toBeVisible()
})

test("by keyboard: down, in, up; what is there already is only replaced when asked", async ({ app, page }) => {
	const { folder, from, names } = await openTab(app, page)
	await writeModule(folder, indexOf(["web"]), { "web.txt": "web\n", "srv/web/login.mjs": "ours\n" })
	await from.chooseAppliance(names[0] ?? "")
	await from.entry(/^srv/).focus()
	await page.keyboard.press("Enter")
	await from.entry(/^web/).focus()
	await page.keyboard.press("Enter")
	await from.entry(/./).first().focus()
	await page.keyboard.press("Backspace")
	await from.entry(/^web/).focus()
	await page.keyboard.press("Enter")
	await from.entry(/./).first().focus()
	await page.keyboard.press("ArrowDown")
	await expect(from.entry(/./).nth(1)).toBeFocused()
	await from.entry(/^login\.mjs/).focus()
	await page.keyboard.press("Enter")
	await from.fetchButton.press("Enter")
	await expect(from.fetched).toContainText("is there already, with other content")
	expect(await readFile(join(folder, "src/srv/web/login.mjs"), "utf8")).toBe("ours\n")
	await page.getByRole("button", { name: "Replace it" }).press("Enter")
	await expect(from.fetched).toContainText("is fetched as")
	expect(await readFile(join(folder, "src/srv/web/login.mjs"), "utf8")).toContain("export function login")

	await from.entry(/^login\.mjs/).press("Enter")
	await page.getByRole("button", { name: "Look for variants …" }).press("Enter")
	await from.compareButton.press("Enter")
	await expect(from.comparing).toHaveText("1 of 1 appliance compared.")
	await expect(from.variants("/srv/web/login.mjs")).toHaveText(/1 appliance.*the same as our source/)
})
