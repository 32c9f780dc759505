import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, type RunningApp, test } from "./app.ts"
import { look } from "./look.ts"
import { indexOf, readIndex, sourcesOf, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { Shell } from "./pages/shell.ts"

/** A module of the library in the editor; answers its folder. */
async function openModule(app: RunningApp, page: Page, index: string, sources: Record<string, string>) {
	const folder = join(app.services.library.folder, "web-fix")
	await writeModule(folder, index, sources)
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	await expect(new Shell(page).heading(/web-fix/)).toBeVisible()
	return folder
}

const ids = ["alpha", "beta", "gamma"]

test("pools are ordered, duplicated, disabled and deleted, and undone to the very bytes", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const before = indexOf(ids).replace('"metadata": {', '"x-team": {"b": 1, "a": [2]},\n  "metadata": {')
	const folder = await openModule(app, page, before, sourcesOf(ids))
	await expect(editor.pool("alpha")).toBeVisible()
	expect(await editor.names()).toEqual(ids)

	await editor.row("alpha").dragTo(editor.row("gamma"), { targetPosition: { x: 60, y: 40 } })
	await expect.poll(() => editor.names()).toEqual(["beta", "gamma", "alpha"])
	await expect(editor.row("alpha")).toHaveAttribute("aria-selected", "true")
	await editor.list.focus()
	await page.keyboard.press("Alt+ArrowUp")
	expect(await editor.names()).toEqual(["beta", "alpha", "gamma"])
	await page.keyboard.press("Control+d")
	expect(await editor.names()).toEqual(["beta", "alpha", "alpha-2", "gamma"])
	await page.keyboard.press("ArrowUp")
	await expect(editor.pool("alpha")).toBeVisible()
	await editor.pool("alpha").getByRole("switch", { name: "Enabled" }).uncheck()
	await expect(editor.row("alpha")).toContainText("disabled")
	await editor.list.focus()
	await page.keyboard.press("Delete")
	expect(await editor.names()).toEqual(["beta", "alpha-2", "gamma"])
	await expect(editor.undo).toHaveAccessibleName("Undo: delete alpha")

	await editor.save()
	const after = JSON.parse(await readIndex(folder))
	expect(after.pools.map(({ id }: { id: string }) => id)).toEqual(["beta", "alpha-2", "gamma"])
	expect(after["x-team"]).toEqual({ b: 1, a: [2] })
	for (const label of ["delete alpha", "disable alpha", "duplicate alpha", "move alpha", "move alpha"]) {
		await expect(editor.undo).toHaveAccessibleName(`Undo: ${label}`)
		await page.keyboard.press("Control+z")
	}
	await expect(editor.undo).toBeDisabled()
	await editor.save()
	expect(await readIndex(folder)).toBe(before)
	await page.keyboard.press("Control+Shift+z")
	await expect(editor.undo).toHaveAccessibleName("Undo: move alpha")
})

test("the main path with the keyboard alone: a pool from nothing to the disk", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const folder = await openModule(app, page, indexOf(["alpha"]), { ...sourcesOf(["alpha"]), "new.conf": "x\n" })
	await expect(editor.pool("alpha")).toBeVisible()
	await page.keyboard.press("n")
	await expect(editor.field("Id")).toBeFocused()
	await page.keyboard.press("Control+a")
	await page.keyboard.type("login-fix")
	await page.keyboard.press("Tab")
	await page.keyboard.type("People can sign in again")
	await page.keyboard.press("Tab")
	await expect(page.getByRole("button", { name: "Add a file" })).toBeFocused()
	await page.keyboard.press("Enter")
	await page.keyboard.type("src/new.conf")
	await page.keyboard.press("Tab")
	await page.keyboard.type("/etc/login.conf")
	for (let presses = 0; presses < 3; presses++) await page.keyboard.press("Tab")
	await expect(page.getByRole("button", { name: "Add a command" })).toBeFocused()
	await page.keyboard.press("Enter")
	await page.keyboard.type("cd /etc")
	await page.keyboard.press("Enter")
	await page.keyboard.type("wrong")
	await page.keyboard.press("Enter")
	await page.keyboard.type("grep -q x login.conf")
	await page.keyboard.press("ArrowUp")
	await page.keyboard.press("Control+a")
	await page.keyboard.press("Backspace")
	await page.keyboard.press("Backspace")
	await page.keyboard.press("ArrowDown")
	await page.keyboard.press("Alt+ArrowUp")
	await page.keyboard.press("Alt+ArrowDown")
	await expect(editor.field("command 2 of 2")).toBeFocused()
	await editor.save()
	const { pools } = JSON.parse(await readIndex(folder))
	expect(pools[1]).toEqual({
		id: "login-fix",
		description: "People can sign in again",
		operations: [{ target: "src/new.conf", destination: "/etc/login.conf" }],
		closure: ["cd /etc", "grep -q x login.conf"],
	})
	await expect(page.getByText("No findings")).toBeVisible()
})

test("every field of a pool is written, and an empty optional one is taken out", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const folder = await openModule(app, page, indexOf(["alpha"]), sourcesOf(["alpha"]))
	const pool = editor.pool("alpha")
	await pool.getByRole("button", { name: "Permissions of file 1" }).click()
	await pool.getByLabel("Owner").fill("www-data")
	await pool.getByLabel("Mode").fill("0640")
	await pool.getByLabel("Time limit").fill("30")
	await pool.getByLabel("Confirm within").fill("60")
	await pool.getByRole("button", { name: "Add a check" }).click()
	await page.keyboard.type("true")
	await pool.getByRole("button", { name: "Add a pattern" }).click()
	await page.keyboard.type("secret-\\w+")
	await page.getByRole("button", { name: "Final closure" }).click()
	await editor.field("command 1 of 1").fill("systemctl is-system-running")
	await page.getByRole("button", { name: /^Module/ }).click()
	await editor.field("Description").fill("All of it")
	await look(page, "editor module form")
	await editor.save()
	const index = JSON.parse(await readIndex(folder))
	expect(index.metadata).toEqual({ schema_version: "1.0.0", description: "All of it" })
	expect(index.finalClosure).toEqual(["systemctl is-system-running"])
	expect(index.pools[0]).toMatchObject({ timeoutSeconds: 30, confirmSeconds: 60, checks: ["true"] })
	expect(index.pools[0].redact).toEqual(["secret-\\w+"])
	expect(index.pools[0].operations[0].permissions).toEqual({ owner: "www-data", mode: "0640" })

	await editor.row("alpha").click()
	await look(page, "editor pool")
	await pool.getByLabel("Owner").fill("")
	await pool.getByLabel("Mode").fill("")
	await pool.getByLabel("Time limit").fill("")
	await editor.save()
	const [after] = JSON.parse(await readIndex(folder)).pools
	expect(after.operations[0]).toEqual({ target: "src/alpha.txt", destination: "/srv/alpha.txt" })
	expect("timeoutSeconds" in after).toBe(false)
})

test("findings stand at their fields, lead there, and are mended with one click", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const index = indexOf(ids)
		.replace('"/srv/gamma.txt"', '"srv/gamma.txt"')
		.replace('"finalClosure"', '"final_closure"')
		.replace('"src/beta.txt"', '"src/bta.txt"')
	await openModule(app, page, index, sourcesOf(ids))
	await expect(editor.row("gamma")).toContainText("1 fault")
	await expect(editor.findings).toContainText("2 faults")
	await look(page, "editor faults")

	await editor.findings.click()
	await look(page, "editor list of findings")
	await page
		.getByRole("dialog", { name: /2 faults/ })
		.getByRole("button", { name: /pools\[2\]/ })
		.click()
	await expect(editor.field("Destination 1")).toBeFocused()
	await expect(editor.field("Destination 1")).toHaveAttribute("aria-invalid", "true")
	await editor.pool("gamma").getByRole("button", { name: 'Write "/srv/gamma.txt"' }).click()
	await expect(editor.field("Destination 1")).toHaveValue("/srv/gamma.txt")
	await expect(editor.findings).toContainText("1 fault")

	// Missing files are found while typing too, without a save.
	await editor.row("beta").click()
	await expect(editor.pool("beta")).toContainText("There is no file")
	await editor.field("Source 1").fill("src/beta.txt")
	await expect(editor.findings).not.toContainText("fault")

	await page.getByRole("button", { name: /^Module/ }).click()
	await expect(page.getByRole("region", { name: "Other keys" })).toContainText("final_closure")
	await page.getByRole("button", { name: 'Write "finalClosure"' }).click()
	await expect(page.getByText("No findings")).toBeVisible()
	await page.keyboard.press("Control+z")
	await expect(page.getByRole("region", { name: "Other keys" })).toContainText("final_closure")
})

test("the raw view is the same document; broken JSON loses nothing", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const folder = await openModule(app, page, indexOf(ids), sourcesOf(ids))
	await editor.field("Description").fill("changed in a field")
	await editor.show("index.json")
	await expect(editor.raw).toHaveValue(indexOf(ids).replace("What alpha repairs", "changed in a field"))
	const text = await editor.raw.inputValue()
	await editor.raw.fill(text.replace('"id": "beta",', '"id": "beta"'))
	await expect(page.getByRole("list", { name: "Findings" })).toContainText(/\d+:\d+/)
	await look(page, "editor raw broken")
	await editor.show("Pools")
	await expect(page.getByRole("heading", { name: "index.json is no JSON at the moment" })).toBeVisible()
	await look(page, "editor no json")
	await editor.save()
	expect(await readIndex(folder)).toBe(text.replace('"id": "beta",', '"id": "beta"'))

	await page.keyboard.press("Control+z")
	await expect(editor.pool("alpha")).toBeVisible()
	await expect(editor.field("Description")).toHaveValue("changed in a field")
	await editor.show("index.json")
	await editor.raw.fill(text.replace('"id": "beta"', '"id": "delta"'))
	await editor.show("Pools")
	expect(await editor.names()).toEqual(["alpha", "delta", "gamma"])
})

test("a change from outside is taken over, and a conflict is decided by a person", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const folder = await openModule(app, page, indexOf(ids), sourcesOf(ids))
	await expect(editor.pool("alpha")).toBeVisible()
	const outside = (description: string) =>
		writeFile(join(folder, "index.json"), indexOf(ids).replace("What alpha repairs", description))

	await outside("from outside")
	await expect(editor.field("Description")).toHaveValue("from outside")
	await expect(
		page.getByText("index.json was changed outside of this program. The change is shown here."),
	).toBeVisible()
	await page.getByRole("button", { name: "Close" }).click()

	await editor.field("Description").fill("mine")
	await outside("theirs")
	await expect(page.getByRole("alert")).toContainText("while you were typing")
	const both = page.getByRole("region", { name: /beside/ })
	await expect(both).toContainText("mine")
	await expect(both).toContainText("theirs")
	await look(page, "editor conflict")
	expect(await readIndex(folder)).toContain("theirs")

	await page.getByRole("button", { name: "Take theirs" }).click()
	await expect(editor.field("Description")).toHaveValue("theirs")
	await editor.undo.click()
	await expect(editor.field("Description")).toHaveValue("mine")
	await outside("theirs again")
	await page.getByRole("button", { name: "Merge by hand" }).click()
	await expect(page.getByRole("textbox", { name: "Theirs" })).toHaveValue(/theirs again/)
	await look(page, "editor merge")
	await editor.raw.fill((await editor.raw.inputValue()).replace("mine", "merged"))
	await editor.save()
	expect(await readIndex(folder)).toContain("merged")

	await editor.show("Pools")
	await editor.field("Description").fill("mine at last")
	await outside("theirs at last")
	await page.getByRole("button", { name: "Keep mine" }).click()
	expect(await readIndex(folder)).toContain("theirs at last")
	await editor.save()
	expect(await readIndex(folder)).toContain("mine at last")
})

test("what is typed and not saved is there after the program ended", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const folder = await openModule(app, page, indexOf(ids), sourcesOf(ids))
	await editor.field("Description").fill("typed and not saved")
	await expect(editor.status("Not saved yet")).toBeVisible()
	const drafts = join(app.folder, "data/drafts")
	await expect
		.poll(async () => {
			const names = await readdir(drafts).catch(() => [])
			return Promise.all(names.map((name) => readFile(join(drafts, name), "utf8")))
		})
		.toEqual([expect.stringContaining("typed and not saved")])
	expect(await readIndex(folder)).toBe(indexOf(ids))
	page.on("dialog", (dialog) => void dialog.accept())
	await app.restart()
	await page.goto("about:blank")

	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	await expect(editor.field("Description")).toHaveValue("typed and not saved")
	await expect(page.getByText("What was typed last time and not saved is here again.")).toBeVisible()
	await look(page, "editor draft")
	await page.getByRole("button", { name: "Go back to what was saved" }).click()
	await expect(editor.field("Description")).toHaveValue("What alpha repairs")
	await expect(editor.status("Saved")).toBeVisible()
	await expect.poll(() => readdir(drafts)).toEqual([])
})

test("from the editor to the run: saved first, with the module open", async ({ app, page }) => {
	const editor = new EditorPage(page)
	const shell = new Shell(page)
	const folder = await openModule(app, page, indexOf(ids), sourcesOf(ids))
	await editor.field("Description").fill("as it shall run")
	await page.getByRole("main").getByRole("button", { name: "Plan and run …" }).first().click()
	await expect(shell.heading(/^web-fix/)).toBeVisible()
	await expect(page.getByRole("region", { name: "Pool alpha" })).toContainText("as it shall run")
	expect(await readIndex(folder)).toContain("as it shall run")
	await page.getByRole("button", { name: "Edit" }).click()
	await expect(editor.field("Description")).toHaveValue("as it shall run")
})
