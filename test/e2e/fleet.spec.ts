import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, type RunningApp, test } from "./app.ts"
import { look } from "./look.ts"
import { indexOf, writeModule } from "./module-folder.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { FleetPage } from "./pages/fleet-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

const CSV = `name;host;user;become;tags;notes
Bakery north;10.1.0.1;support;sudo;bakery,north;"call first; ask
for Ms Berger"
Bakery south;10.1.0.2;support;sudo;bakery,south;
Butcher;10.1.0.3;root;;butcher;
=1+1;10.1.0.4;root;;;
Broken;10.1.0.5;root;su;;
Twin;10.1.0.1;support;;;
`

async function openFleet(app: RunningApp, page: Page) {
	const shell = new Shell(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	return { shell, appliances: new AppliancesPage(page), fleet: new FleetPage(page) }
}

function addMany(app: RunningApp, many: number, tags: string[] = []) {
	const rows = Array.from({ length: many }, (_, n) => ({
		standing: "new" as const,
		line: n + 1,
		appliance: {
			...{ name: `House ${String(n).padStart(4, "0")}`, host: `house-${n}.test`, port: 22, user: "root" },
			...{ signIn: { method: "agent" as const }, become: "none" as const, tags, notes: "" },
		},
	}))
	app.services.fleet.import(rows)
}

test("from a table into the fleet: looked at first, then filtered, grouped, tagged, exported and taken back", async ({
	app,
	page,
}) => {
	test.setTimeout(480_000)
	const { shell, appliances, fleet } = await openFleet(app, page)
	app.services.appliances.save({
		...{ name: "Old butcher", host: "10.1.0.3", port: 22, user: "root", become: "none" as const },
		...{ signIn: { method: "key" as const, path: "/k" }, tags: ["kept"], notes: "by hand" },
	})

	await fleet.readFile("fleet.csv", CSV)
	await expect(fleet.importDialog.getByRole("status")).toHaveText(
		"Read as a table (CSV): 3 new, 1 changed, 0 the same, 2 problems.",
	)
	await expect(fleet.importDialog.getByRole("list", { name: "Problems" })).toContainText(/line 7: become "su" is none/)
	await expect(fleet.importDialog.getByRole("list", { name: "Problems" })).toContainText(/line 8: .*of line 2/)
	await expect(fleet.importRow("Butcher")).toContainText("tags: kept → butcher")
	await expect(fleet.importBox("Bakery north")).toBeChecked()
	// What a person wrote is only changed by somebody who says so.
	await expect(fleet.importBox("Butcher")).not.toBeChecked()
	expect(app.services.appliances.list()).toHaveLength(1)
	await look(page, "import preview")
	await page.getByRole("button", { name: "Import 3 appliances" }).click()
	await expect(appliances.row("Bakery south")).toContainText("support@10.1.0.2")
	expect(app.services.appliances.list().find(({ host }) => host === "10.1.0.3")).toMatchObject({
		...{ name: "Old butcher", tags: ["kept"], notes: "by hand" },
	})

	await fleet.filter.fill("tag:bakery")
	await expect(page.getByText("2 of 4")).toBeVisible()
	await expect(appliances.row("Old butcher")).toBeHidden()
	await fleet.saveGroup("Bakeries")
	await fleet.filter.fill("is:up")
	await expect(page.getByText(/is none of reachable/)).toBeVisible()
	await look(page, "filter with a fault")
	await fleet.filter.fill("")
	await fleet.openGroup("Bakeries")
	await expect(fleet.filter).toHaveValue("tag:bakery")

	await page.getByRole("checkbox", { name: "Choose all that are shown" }).check()
	await expect(fleet.toolbar).toContainText("2 appliances chosen")
	await look(page, "fleet chosen")
	await fleet.toolbar.getByRole("button", { name: "Tags" }).click()
	const tags = shell.dialog("Tags of 2 appliances")
	await tags.getByLabel("Add", { exact: true }).fill("checked")
	await page.keyboard.press("Enter")
	await look(page, "tags of many")
	await tags.getByRole("button", { name: "Change tags" }).click()
	await expect(appliances.row("Bakery north")).toContainText("bakery, north, checked")

	const chosen = await fleet.export("Export", "Table, CSV")
	expect(chosen.trim().split("\r\n")).toEqual([
		expect.stringContaining("name,host,port,user,sign-in,become,jump,tags,notes"),
		expect.stringMatching(
			/^Bakery north,10\.1\.0\.1,22,support,agent,sudo,,"bakery,north,checked","call first; ask\nfor/,
		),
		expect.stringMatching(/^Bakery south,/),
	])
	await fleet.filter.fill("")
	expect(await fleet.export("Export all", "Table, CSV")).toContain("\r\n'=1+1,10.1.0.4,")
	expect(await fleet.export("Export all", "Ansible inventory, YAML")).toMatch(/checked:\n +hosts:\n +Bakery-north/)

	await fleet.toolbar.getByRole("button", { name: "Remove" }).click()
	await shell.dialog("Remove 2 appliances?").getByRole("button", { name: "Remove" }).click()
	await expect(appliances.row("Bakery north")).toBeHidden()
	expect(app.services.appliances.list()).toHaveLength(2)
	await page.getByRole("button", { name: "Undo" }).click()
	await expect(appliances.row("Bakery north")).toBeVisible()
	expect(app.services.appliances.list()).toHaveLength(4)
})

test("an import of what somebody changed meanwhile is refused, and nothing of it is taken over", async ({
	app,
	page,
}) => {
	const { fleet } = await openFleet(app, page)
	const { id, ...butcher } = app.services.appliances.save({
		...{ name: "Butcher", host: "10.1.0.3", port: 22, user: "root", become: "none" as const },
		...{ signIn: { method: "agent" as const }, tags: [], notes: "" },
	})
	await fleet.readFile("hosts", "[shops]\nButcher ansible_host=10.1.0.3\nFlorist ansible_host=10.1.0.9\n")
	await fleet.importBox("Butcher").check()
	app.services.appliances.save({ ...butcher, id, notes: "meanwhile" })
	await page.getByRole("button", { name: "Import 2 appliances" }).click()
	await expect(fleet.importDialog.getByText(/Butcher has changed/)).toBeVisible()
	expect(app.services.appliances.list()).toMatchObject([{ name: "Butcher", tags: [], notes: "meanwhile" }])
})

test("two thousand by keyboard: filtered, a range chosen, walked through, run on", async ({ app, page }) => {
	test.setTimeout(480_000)
	await writeModule(join(app.folder, "fix"), indexOf(["web"]), { "web.txt": "new" })
	const { shell, appliances, fleet } = await openFleet(app, page)
	await shell.goTo("Run")
	await new RunPage(page).openModule(join(app.folder, "fix"))
	await shell.goTo("Appliances")
	addMany(app, 2000)
	await expect(appliances.row("House 0000")).toBeVisible()
	// Only what is in sight is drawn.
	expect(await page.getByRole("row").count()).toBeLessThan(60)
	await look(page, "fleet of thousands")

	await page.keyboard.press("/")
	await expect(fleet.filter).toBeFocused()
	await page.keyboard.type("name:19")
	await expect(page.getByText("139 of 2000")).toBeVisible()
	await fleet.box("House 0019").focus()
	await page.keyboard.press("Space")
	await page.keyboard.press("ArrowDown")
	await page.keyboard.press("ArrowDown")
	await expect(fleet.box("House 0190")).toBeFocused()
	await page.keyboard.press("Shift+Space")
	await expect(fleet.toolbar).toContainText("3 appliances chosen")
	await page.keyboard.press("End")
	await expect(fleet.box("House 1999")).toBeFocused()
	await page.keyboard.press("Control+a")
	await expect(fleet.toolbar).toContainText("139 appliances chosen")
	await fleet.box("House 1998").click({ modifiers: ["Shift"] })
	// Where all are chosen at once, no range begins.
	await expect(fleet.toolbar).toContainText("138 appliances chosen")

	// What the filter hides is not meant.
	await fleet.filter.fill("name:House_none")
	await expect(fleet.toolbar).toBeHidden()
	await fleet.filter.fill("")
	await fleet.toolbar.getByRole("button", { name: "Run on these" }).click()
	await expect(page.getByRole("complementary", { name: "Where to run" })).toContainText("138 of 2000")
})
