import { randomBytes } from "node:crypto"
import { mkdir, readdir, writeFile } from "node:fs/promises"
import { createServer, type Socket } from "node:net"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { openStore } from "../../core/fleet/store/store.ts"
import { makeAppliance, makeRun } from "../unit/core/fleet/make.ts"
import { expect, type RunningApp, test } from "./app.ts"
import { look } from "./look.ts"
import { indexOf, readIndex, sourcesOf, writeModule } from "./module-folder.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { FromAppliancePage } from "./pages/from-appliance-page.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { PublishPage } from "./pages/publish-page.ts"
import { Shell } from "./pages/shell.ts"

/** A server that takes connections and never says a word. */
async function listenSilently() {
	const held = new Set<Socket>()
	const server = createServer((socket) => {
		held.add(socket)
		// Read, or the end of what comes would never be seen.
		socket.resume()
		socket.on("error", () => undefined).on("close", () => held.delete(socket))
	})
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
	const address = server.address()
	return { server, held, port: typeof address === "object" && address ? address.port : 0 }
}

async function openModule(app: RunningApp, page: Page) {
	const folder = join(app.services.library.folder, "web-fix")
	await writeModule(folder, indexOf(["web"]), sourcesOf(["web"]))
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	return folder
}

const stopButton = (page: Page, what = "Stop") => page.getByRole("button", { name: what, exact: true })

test("the test of an appliance that never answers: stopped, and the connection is closed", async ({ app, page }) => {
	const { server, held, port } = await listenSilently()
	const appliances = new AppliancesPage(page)
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Appliances")
	await appliances.add({ name: "silent", host: "127.0.0.1", port, user: "root" })
	await appliances.save("Save")
	await appliances.test("silent")
	await expect(appliances.row("silent")).toContainText("Testing")
	await expect.poll(() => held.size).toBe(1)
	await look(page, "appliances testing")
	await stopButton(page, "Stop testing silent").click()
	await expect(page.getByText("The test was stopped.")).toBeVisible()
	await expect(appliances.row("silent")).toContainText("Not tested")
	await expect.poll(() => held.size).toBe(0)
	server.close()
})

test("the demo's start: stopped, it leaves nothing; then it is started after all", async ({ app, page }) => {
	test.setTimeout(480_000)
	const appliances = new AppliancesPage(page)
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Appliances")
	await page.getByRole("button", { name: "Add demo appliances" }).click()
	await stopButton(page, "Stop starting the demo").click()
	await expect(page.getByRole("button", { name: "Add demo appliances" })).toBeEnabled()
	const left = async () =>
		(await readdir(join(app.folder, "data/demo"))).filter((name) => name.startsWith("appliances-"))
	await expect.poll(left, { timeout: 60_000 }).toEqual([])
	expect(app.services.appliances.list()).toEqual([])
	await appliances.addDemo()
	expect(app.services.appliances.list()).toHaveLength(3)
})

test("an import: stopped, nothing of it is in the library, and the dialog is ready for another try", async ({
	app,
	page,
}) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	const folder = join(app.folder, "elsewhere/large-fix")
	await writeModule(folder, indexOf(["web"]), sourcesOf(["web"]))
	await mkdir(join(folder, "src/many"))
	for (let i = 0; i < 3000; i++) await writeFile(join(folder, `src/many/${i}`), `${i}\n`)
	await shell.open(app.url)
	await shell.goTo("Modules")
	await page.getByRole("button", { name: "Import a folder" }).first().click()
	const dialog = shell.dialog("Import a folder")
	await dialog.getByLabel("Folder", { exact: true }).fill(join(app.folder, "elsewhere"))
	await page.keyboard.press("Enter")
	await dialog.getByRole("button", { name: /large-fix/ }).click()
	await dialog.getByRole("button", { name: "Import", exact: true }).click()
	await stopButton(page).click()
	await expect(dialog.getByRole("button", { name: "Import", exact: true })).toBeEnabled()
	await expect.poll(() => readdir(app.services.library.folder), { timeout: 60_000 }).toEqual([])
	await dialog.getByRole("button", { name: "Import", exact: true }).click()
	await expect(shell.heading(/large-fix/)).toBeVisible({ timeout: 120_000 })
})

test("publishing: stopped in time, nothing is published and no file is changed; then it is", async ({ app, page }) => {
	test.setTimeout(480_000)
	const publish = new PublishPage(page)
	const folder = await openModule(app, page)
	for (const name of ["a", "b", "c"]) await writeFile(join(folder, `src/${name}.bin`), randomBytes(40_000_000))
	const text = await readIndex(folder)
	await new EditorPage(page).show("Publish")
	await expect(publish.button).toBeEnabled({ timeout: 60_000 })
	await publish.button.click()
	await expect(page.getByText("It can be stopped until the version is written.")).toBeVisible()
	await stopButton(page).click()
	await expect(page.getByText("Stopped: nothing was published, and no file was changed.")).toBeVisible({
		timeout: 60_000,
	})
	await look(page, "publishing stopped")
	expect(await readIndex(folder)).toBe(text)
	expect((await app.services.library.versions(folder)).versions).toEqual([])
	await publish.button.click()
	await expect(page.getByText("Version 1.0.0 is published.")).toBeVisible({ timeout: 120_000 })
})

test("a fetch from an appliance: stopped, and what came too late is no source", async ({ app, page }) => {
	test.setTimeout(480_000)
	const { appliances, folder: demo } = await app.services.appliances.addDemo()
	const [place = ""] = (await readdir(join(demo, ".."))).filter((name) => name.startsWith("appliances-"))
	await writeFile(join(demo, "..", place, "healthy/srv/large.bin"), randomBytes(90_000_000))
	const folder = await openModule(app, page)
	const from = new FromAppliancePage(page)
	await from.open()
	await from.chooseAppliance(appliances[0]?.name ?? "")
	await from.entry(/^srv/).click()
	await from.entry(/^large\.bin/).click()
	await from.fetchButton.click()
	await expect(page.getByText("Fetching: nothing is changed on the appliance")).toBeVisible()
	await stopButton(page).click()
	await expect(page.getByText("The fetch was stopped.")).toBeVisible()
	await look(page, "fetch stopped")
	// Where nothing had come yet there is not even a folder.
	const uploads = () => readdir(join(app.folder, "data/uploads", String(process.pid))).catch(() => [])
	await expect.poll(uploads, { timeout: 60_000 }).toEqual([])
	expect(await readdir(join(folder, "src"))).toEqual(["web.txt"])
})

/** The app with an appliance that never answers, on which a pool stands applied as far as this desktop knows. */
async function knowSilent(app: RunningApp, page: Page, port: number) {
	const { id: _, ...silent } = makeAppliance({ name: "silent", host: "127.0.0.1", port })
	const appliance = app.services.appliances.save(silent)
	const where = { applianceId: appliance.id, applianceName: appliance.name }
	const store = openStore(join(app.folder, "data"), () => undefined)
	const run = makeRun({ ...where, run: "20261123-144712-9f3a2c", state: "finished", outcome: "applied" })
	store.runs.save({ ...run, pools: [{ pool: "web", outcome: "applied" }] }, null, appliance)
	store.runs.savePool({
		...{ ...where, runId: run.id, pool: "web", moduleName: "hotfix", moduleVersion: "1.0.0", kind: "apply" },
		...{ outcome: "applied", finishedAt: run.startedAt, durationMs: 7 },
	})
	store.close()
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("History")
	return new HistoryPage(page)
}

test("what an appliance that never answers remembers: stopped, and the connection is closed", async ({ app, page }) => {
	const { server, held, port } = await listenSilently()
	const history = await knowSilent(app, page, port)
	await history.filter("Appliance", "silent")
	await history.fetch("silent")
	await expect.poll(() => held.size).toBe(1)
	await look(page, "history asking")
	await stopButton(page).click()
	await expect(page.getByRole("button", { name: "Fetch what silent remembers" })).toBeVisible()
	await expect.poll(() => held.size).toBe(0)
	await expect(page.getByRole("alert")).toHaveCount(0)
	server.close()
})

test("a pool put back on an appliance that never answers: cancelled, by key too, and nothing goes on", async ({
	app,
	page,
}) => {
	const { server, held, port } = await listenSilently()
	const history = await knowSilent(app, page, port)
	await (await history.action(history.row("web"), "Put back what this run changed")).click()
	const dialog = new Shell(page).dialog("Put web on silent back?")
	for (const cancel of [
		() => dialog.getByRole("button", { name: "Cancel", exact: true }).click(),
		() => page.keyboard.press("Escape"),
	]) {
		await dialog.getByRole("button", { name: "Put back", exact: true }).click()
		await expect.poll(() => held.size).toBe(1)
		await cancel()
		await expect(dialog.getByRole("alert")).toContainText("was cancelled")
		await expect.poll(() => held.size).toBe(0)
	}
	await look(page, "revert cancelled")
	await dialog.getByRole("button", { name: "Leave it" }).click()
	await expect(dialog).toBeHidden()
	expect(app.services.state.snapshot().runs.map(({ kind, state }) => [kind, state])).toEqual([
		["revert", "not-started"],
		["revert", "not-started"],
		["apply", "finished"],
	])
	server.close()
})
