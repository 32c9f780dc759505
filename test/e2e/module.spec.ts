import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "./app.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

async function writeModule(folder: string, index: string, sources: Record<string, string>) {
	await mkdir(join(folder, "src"), { recursive: true })
	await writeFile(join(folder, "index.json"), index)
	for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, "src", name), text)
}

function indexOf(closure: string[], id = "pool_one"): string {
	const operations = [{ target: "src/note.txt", destination: "/srv/note.txt" }]
	return JSON.stringify({ metadata: { schema_version: "1.0.0" }, pools: [{ id, operations, closure }] }, null, 2)
}

test("a broken module: every fault at its place, Run blocked, mended and reloaded it can run", async ({
	app,
	page,
}) => {
	const shell = new Shell(page)
	const run = new RunPage(page)
	const folder = join(app.folder, "broken")
	const broken = indexOf(["true"], "not an id").replace('"/srv/note.txt"', '"srv/note.txt"')
	await writeModule(folder, broken, { "note.txt": "hello\n" })
	await shell.open(app.url)
	await new AppliancesPage(page).addDemo()
	await run.closeModule()
	await run.openModule(folder)

	await expect(page.getByText("2 faults in index.json. The module cannot be run until they are mended.")).toBeVisible()
	await expect(run.findings).toContainText("7:13")
	await expect(run.findings).toContainText("$.pools[0].id")
	await expect(run.findings).toContainText("$.pools[0].operations[0].destination")
	await expect(run.goButton).toBeDisabled()
	await expect(page.getByText("The module has 2 faults. Mend index.json, then reload.")).toBeVisible()

	await writeModule(folder, indexOf(["true"]), {})
	await page.getByRole("button", { name: "Reload" }).click()
	await expect(run.goButton).toBeEnabled()
	await run.showTab(/Pools/)
	await expect(run.pool("pool_one")).toContainText("/srv/note.txt")
})

test("a module is found with the folder browser and is among the recent ones afterwards", async ({ app, page }) => {
	const shell = new Shell(page)
	const run = new RunPage(page)
	await writeModule(join(app.folder, "modules/my-fix"), indexOf(["true"]), { "note.txt": "hello\n", "spare.txt": "" })
	await shell.open(app.url)
	await page.getByRole("button", { name: "Choose folder" }).click()
	const dialog = shell.dialog("Open a module")
	await dialog.getByLabel("Folder", { exact: true }).fill(app.folder)
	await page.keyboard.press("Enter")
	await dialog.getByRole("button", { name: "modules" }).click()
	await dialog.getByRole("button", { name: /my-fix/ }).click()
	await expect(shell.heading(/^my-fix/)).toBeVisible()
	await run.showTab(/Sources/)
	await expect(page.getByRole("row", { name: /spare.txt/ })).toContainText("unused")

	await run.closeModule()
	await page.getByRole("button", { name: /^my-fix/ }).click()
	await expect(shell.heading(/^my-fix/)).toBeVisible()
})

test("a folder that is no module is refused in words", async ({ app, page }) => {
	await new Shell(page).open(app.url)
	await new RunPage(page).openModule(join(app.folder, "nowhere"))
	await expect(page.getByRole("main").getByRole("alert")).toContainText("nowhere")
})

test("hostile output is text and nothing else", async ({ app, page }) => {
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	const hostile = [
		"printf '<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>\\n'",
		"printf '\\033]0;new title\\007\\033[2J\\033[31mred\\033[0m \\033]8;;javascript:alert(1)\\033\\\\link\\033]8;;\\033\\\\ \\342\\200\\256gpj.exe\\n'",
		"i=0; while [ $i -lt 3000 ]; do echo line $i of many; i=$((i+1)); done; echo 'the end'; test ! -e srv/note.txt",
	]
	await writeModule(join(app.folder, "hostile"), indexOf(hostile), { "note.txt": "hello\n" })
	await shell.open(app.url)
	await new AppliancesPage(page).addDemo()
	await run.closeModule()
	await run.openModule(join(app.folder, "hostile"))
	await run.appliance("Demo: changed by its owner").uncheck()
	await run.appliance("Demo: switched off").uncheck()
	await run.start()
	await expect(page.getByText("1 pool failed and was put back.")).toBeVisible({ timeout: 120_000 })

	const pool = live.pool("pool_one")
	for (const command of hostile.slice(0, 2))
		await pool
			.getByRole("button", { name: command.slice(0, 24) })
			.first()
			.click()
	const html = live.output(hostile[0] ?? "").first()
	await expect(html).toContainText('<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>')
	expect(await html.locator("img, script").count()).toBe(0)
	const ansi = live.output(hostile[1] ?? "").first()
	await expect(ansi).toContainText("red link \ufffdgpj.exe")
	expect(await ansi.locator("a").count()).toBe(0)
	expect(await page.evaluate(() => "hacked" in window)).toBe(false)
	await expect(page).toHaveTitle(/Hotfix Manager$/)

	// Long output: only the lines in view exist, the last one is in view because that is where it failed.
	const long = live.output(hostile[2] ?? "").first()
	await expect(long).toContainText("the end")
	expect(await long.getByText(/^line \d+ of many$/).count()).toBeLessThan(80)
	await page.getByLabel(`Search Output of ${hostile[2]}`).first().fill("line 1500 of")
	await expect(page.getByText("1 of 1", { exact: true })).toBeVisible()
	await expect(long).toContainText("line 1500 of many")
})

test("a pool that cannot be verified back is an emergency", async ({ app, page }) => {
	const shell = new Shell(page)
	const run = new RunPage(page)
	await writeModule(join(app.folder, "worse"), indexOf(["echo no way; false"]), { "note.txt": "hello\n" })
	await shell.open(app.url)
	await new AppliancesPage(page).addDemo()
	await run.closeModule()
	await run.openModule(join(app.folder, "worse"))
	await run.appliance("Demo: changed by its owner").uncheck()
	await run.appliance("Demo: switched off").uncheck()
	await run.start()
	await expect(page.getByText("1 pool is degraded.")).toBeVisible({ timeout: 120_000 })
	await expect(page.getByText("Look at Demo: healthy now")).toBeVisible()
	await expect(new LivePage(page).pool("pool_one")).toContainText("A person must look at this appliance now")
})

test("a cancelled run is put back and says so", async ({ app, page }) => {
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	const closure = ["test ! -e srv/note.txt || { echo begun; sleep 60; }"]
	await writeModule(join(app.folder, "long"), indexOf(closure), { "note.txt": "hello\n" })
	await shell.open(app.url)
	await new AppliancesPage(page).addDemo()
	await run.closeModule()
	await run.openModule(join(app.folder, "long"))
	await run.appliance("Demo: changed by its owner").uncheck()
	await run.appliance("Demo: switched off").uncheck()
	await run.start()
	await expect(live.output(closure[0] ?? "")).toContainText("begun", { timeout: 60_000 })
	await page.getByRole("button", { name: "Cancel", exact: true }).click()
	const dialog = shell.dialog("Cancel this run?")
	await expect(dialog.getByRole("button", { name: "Let it go on" })).toBeFocused()
	await dialog.getByRole("button", { name: "Cancel the run" }).click()
	await expect(page.getByText("1 pool failed and was put back.")).toBeVisible({ timeout: 60_000 })
})
