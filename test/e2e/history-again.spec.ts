import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type WrittenPool, writeModule } from "../support/module-folder.ts"
import type { RunningApp } from "./app.ts"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { FromAppliancePage } from "./pages/from-appliance-page.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

const name = "again-from-history"

test.skip(obstacle !== undefined, obstacle)

const pool = (id: string, content: string, more: Partial<WrittenPool> = {}): WrittenPool => ({
	id,
	files: { [`/srv/${id}/conf`]: `${content}\n` },
	closure: ["true"],
	...more,
})

/** Publishes the files as they are, and applies that version; answers how the run ended. */
async function publishAndRun({ services }: RunningApp, folder: string, version: string, applianceId: string) {
	const { base, content } = await services.library.propose(folder)
	await services.library.publish({ folder, base, content, version })
	const published = await services.library.openVersion({ folder, version })
	const [run] = await services.runs.start({ folder: published.folder, applianceIds: [applianceId] })
	return (await services.runs.ended(run?.id ?? "")).outcome
}

test("from history: a skipped pool's record, the failed pools again, an older version, the customer's file as a source", async ({
	app,
	page,
	boot,
	lab,
}) => {
	test.setTimeout(480_000)
	const appliance = await boot(name, {
		homeserver: false,
		arrange: async (root) => {
			for (const id of ["first", "second", "third"]) {
				await mkdir(join(root, "srv", id), { recursive: true })
				await writeFile(join(root, "srv", id, "conf"), "theirs\n")
			}
		},
	})
	const contentOf = (id: string) => readFile(join(appliance.rootPath, `srv/${id}/conf`), "utf8")
	const [target] = await enlist(app, lab, [appliance])
	const folder = join(app.services.library.folder, "again-fix")
	const second = pool("second", "ours", { closure: ["grep -q theirs /srv/second/conf || test -e /srv/ready"] })
	const third = pool("third", "ours", { enabled: false })
	await writeModule(folder, [pool("first", "one"), second, third])
	await app.services.modules.open(folder)
	expect(await publishAndRun(app, folder, "1.0.0", target?.id ?? "")).toBe("failed")
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	const history = new HistoryPage(page)
	await shell.open(app.url)

	// A skipped one, by the grid: its cell says it in words.
	await shell.goTo("History")
	await history.showGrid()
	const cell = history.cell("third", name)
	await expect(cell).toHaveAttribute("title", new RegExp(`^third on ${name}: Skipped, 1\\.0\\.0, `))
	await look(page, "history grid skipped")
	await cell.click()
	await expect(live.pool("third")).toContainText("Skipped")
	await live.expand("third")
	await expect(live.pool("third")).toContainText("It was not selected, or is disabled; nothing was touched.")
	expect(await contentOf("third")).toBe("theirs\n")

	// The failed pool alone, of the very version that failed.
	await shell.goTo("History")
	await history.showResults()
	await (await history.action(history.row("second", "Failed"), "Retry the failed pools")).click()
	await run.start()
	await expect(page.getByText("1 pool failed and was put back, 2 pools skipped.")).toBeVisible({ timeout: 120_000 })
	// What that run left out is left out again.
	const isSecondAlone = async () => {
		await expect(page.getByRole("checkbox", { name: "Run pool second" })).toBeChecked()
		await expect(page.getByRole("checkbox", { name: "Run pool first" })).not.toBeChecked()
	}
	await page.getByRole("button", { name: "Run again …" }).click()
	await isSecondAlone()
	await shell.goTo("History")
	await (await history.action(history.row("second", "Failed").first(), "Run again")).click()
	await isSecondAlone()
	await appliance.execOk("touch /srv/ready")
	await shell.goTo("History")
	await history.showResults()
	await (await history.action(history.row("second", "Failed").last(), "Retry the failed pools")).click()
	await expect(run.appliance(name)).toBeChecked()
	await isSecondAlone()
	await expect(page.getByRole("combobox", { name: "Version to run" })).toHaveValue("Published 1.0.0")
	await run.start()
	await expect(live.pool("second")).toContainText("Applied", { timeout: 120_000 })
	await expect(page.getByText(/1 pool applied, 2 pools skipped/)).toBeVisible({ timeout: 120_000 })
	expect(await contentOf("second")).toBe("ours\n")

	// Back from a newer version: checked out, then applied by who says that it may be lower.
	await writeModule(folder, [pool("first", "two"), second, third], { version: "1.1.0" })
	expect(await publishAndRun(app, folder, "1.1.0", target?.id ?? "")).toBe("applied")
	expect(await contentOf("first")).toBe("two\n")
	await shell.goTo("History")
	await (await history.action(history.row("first", "1.1.0", "Applied"), "Go to another version")).click()
	await expect(shell.heading(/again-fix/)).toBeVisible()
	await page.getByRole("button", { name: "Check out 1.0.0" }).click()
	await shell.dialog("Check out 1.0.0").getByRole("button", { name: "Check out", exact: true }).click()
	await expect(page.getByText("The working files are those of 1.0.0")).toBeVisible()
	await page.getByRole("button", { name: "Plan and run" }).click()
	await run.appliance(name).check()
	await page.getByRole("checkbox", { name: "Allow a lower version than installed" }).check()
	await run.start()
	await expect(live.pool("first")).toContainText("Applied", { timeout: 120_000 })
	await expect(page.getByText(/2 pools applied, 1 pool skipped/)).toBeVisible({ timeout: 120_000 })
	expect(await contentOf("first")).toBe("one\n")

	// What the customer made of it since becomes a source of the module itself, not of the version's folder.
	await writeFile(join(appliance.rootPath, "srv/first/conf"), "the customer's own\n")
	await rm(join(folder, "src/first/0"))
	await shell.goTo("History")
	await (await history.action(history.row("first", "1.1.0", "Applied"), "Fetch the customer's files")).click()
	const from = new FromAppliancePage(page)
	await from.compareButton.click()
	await page.getByRole("button", { name: `Fetch /srv/first/conf from ${name}` }).click({ timeout: 60_000 })
	await expect(from.fetched).toContainText("/srv/first/conf is fetched as src/first/0", { timeout: 60_000 })
	expect(await readFile(join(folder, "src/first/0"), "utf8")).toBe("the customer's own\n")
})
