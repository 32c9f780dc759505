import { rename, rm, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { openStore } from "../../core/fleet/store/store.ts"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { git, indexOf, readIndex, sourcesOf, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { Shell } from "./pages/shell.ts"

test("an empty library teaches, and a new module is sound as it stands", async ({ app, page }) => {
	const shell = new Shell(page)
	const library = new LibraryPage(page)
	await shell.open(app.url)
	await shell.goTo("Modules")
	await expect(page.getByRole("heading", { name: "No module yet" })).toBeVisible()
	await look(page, "library empty")

	await library.create("web-fix", "Repairs the web service")
	await expect(shell.heading(/web-fix/)).toBeVisible()
	await expect(page.getByText("No findings")).toBeVisible()
	const folder = join(app.services.library.folder, "web-fix")
	expect(JSON.parse(await readIndex(folder)).metadata.description).toBe("Repairs the web service")
	expect(await git(folder, "rev-parse", "--is-inside-work-tree")).toBe("true")

	await shell.goTo("Modules")
	await page.getByRole("button", { name: "New module" }).click()
	const dialog = shell.dialog("New module")
	await dialog.getByLabel("Name").fill("web-fix")
	await dialog.getByRole("button", { name: "Create" }).click()
	await expect(dialog.getByRole("alert")).toContainText("web-fix")
	await look(page, "library name taken")
	await page.keyboard.press("Escape")
	await expect(library.row("web-fix")).toContainText("never published")
})

test("search, order, findings, duplicate, archive and back", async ({ app, page }) => {
	const shell = new Shell(page)
	const library = new LibraryPage(page)
	const place = app.services.library.folder
	for (const [index, name] of ["alpha-9", "alpha-10", "beta"].entries()) {
		await writeModule(join(place, name), indexOf(["one"]), sourcesOf(["one"]))
		const at = new Date(Date.UTC(2026, 0, 1 + index))
		await utimes(join(place, name, "index.json"), at, at)
	}
	await writeModule(join(place, "broken"), '{ "metadata": 5 }')
	await utimes(join(place, "broken/index.json"), 1, 1)
	await shell.open(app.url)
	await shell.goTo("Modules")
	await expect(library.row("beta")).toBeVisible()
	expect(await library.names()).toEqual(["beta", "alpha-10", "alpha-9", "broken"])
	await expect(library.row("broken")).toContainText(/fault/)
	await look(page, "library")

	await page.getByRole("combobox", { name: "Order" }).click()
	await page.getByRole("option", { name: "By name" }).click()
	expect(await library.names()).toEqual(["alpha-9", "alpha-10", "beta", "broken"])
	await page.keyboard.press("/")
	await page.getByRole("textbox", { name: "Search modules" }).fill("alpha")
	await expect(library.row("beta")).toBeHidden()
	expect(await library.names()).toEqual(["alpha-9", "alpha-10"])
	await page.getByRole("textbox", { name: "Search modules" }).fill("")

	await library.choose("beta", /Archive/)
	await expect(library.row("beta")).toBeHidden()
	await page.getByRole("radiogroup", { name: "Which modules" }).getByText("Archived 1").click()
	expect(await library.names()).toEqual(["beta"])
	await library.choose("beta", /Bring back/)
	await expect(library.row("beta")).toBeHidden()
	await page.getByRole("radiogroup", { name: "Which modules" }).getByText("In use").click()
	await expect(library.row("beta")).toBeVisible()

	await library.choose("beta", /Duplicate/)
	await expect(shell.dialog("Duplicate beta").getByLabel("Name")).toHaveValue("beta-copy")
	await page.keyboard.press("Enter")
	await expect(shell.heading(/beta-copy/)).toBeVisible()
	expect(await readIndex(join(place, "beta-copy"))).toBe(await readIndex(join(place, "beta")))
})

test("a folder is imported as a copy, or used where it is", async ({ app, page }) => {
	const shell = new Shell(page)
	const library = new LibraryPage(page)
	const editor = new EditorPage(page)
	const folder = join(app.folder, "elsewhere/disk-fix")
	await writeModule(folder, indexOf(["one"]), sourcesOf(["one"]))
	const importIt = async (how: string) => {
		await shell.goTo("Modules")
		await page.getByRole("button", { name: "Import a folder" }).first().click()
		const browser = shell.dialog("Import a folder")
		await browser.getByLabel("Folder", { exact: true }).fill(join(app.folder, "elsewhere"))
		await page.keyboard.press("Enter")
		await browser.getByRole("button", { name: /disk-fix/ }).click()
		await shell.dialog("Import a folder").getByRole("radio", { name: how }).check()
	}
	await shell.open(app.url)
	await importIt("Copy it into the library")
	await look(page, "library import")
	await shell.dialog("Import a folder").getByRole("button", { name: "Import", exact: true }).click()
	await expect(shell.heading(/disk-fix/)).toBeVisible()
	const copy = join(app.services.library.folder, "disk-fix")
	expect(await readIndex(copy)).toBe(await readIndex(folder))

	await importIt("Use it where it is")
	await shell.dialog("Import a folder").getByRole("button", { name: "Import", exact: true }).click()
	await expect(page.getByRole("main")).toContainText(folder)
	await editor.field("Id").fill("here")
	await editor.save()
	expect(await readIndex(folder)).toContain('"here"')
	expect(await readIndex(copy)).not.toContain('"here"')

	await shell.goTo("Modules")
	await expect(library.row("disk-fix")).toHaveCount(2)
	const elsewhere = library.row("disk-fix").filter({ hasText: folder })
	await elsewhere.getByRole("button").click()
	await page.getByRole("menuitem", { name: /Take off the list/ }).click()
	await expect(library.row("disk-fix")).toHaveCount(1)
	expect(await readIndex(folder)).toContain('"here"')
})

test("what somebody else does to modules shows at once", async ({ app, page }) => {
	const shell = new Shell(page)
	const library = new LibraryPage(page)
	const place = app.services.library.folder
	await shell.open(app.url)
	await shell.goTo("Modules")
	await expect(page.getByRole("heading", { name: "No module yet" })).toBeVisible()

	const origin = join(app.folder, "origin")
	await writeModule(origin, indexOf(["one"]), sourcesOf(["one"]))
	await git(app.folder, "init", "-q", origin)
	await git(origin, "add", ".")
	await git(origin, "-c", "user.name=Team", "-c", "user.email=team@example.test", "commit", "-qm", "first")
	await git(app.folder, "clone", "-q", origin, join(place, "cloned"))
	await writeFile(join(place, "note.txt"), "not a module\n")
	await expect(library.row("cloned")).toContainText("1.0.0")

	await writeFile(join(place, "cloned/index.json"), indexOf(["one"], "1.4.0"))
	await expect(library.row("cloned")).toContainText("1.4.0")
	await rename(join(place, "cloned"), join(place, "moved"))
	await expect(library.row("moved")).toBeVisible()
	await expect(library.row("cloned")).toBeHidden()
	// Another program on the same data folder.
	const store = openStore(join(app.folder, "data"), () => {})
	store.library.archive(join(place, "moved"), true)
	store.close()
	await expect(library.row("moved")).toBeHidden()
	await page.getByRole("radiogroup", { name: "Which modules" }).getByText("Archived 1").click()
	await expect(library.row("moved")).toBeVisible()
	await page.getByRole("radiogroup", { name: "Which modules" }).getByText("In use").click()

	await rm(place, { recursive: true })
	await expect(page.getByText("Archived 1")).toBeHidden()
	await expect(page.getByRole("heading", { name: "No module yet" })).toBeVisible()
	await writeModule(join(place, "back"), indexOf(["one"]), sourcesOf(["one"]))
	await expect(library.row("back")).toBeVisible()
	await rm(join(place, "back"), { recursive: true })
	await expect(library.row("back")).toBeHidden()
})
