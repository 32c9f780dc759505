import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, type RunningApp, test } from "./app.ts"
import { look } from "./look.ts"
import { git, indexOf, readIndex, sourcesOf, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { PublishPage } from "./pages/publish-page.ts"
import { Shell } from "./pages/shell.ts"

const ids = ["alpha", "beta"]

async function openPublish(app: RunningApp, page: Page, index = indexOf(ids)) {
	const folder = join(app.services.library.folder, "web-fix")
	await writeModule(folder, index, sourcesOf(ids))
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	await new EditorPage(page).show("Publish")
	return folder
}

test("the first version, the next one, and what differs between them", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const publish = new PublishPage(page)
	const folder = await openPublish(app, page)
	await expect(publish.button).toHaveText("Publish 1.0.0")
	await expect(publish.change("src/alpha.txt")).toContainText("new")
	await look(page, "publish first")
	await publish.publish("The first one")
	await expect(page.getByText("Version 1.0.0 is published.")).toBeVisible()
	await expect(publish.button).toBeDisabled()
	await expect(page.getByText("There is nothing new to publish.")).toBeVisible()
	expect(await git(folder, "tag", "--list")).toMatch(/^web-fix-v1\.0\.0-\d{8}$/)
	expect(await git(folder, "log", "--format=%B", "-1")).toContain("The first one")

	await writeFile(join(folder, "src/alpha.txt"), "alpha\nand more\n")
	await expect(publish.difference("src/alpha.txt")).toContainText("+and more")
	await editor.show("Pools")
	await editor.field("Description").fill("changed")
	await editor.show("Publish")
	await expect(page.getByText("There is something typed that is not saved.")).toBeVisible()
	await expect(publish.button).toBeDisabled()
	await page.getByRole("button", { name: "Save it" }).click()
	await expect(publish.difference("index.json")).toContainText("changed")
	await expect(publish.version("1.0.1")).toBeChecked()
	await look(page, "publish next")
	await publish.version("1.1.0").check()
	await publish.publish("More")
	await expect(page.getByText("Version 1.1.0 is published.")).toBeVisible()
	expect(JSON.parse(await readIndex(folder)).metadata.schema_version).toBe("1.1.0")
	await expect(new Shell(page).heading(/web-fix 1\.1\.0/)).toBeVisible()
	await expect(editor.status("Saved")).toBeVisible()

	await editor.show("Versions")
	await expect(publish.row("1.1.0")).toContainText("More")
	await expect(publish.row("1.1.0")).toContainText("working files")
	await publish.compare("1.0.0", "1.1.0")
	// Where few files differ, each shows its lines at once.
	await expect(publish.difference("src/alpha.txt")).toContainText("+and more")
	await look(page, "versions")
})

test("faults stand in the way of a version", async ({ app, page }) => {
	const publish = new PublishPage(page)
	const folder = await openPublish(app, page, indexOf(ids).replace('"/srv/beta.txt"', '"srv/beta.txt"'))
	await expect(publish.button).toBeDisabled()
	await expect(page.getByText("Mend 1 fault first.")).toBeVisible()
	await look(page, "publish faults")
	await writeModule(folder, indexOf(ids))
	await expect(publish.button).toBeEnabled()
})

test("the way back to a version keeps what is in none", async ({ app, page }) => {
	const shell = new Shell(page)
	const editor = new EditorPage(page)
	const publish = new PublishPage(page)
	const folder = await openPublish(app, page)
	await publish.publish()
	await expect(page.getByText("Version 1.0.0 is published.")).toBeVisible()
	await writeModule(folder, indexOf(["alpha"]).replace("What alpha repairs", "work in progress"))
	await rm(join(folder, "src/beta.txt"))
	await editor.show("Versions")
	await expect(publish.row("1.0.0").getByRole("button", { name: "Check out 1.0.0" })).toBeVisible()
	await publish.row("1.0.0").getByRole("button", { name: "Check out 1.0.0" }).click()
	const dialog = shell.dialog("Check out 1.0.0")
	await dialog.getByRole("button", { name: "Check out" }).click()
	await expect(dialog.getByRole("alert")).toContainText("index.json")
	await look(page, "checkout")
	expect(await readIndex(folder)).toContain("work in progress")
	await dialog.getByRole("button", { name: "Keep what is here, then check out" }).click()
	await expect(dialog).toBeHidden()
	await expect(page.getByText("The working files are those of 1.0.0")).toBeVisible()
	expect(await readIndex(folder)).toBe(indexOf(ids))

	await expect(page.getByRole("row", { name: /Kept state/ })).toBeVisible()
	await page
		.getByRole("row", { name: /Kept state/ })
		.getByRole("button", { name: /^Check out/ })
		.click()
	await shell.dialog("Check out the kept state").getByRole("button", { name: "Check out" }).click()
	await expect.poll(() => readIndex(folder)).toContain("work in progress")
	await editor.show("Pools")
	await expect(editor.field("Description")).toHaveValue("work in progress")
})

test("a version that stands everywhere is the last safe one", async ({ app, page }) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	const editor = new EditorPage(page)
	const publish = new PublishPage(page)
	const index = indexOf(["alpha"]).replaceAll("/srv/alpha.txt", "/srv/www/alpha.txt").replace("test -s /", "test -s ")
	const folder = await openPublish(app, page, index)
	await publish.publish()
	await expect(page.getByText("Version 1.0.0 is published.")).toBeVisible()
	const { appliances } = await app.services.appliances.addDemo()
	const healthy = appliances.find(({ name }) => name === "Demo: healthy")
	const [run] = await app.services.runs.start({
		folder,
		applianceIds: [healthy?.id ?? ""],
		force: false,
		allowDowngrade: false,
	})
	await expect.poll(() => app.services.runs.get(run?.id ?? "").outcome, { timeout: 120_000 }).toBe("applied")
	await shell.goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	await editor.show("Versions")
	await expect(publish.row("1.0.0")).toContainText("last safe version")
	await look(page, "versions safe")
})
