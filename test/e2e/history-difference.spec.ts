import { appendFile, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { makeModule } from "../support/hotfix.ts"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

const source = "var/www/homeserver/src/components/auth.tsx"
const added = "var/www/homeserver/binary.dat"

test.skip(obstacle !== undefined, obstacle)

test("a record shows what differs in each file: ours from the module, the customer's from the appliance's backup", async ({
	app,
	page,
	boot,
	lab,
}) => {
	test.setTimeout(480_000)
	const alpha = await boot("differing")
	await enlist(app, lab, [alpha])
	const file = join(alpha.rootPath, source)
	const theirs = "// the customer's own line\n"
	await appendFile(file, theirs)
	const module = await makeModule("homeserver/spec-example", (index) => {
		index.pools[0]?.operations.push({ target: "binary.dat", destination: `/${added}` })
	})
	await writeFile(join(module, "src/binary.dat"), Buffer.from([0, 1, 2]))
	const ours = await readFile(join(module, "src/auth.tsx"), "utf8")
	const shell = new Shell(page)
	const run = new RunPage(page)
	const history = new HistoryPage(page)
	await shell.open(app.url)
	await run.openModule(module)
	await run.appliance("differing").check()
	await run.start()
	await expect(page.getByText("2 pools applied, the final closure passed.")).toBeVisible({ timeout: 120_000 })

	// What stands there by now is neither of the two.
	await writeFile(file, "// somebody else's since\n")
	await shell.goTo("History")
	await history.row("website_security_patch", "Applied").click()
	await history.showJournal()
	await history.difference(`/${source}`).click()
	const shown = page.getByRole("region", { name: "Before (from the appliance) beside After (from the module)" })
	await expect(shown).toContainText(theirs.trim(), { timeout: 60_000 })
	await expect(shown).toContainText(ours.split("\n").find((line) => line.includes("export")) ?? ours)
	await expect(shown).not.toContainText("somebody else's")
	await look(page, "history difference")
	await history.difference(`/${source}`).click()
	await expect(shown).toBeHidden()

	// What is no text says so; what is nowhere any more too; an appliance that cannot be asked is named.
	await history.difference(`/${added}`).click()
	await expect(page.getByText("After: it is no text.")).toBeVisible({ timeout: 60_000 })
	await expect(page.getByText("Before: there was no file.")).toBeVisible()
	await rm(join(alpha.rootPath, "var/lib/hotfix/backups/blobs"), { recursive: true })
	await history.difference(`/${source}`).click()
	await expect(page.getByText(/^Before: its content is not kept any more/)).toBeVisible({ timeout: 60_000 })
	await alpha.stopSshd()
	await alpha.cutConnections()
	await history.difference(`/${source}`).click()
	await history.difference(`/${source}`).click()
	await expect(
		page.getByText(/^Before: it is not on this desktop, and the appliance could not be asked\. \S/),
	).toBeVisible({
		timeout: 120_000,
	})
	await look(page, "history difference not to be had")
})
