import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, type RunningApp, test } from "./app.ts"
import { look } from "./look.ts"
import { readIndex, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { Shell } from "./pages/shell.ts"
import { SourcesPage } from "./pages/sources-page.ts"
import { TryPage } from "./pages/try-page.ts"

const place = "srv/web/notes.txt"

/** One pool for a file that the first run makes; closures of the embedded appliances run below their own root. */
function indexOf(closure: string, id = "notes") {
	const pool = { id, operations: [{ target: "notes.txt", destination: `/${place}` }], closure: [closure] }
	const index = { metadata: { schema_version: "1.0.0" }, pools: [{ ...pool, description: "Notes" }], finalClosure: [] }
	return JSON.stringify(index, null, 2)
}

async function openPool(app: RunningApp, page: Page, closure: string) {
	const folder = join(app.services.library.folder, "try-fix")
	await writeModule(folder, indexOf(closure), { "notes.txt": "new\n" })
	const { appliances } = await app.services.appliances.addDemo()
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("try-fix")
	const healthy = appliances.find(({ name }) => name === "Demo: healthy")
	const tried = new TryPage(page)
	await tried.chooseAppliance("Demo: healthy")
	return { folder, tried, id: healthy?.id ?? "" }
}

/** Another module puts the file there: what an owner may have changed. */
async function putFile(app: RunningApp, id: string) {
	const folder = join(app.services.library.folder, "before")
	await writeModule(folder, indexOf("true", "before"), { "notes.txt": "the customer's\n" })
	const [run] = await app.services.runs.start({ folder, applianceIds: [id] })
	await expect.poll(() => app.services.runs.get(run?.id ?? "").outcome, { timeout: 120_000 }).toBe("applied")
}

test("the four tests of a pool, each with its verdict; an edit makes them old", async ({ app, page }) => {
	test.setTimeout(480_000)
	const { folder, tried, id } = await openPool(app, page, `test -s ${place}`)
	await putFile(app, id)
	const editor = new EditorPage(page)
	await editor.field("Description").fill("What is tried is what is seen")
	await tried.press("Prove it")
	await expect(tried.result.getByText("4 of 4 tests passed")).toBeVisible({ timeout: 120_000 })
	expect(await readIndex(folder)).toContain("What is tried is what is seen")
	await expect(tried.verdict(/with the new files/)).toContainText("1 command passed")
	await expect(tried.verdict(/after the way back/)).toContainText("Passed")
	await expect(tried.verdict(/Every file is back/)).toContainText("1 file compared")
	await expect(tried.verdict(/a customer changed/)).toContainText("1 file changed first")
	const kinds = app.services.state.snapshot().runs.map(({ kind, outcome }) => `${kind} ${outcome}`)
	expect(kinds).toEqual(["rehearse applied", "rehearse applied", "apply applied"])
	const old = tried.panel.getByText("This is of an older state")
	await expect(old).toBeHidden()
	await tried.panel.scrollIntoViewIfNeeded()
	await look(page, "try passed")
	await editor.field("Description").fill("Something else")
	await expect(old).toBeVisible()
	await editor.undo.click()
	await expect(old).toBeHidden()
	const sources = new SourcesPage(page)
	await editor.show("Sources")
	await sources.row("notes.txt").click()
	await sources.text.click()
	await page.keyboard.type("typed")
	await editor.show("Pools")
	await expect(old).toBeVisible()
})

test("a closure that fails is told with its last lines, and what was not reached is not proved", async ({
	app,
	page,
}) => {
	test.setTimeout(480_000)
	const { tried } = await openPool(app, page, `if test -e ${place}; then echo it is too new >&2; exit 7; fi`)
	await tried.press("Prove it")
	await expect(tried.result.getByText("2 of 4 tests passed")).toBeVisible({ timeout: 120_000 })
	const closure = tried.verdict(/with the new files/)
	await expect(closure).toContainText("Failed")
	await expect(closure).toContainText("exit status 7")
	await expect(closure).toContainText("it is too new")
	await expect(tried.verdict(/Every file is back/)).toContainText("Passed")
	await expect(tried.verdict(/a customer changed/)).toContainText("Not proved")
	await tried.panel.scrollIntoViewIfNeeded()
	await look(page, "try failed")
})

test("plan, rehearse and apply beside the pool; nothing is applied without being asked twice", async ({
	app,
	page,
}) => {
	test.setTimeout(480_000)
	const { tried } = await openPool(app, page, `test ! -e ${place} || test -s ${place}`)
	await tried.press("Plan")
	await expect(tried.result).toContainText(`/${place}`, { timeout: 120_000 })
	await look(page, "try plan")
	await tried.press("Rehearse")
	await expect(tried.result.getByText("Passed, put back")).toBeVisible({ timeout: 120_000 })
	await expect(tried.result).toContainText("there and back")
	await tried.press("Prove it")
	await expect(tried.result.getByText("3 of 4 tests passed")).toBeVisible({ timeout: 120_000 })
	await expect(tried.verdict(/a customer changed/)).toContainText("nothing to change")
	await tried.press("Apply …")
	await expect(tried.panel.getByText("This changes Demo: healthy, and stays.")).toBeVisible()
	expect(app.services.state.snapshot().runs.some(({ kind }) => kind === "apply")).toBe(false)
	await tried.press("Apply the pool")
	await expect(tried.result.getByText("Applied", { exact: true })).toBeVisible({ timeout: 120_000 })
	await look(page, "try applied")
})

test("stopped in the middle: not proved, and said so", async ({ app, page }) => {
	test.setTimeout(480_000)
	const { tried } = await openPool(app, page, `if test -e ${place}; then sleep 60; fi`)
	await tried.press("Prove it")
	await expect.poll(() => app.services.state.snapshot().runs[0]?.pools[0]?.phase, { timeout: 120_000 }).toBe("closure")
	await tried.press("Stop")
	const closure = tried.verdict(/with the new files/)
	await expect(closure).toContainText("Not proved", { timeout: 120_000 })
	await expect(closure).toContainText("It was cancelled.")
	await expect(tried.verdict(/a customer changed/)).toContainText("Not proved")
})
