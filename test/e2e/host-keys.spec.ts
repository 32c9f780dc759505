import { appendFile, readFile } from "node:fs/promises"
import { join } from "node:path"
import { look } from "./look.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { KeyTable } from "./pages/key-table.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"
import { enlist, expect, makeModule, test } from "./strangers.ts"

test("a run on many unknown appliances: one table, selected by hand, by keyboard and by a list", async ({
	app,
	page,
	meet,
}) => {
	test.setTimeout(480_000)
	const names = ["alpha", "beta", "gamma", "delta", "omega"] as const
	const [alpha, beta, gamma, delta, omega] = await Promise.all(names.map(meet))
	if (!alpha || !beta || !gamma || !delta || !omega) throw new Error("cannot meet them all")
	enlist(app, [alpha, beta, gamma, delta])
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	const table = new KeyTable(page)
	await shell.open(app.url)
	await run.openModule(await makeModule(app))
	await page.getByRole("button", { name: "All", exact: true }).click()
	await run.reviewButton.click()

	await expect(table.rows).toHaveCount(4)
	await expect(table.dialog.getByRole("checkbox", { checked: true })).toHaveCount(0)
	await expect(table.button("Trust 0 selected")).toBeDisabled()
	for (const one of [alpha, beta, gamma, delta])
		await expect(table.row(one.name)).toContainText(`127.0.0.1, port ${one.port}ssh-ed25519${one.fingerprint}`)
	const order = await table.rows.getByRole("rowheader").allTextContents()

	// The first row has the focus; the arrows go from row to row, the space bar selects.
	await expect(table.box(order[0] ?? "")).toBeFocused()
	await page.keyboard.press("ArrowUp")
	await expect(table.box(order[0] ?? "")).toBeFocused()
	await page.keyboard.press("ArrowDown")
	await page.keyboard.press("Space")
	await expect(table.box(order[1] ?? "")).toBeChecked()
	await page.keyboard.press("Space")
	await expect(table.box(order[1] ?? "")).not.toBeChecked()

	// What joins comes last: order, focus and selection stay as they are.
	await table.box("alpha").check()
	const [added] = enlist(app, [omega])
	const tested = app.services.appliances.test(added?.id ?? "").catch((error) => error)
	await expect(table.rows).toHaveCount(5)
	expect(await table.rows.getByRole("rowheader").allTextContents()).toEqual([...order, "omega"])
	await expect(table.box("alpha")).toBeFocused()
	await expect(table.box("alpha")).toBeChecked()
	await expect(table.box("omega")).not.toBeChecked()

	// A line of ssh-keygen -l, a known_hosts line, and one for another host, which does not count.
	await table.list.fill(
		[
			`256 ${beta.fingerprint} root@beta (ED25519)`,
			`[127.0.0.1]:${gamma.port} ${gamma.publicKey}`,
			`attic.example ${delta.publicKey}`,
			"no key at all",
		].join("\n"),
	)
	await expect(table.box("beta")).toBeChecked()
	await expect(table.box("gamma")).toBeChecked()
	await expect(table.box("delta")).not.toBeChecked()
	await expect(table.row("delta")).toContainText("under another name: attic.example")
	await expect(table.dialog).toContainText(
		"3 keys in the list, 2 of those above. 1 line of it cannot be read as a key.",
	)
	await page.keyboard.press("Escape")
	await expect(table.dialog).toBeVisible()
	await look(page, "host keys")

	await table.button("Trust 3 selected").click()
	await expect(table.row("alpha")).toContainText("trusted")
	expect(await table.rows.getByRole("rowheader").allTextContents()).toHaveLength(5)
	await look(page, "host keys half answered")
	await table.button("Refuse all 2").click()
	await expect(table.dialog).toBeHidden()
	expect(await tested).toMatchObject({ failure: { code: "host-key-unknown" } })
	await expect(run.reviewRow("delta")).toContainText("No plan", { timeout: 120_000 })
	await run.start()
	const again = shell.dialog("Is this really delta?")
	await again.getByRole("button", { name: "Refuse" }).click()
	for (const name of ["alpha", "beta", "gamma"])
		await expect(live.line(name)).toContainText("Applied", { timeout: 120_000 })
	await expect(live.line("delta")).toContainText("Not started")
	expect(await readFile(join(gamma.root, "etc/greeting"), "utf8")).toBe("hello\n")
	const known = await readFile(join(app.folder, "known_hosts"), "utf8")
	for (const one of [alpha, beta, gamma]) expect(known).toContain(one.publicKey.split(" ")[1])
	for (const one of [delta, omega]) expect(known).not.toContain(one.publicKey.split(" ")[1])
})

test("the question that is shown stays while others come; closing the table refuses all", async ({
	app,
	page,
	meet,
}) => {
	const strangers = await Promise.all(["one", "two", "three"].map(meet))
	const ids = enlist(app, strangers).map(({ id }) => id)
	const shell = new Shell(page)
	const table = new KeyTable(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	const appliances = new AppliancesPage(page)
	await appliances.test("one")
	const single = shell.dialog("Is this really one?")
	await expect(single.getByRole("button", { name: "Refuse" })).toBeFocused()
	const tests = ids.slice(1).map((id) => app.services.appliances.test(id).catch((error) => error))
	await expect(single).toContainText("2 more to answer after this one.")
	await expect(single.getByRole("button", { name: "Refuse" })).toBeFocused()
	await look(page, "host key and others")
	await single.getByRole("button", { name: "Review 3 host keys in one table" }).click()
	await expect(table.rows).toHaveCount(3)
	await page.keyboard.press("Escape")
	await expect(table.dialog).toBeHidden()
	for (const tested of tests) expect(await tested).toMatchObject({ failure: { code: "host-key-unknown" } })
	await expect(appliances.failure("is not known yet")).toHaveCount(3)
})

test("a key that the pasted list marks as revoked cannot be selected, not even by all", async ({ app, page, meet }) => {
	const [one, two] = await Promise.all(["one", "two"].map(meet))
	const tests = enlist(
		app,
		[one, two].flatMap((stranger) => stranger ?? []),
	).map(({ id }) => app.services.appliances.test(id).catch((error) => error))
	const table = new KeyTable(page)
	await new Shell(page).open(app.url)
	await expect(table.rows).toHaveCount(2)
	await table.list.fill(`@revoked * ${one?.publicKey}`)
	await expect(table.row("one")).toContainText("marked as revoked")
	await table.dialog.getByRole("checkbox", { name: "Select all" }).check()
	await expect(table.box("one")).toBeDisabled()
	await expect(table.button("Trust 1 selected")).toBeEnabled()
	await table.button("Refuse the other 1").click()
	await table.button("Trust 1 selected").click()
	expect(await tests[0]).toMatchObject({ failure: { code: "host-key-unknown" } })
	expect(await tests[1]).toMatchObject({ facts: { root: expect.any(Boolean) } })
})

test("a changed key blocks that appliance alone, and says what to do", async ({ app, page, meet }) => {
	const [same, changed] = await Promise.all(["same", "changed"].map(meet))
	if (!same || !changed) throw new Error("cannot meet them")
	enlist(app, [same, changed])
	const known = join(app.folder, "known_hosts")
	for (const one of [same, changed]) await appendFile(known, `[127.0.0.1]:${one.port} ${one.publicKey}\n`)
	await changed.stop()
	await changed.startAgain({ otherKey: true })
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	await shell.open(app.url)
	await run.openModule(await makeModule(app))
	await page.getByRole("button", { name: "All", exact: true }).click()
	await run.start()
	await expect(live.line("same")).toContainText("Applied", { timeout: 120_000 })
	await live.line("changed").click()
	const alert = page.getByRole("main").getByRole("alert")
	await expect(alert).toContainText(`127.0.0.1 port ${changed.port} shows the ssh-ed25519 key`)
	await expect(alert).toContainText(`instead of the known one ${changed.fingerprint}`)
	await expect(alert).toContainText(`remove the old key in ${known}, line 2`)
	await look(page, "one of two has a changed key")
	await expect(page.getByRole("dialog")).toHaveCount(0)
})
