import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

const example = join(import.meta.dirname, "../fixtures/modules/homeserver/spec-example")
const source = "var/www/homeserver/src/components/auth.tsx"

test.skip(obstacle !== undefined, obstacle)

test("from history: put back, run again, put back over the customer's change only when forced, the original", async ({
	app,
	page,
	boot,
	lab,
}) => {
	test.setTimeout(480_000)
	const alpha = await boot("acted-on")
	await enlist(app, lab, [alpha])
	const file = join(alpha.rootPath, source)
	const original = await readFile(file, "utf8")
	const fixed = await readFile(join(example, "src/auth.tsx"), "utf8")
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	const history = new HistoryPage(page)
	await shell.open(app.url)
	await run.openModule(example)
	await run.appliance("acted-on").check()
	await run.start()
	await expect(page.getByText("2 pools applied, the final closure passed.")).toBeVisible({ timeout: 120_000 })

	// Put back: it is asked for first, and the live view shows it.
	await shell.goTo("History")
	const applied = history.row("website_security_patch", "Applied").first()
	await expect(await history.action(applied, "Retry the failed pools")).toBeDisabled()
	await expect(page.getByRole("menuitem", { name: "Retry the failed pools" })).toContainText(
		"No pool of this run failed",
	)
	await look(page, "history actions")
	await page.getByRole("menuitem", { name: "Put back what this run changed" }).click()
	const asks = shell.dialog("Put website_security_patch on acted-on back?")
	await expect(asks).toContainText("becomes as it was before this run")
	expect(await readFile(file, "utf8")).toBe(fixed)
	await asks.getByRole("button", { name: "Put back", exact: true }).click()
	await expect(page).toHaveURL(/#\/runs\//, { timeout: 60_000 })
	await expect(live.pool("website_security_patch")).toContainText("Put back", { timeout: 120_000 })
	expect(await readFile(file, "utf8")).toBe(original)

	// Run again: the same module, pools and appliance are chosen, nothing has started.
	await shell.goTo("History")
	await (await history.action(history.row("backend_config_fix", "Applied"), "Run again")).click()
	await expect(run.appliance("acted-on")).toBeChecked()
	await run.start()
	await expect(live.pool("website_security_patch")).toContainText("Applied", { timeout: 120_000 })
	await expect(page.getByText(/1 pool applied, 1 pool stood applied already/)).toBeVisible({ timeout: 120_000 })
	expect(await readFile(file, "utf8")).toBe(fixed)

	// Somebody changed the file since: said, file by file, kept; and lost only after a second yes.
	const theirs = `${fixed}\n// the owner's own line\n`
	await writeFile(file, theirs)
	await shell.goTo("History")
	const newest = history.row("website_security_patch", "Applied").first()
	await (await history.action(newest, "Put back what this run changed")).click()
	await asks.getByRole("button", { name: "Put back", exact: true }).click()
	await expect(asks.getByRole("alert")).toContainText(`/${source}`, { timeout: 60_000 })
	const overwrite = asks.getByRole("button", { name: "Overwrite and put back" })
	await expect(overwrite).toBeDisabled()
	await look(page, "revert refused")
	expect(await readFile(file, "utf8")).toBe(theirs)
	await asks.getByRole("checkbox", { name: "These changes may be lost" }).check()
	await overwrite.click()
	await expect(live.pool("website_security_patch")).toContainText("Put back", { timeout: 120_000 })
	expect(await readFile(file, "utf8")).toBe(original)

	// The other pool's original, from the grid by keyboard and from the record.
	await shell.goTo("History")
	await history.showGrid()
	await history.cell("backend_config_fix", "acted-on").click({ button: "right" })
	await page.getByRole("menuitem", { name: "Restore the customer's original" }).click()
	await shell
		.dialog(/^Restore the original of backend_config_fix/)
		.getByRole("button", { name: "Leave it" })
		.click()
	await history.cell("backend_config_fix", "acted-on").click()
	await page.getByRole("button", { name: "Actions for backend_config_fix on acted-on" }).click()
	await page.getByRole("menuitem", { name: "Restore the customer's original" }).click()
	await shell
		.dialog("Restore the original of backend_config_fix on acted-on?")
		.getByRole("button", { name: "Restore the original" })
		.click()
	await expect(live.pool("backend_config_fix")).toContainText("Put back", { timeout: 120_000 })

	// The customer's files beside the module's.
	await shell.goTo("History")
	await history.showResults()
	await (await history.action(history.row("website_security_patch").first(), "Fetch the customer's files")).click()
	await expect(page.getByText(`/${source}`)).toBeVisible()
	await page.getByRole("button", { name: "Compare", exact: true }).click()
	await expect(page.getByRole("list", { name: "Destinations" })).toContainText("auth.tsx", { timeout: 60_000 })
})
