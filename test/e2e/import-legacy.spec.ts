import { appendFile, cp, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { readIndex } from "./module-folder.ts"
import { Shell } from "./pages/shell.ts"

const fixture = join(import.meta.dirname, "../fixtures/legacy/operations")

test("a legacy module: what becomes of each part, then the module of pools in the editor", async ({ app, page }) => {
	const shell = new Shell(page)
	const folder = join(app.folder, "elsewhere/old-fix")
	await cp(fixture, folder, { recursive: true })
	await shell.open(app.url)
	await shell.goTo("Modules")
	await page.getByRole("button", { name: "Import legacy module" }).click()
	const browser = shell.dialog("Import a legacy module")
	await browser.getByLabel("Folder", { exact: true }).fill(join(app.folder, "elsewhere"))
	await page.keyboard.press("Enter")
	await browser.getByRole("button", { name: /old-fix/ }).click()
	const dialog = shell.dialog("Import a legacy module")
	const parts = dialog.getByRole("list", { name: "What becomes of each part" }).getByRole("listitem")
	await expect(parts.filter({ hasText: /^Converted/ }).first()).toBeVisible()
	const { conversion } = await app.services.library.readLegacy(folder)
	await expect(parts).toHaveCount(conversion?.items.length ?? -1)
	await look(page, "library legacy")
	expect(await readdir(app.services.library.folder)).toEqual([])

	// Somebody changes it meanwhile: what is imported is what was looked at, or nothing.
	await appendFile(join(folder, "index.json"), "\n")
	await dialog.getByRole("button", { name: "Import", exact: true }).click()
	await expect(dialog.getByRole("alert")).toBeVisible()
	expect(await readdir(app.services.library.folder)).toEqual([])
	await dialog.getByRole("button", { name: "Cancel" }).click()

	await page.getByRole("button", { name: "Import legacy module" }).click()
	await browser.getByLabel("Folder", { exact: true }).fill(join(app.folder, "elsewhere"))
	await page.keyboard.press("Enter")
	await browser.getByRole("button", { name: /old-fix/ }).click()
	await dialog.getByRole("button", { name: "Import", exact: true }).click()
	await expect(shell.heading(/old-fix/)).toBeVisible()
	const made = join(app.services.library.folder, "old-fix")
	expect(await readIndex(made)).toBe(await readFile(join(fixture, "expected.json"), "utf8"))
	expect(await readFile(join(made, "legacy/report.txt"), "utf8")).toContain("converted")
})
