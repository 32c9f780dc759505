import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { look } from "./look.ts"
import { writeModule } from "./module-folder.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"
import { enlist, expect, test, trustAll } from "./strangers.ts"

const file = "etc/web/login.txt"
const other = "etc/web/banner.txt"

function indexOf(version: string) {
	const pools = [
		{
			id: "login",
			description: "Mends the login page",
			operations: [
				{ target: "login.txt", destination: `/${file}` },
				{ target: "banner.txt", destination: `/${other}` },
			],
			closure: [`test -s ${file}`],
		},
	]
	return JSON.stringify({ metadata: { schema_version: version }, pools, finalClosure: ["true"] }, null, 2)
}

test("a review of three on one screen; what changes behind one's back is asked about again, then started", async ({
	app,
	page,
	meet,
}) => {
	test.setTimeout(480_000)
	const strangers = await Promise.all(["calm", "drifted", "plain"].map(meet))
	const [calm, drifted] = strangers
	if (!calm || !drifted) throw new Error("no appliances")
	const ids = enlist(app, strangers).map(({ id }) => id)
	await trustAll(app, strangers)
	const folder = join(app.folder, "login-fix")
	await writeModule(folder, indexOf("1.0.0"), { "login.txt": "first\n", "banner.txt": "welcome\n" })
	for (const { id } of await app.services.runs.start({ folder, applianceIds: ids }))
		expect(await app.services.runs.ended(id)).toMatchObject({ outcome: "applied" })
	await writeFile(join(drifted.root, file), "the customer's own\n")
	await writeModule(folder, indexOf("1.1.0"), { "login.txt": "second\n", "banner.txt": "welcome\n" })

	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	await shell.open(app.url)
	await run.openModule(folder)
	await page.getByRole("button", { name: "All", exact: true }).click()
	await run.reviewButton.click()

	// All of them on one screen, what needs a look first on top.
	await expect(run.reviewRow("drifted")).toContainText("1 file changed", { timeout: 120_000 })
	await expect(run.reviewRow("calm")).toContainText("1.0.0 → 1.1.0")
	await expect(run.reviewRow("calm")).toContainText("1 replaced, 1 unchanged")
	await expect(run.reviewRow("calm")).toContainText("same as on 1 other")
	await expect(run.reviewRow("calm")).toContainText(/under 1 s|about \d+ s/)
	await expect(page.getByText("3 appliances: 1 changed by somebody, 2 without a doubt")).toBeVisible()
	await expect(run.reviewRows.first()).toContainText("drifted")
	await run.planFor("drifted")
	const main = page.getByRole("main")
	await expect(main).toContainText("1 file was changed by somebody since our last run.")
	await expect(main.getByText(/\(from 1 run\)/)).toBeVisible()
	await run
		.pool("login")
		.getByRole("button", { name: /login\.txt/ })
		.click()
	const diff = run.pool("login").getByRole("region", { name: /^Difference/ })
	await expect(diff).toContainText("the customer's own")
	await expect(diff).toContainText("second")
	await look(page, "review")
	await page.keyboard.press("Escape")
	await run.reviewRow("drifted").getByRole("button").focus()
	await page.keyboard.press("ArrowDown")
	await expect(run.reviewRow("calm").getByRole("button")).toBeFocused()
	await expect(run.reviewRow("calm").getByRole("button")).toHaveAttribute("aria-current", "true")

	// Behind our back.
	await writeFile(join(calm.root, file), "changed meanwhile\n")
	await run.start()
	for (const name of ["drifted", "plain"]) await expect(live.line(name)).toContainText("Applied", { timeout: 120_000 })
	await expect(live.line("calm")).toContainText("Not started")
	await live.line("calm").click()
	const alert = main.getByRole("alert")
	await expect(alert).toContainText("it would not do what you looked at")
	await expect(alert).toContainText(`${file} was changed on the appliance.`)
	expect(await readFile(join(calm.root, file), "utf8")).toBe("changed meanwhile\n")
	await look(page, "not started, another plan")

	// Once more, and with the new plan.
	await alert.getByRole("button", { name: "Look at the new plan" }).click()
	await expect(main).toContainText("this is another plan than the one you looked at")
	await expect(main).toContainText(`${file} was changed on the appliance.`)
	await expect(main).toContainText("1 file was changed by somebody since our last run.", { timeout: 120_000 })
	await look(page, "review again")
	await expect(page.getByRole("checkbox", { name: "plain" })).not.toBeChecked()
	await page.getByRole("button", { name: "Start with the new plan" }).click()
	await expect(page.getByText("1 pool applied, the final closure passed.")).toBeVisible({ timeout: 120_000 })
	expect(await readFile(join(calm.root, file), "utf8")).toBe("second\n")
})

test("a module that is edited after the review is another plan; a choice that changes needs a new review", async ({
	app,
	page,
	meet,
}) => {
	const strangers = [await meet("edited")]
	enlist(app, strangers)
	await trustAll(app, strangers)
	const folder = join(app.folder, "login-fix")
	await writeModule(folder, indexOf("1.0.0"), { "login.txt": "first\n", "banner.txt": "welcome\n" })
	const run = new RunPage(page)
	await new Shell(page).open(app.url)
	await run.openModule(folder)
	await run.appliance("edited").check()
	await run.reviewButton.click()
	await expect(run.runButton).toBeEnabled({ timeout: 120_000 })
	await expect(page.getByText("edited gets 1.0.0; none was there before")).toBeVisible()
	await expect(page.getByText("Takes: no run to go by")).toBeVisible()
	await page.getByRole("checkbox", { name: "Apply again what stands applied" }).check()
	await expect(run.reviewButton).toBeVisible()
	await run.reviewButton.click()
	await expect(run.runButton).toBeEnabled({ timeout: 120_000 })
	await writeFile(join(folder, "src/login.txt"), "edited after the review\n")
	await run.start()
	await expect(page.getByRole("main").getByRole("alert")).toContainText("The module itself was changed.", {
		timeout: 120_000,
	})
	expect(await readFile(join(strangers[0]?.root ?? "", file), "utf8").catch(() => "none")).toBe("none")
})

test("a published version is chosen and run beside the files as they are", async ({ app, page, meet }) => {
	test.setTimeout(480_000)
	const strangers = [await meet("versioned")]
	enlist(app, strangers)
	await trustAll(app, strangers)
	const { library } = app.services
	const { folder } = await library.create({ name: "versioned-fix" })
	await writeModule(folder, indexOf("1.0.0"), { "login.txt": "published\n", "banner.txt": "welcome\n" })
	const { base, content } = await library.propose(folder)
	expect(await library.publish({ folder, base, content, version: "1.0.0" })).toMatchObject({ state: "published" })
	await writeModule(folder, indexOf("1.1.0"), { "login.txt": "not yet published\n" })
	const run = new RunPage(page)
	const shell = new Shell(page)
	await shell.open(app.url)
	await run.openModule(folder)
	await expect(shell.heading(/1\.1\.0/)).toBeVisible()
	await page.getByRole("combobox", { name: "Version to run" }).click()
	await page.getByRole("option", { name: "Published 1.0.0" }).click()
	await expect(shell.heading(/1\.0\.0/)).toBeVisible()
	await run.appliance("versioned").check()
	await run.reviewButton.click()
	await expect(page.getByText("versioned gets 1.0.0; none was there before")).toBeVisible({ timeout: 120_000 })
	await look(page, "published version")
	await run.start()
	await expect(page.getByText("1 pool applied, the final closure passed.")).toBeVisible({ timeout: 120_000 })
	expect(await readFile(join(strangers[0]?.root ?? "", file), "utf8")).toBe("published\n")
	expect(await readFile(join(folder, "src/login.txt"), "utf8")).toBe("not yet published\n")
	expect(app.services.state.snapshot().recentModules.map((one) => one.folder)).toEqual([folder])
	await page.getByRole("link", { name: "Done" }).click()
	await page.getByRole("combobox", { name: "Version to run" }).click()
	await page.getByRole("option", { name: "Working copy" }).click()
	await expect(shell.heading(/1\.1\.0/)).toBeVisible()
})
