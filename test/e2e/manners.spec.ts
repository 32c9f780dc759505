import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { writeModule } from "./module-folder.ts"
import { LivePage } from "./pages/live-page.ts"
import { Palette } from "./pages/palette.ts"
import { Shell } from "./pages/shell.ts"

test("a page whose styles did not come is loaded once more, and not for ever", async ({ app, page, complaints }) => {
	const font = () => page.evaluate(() => getComputedStyle(document.body).fontFamily)
	let asked = 0
	const failing = async (times: number) => {
		asked = 0
		await page.unroute("**/*.css")
		await page.route("**/*.css", (route) => (++asked <= times ? route.abort("failed") : route.continue()))
		await page.goto("about:blank")
		await new Shell(page).open(app.url)
	}
	await failing(1)
	await expect.poll(font).toContain("Inter")
	expect(asked).toBe(2)
	await failing(Number.POSITIVE_INFINITY)
	expect(await font()).not.toContain("Inter")
	expect(asked).toBe(2)
	await page.unroute("**/*.css")
	expect(complaints.splice(0)).toEqual(Array(3).fill("Failed to load resource: net::ERR_FAILED"))
})

test("a program that is started anew shows what was open last, in the colours that were chosen", async ({
	app,
	page,
	browser,
	complaints,
}) => {
	const shell = new Shell(page)
	await shell.open(app.url)
	await shell.setAppearance("Dark")
	await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark")
	await shell.goTo("Appliances")
	const kept = () => readFile(join(app.folder, "data/page.json"), "utf8").catch(() => "")
	await expect.poll(kept).toContain("#/appliances")
	expect(JSON.parse(await kept())).toMatchObject({ colorScheme: "dark", view: "#/appliances" })
	await page.goto("about:blank")
	await app.restart()

	// Another browser: what it knows of the app is what the program tells it.
	const other = new Shell(await (await browser.newContext()).newPage())
	await other.open(app.url)
	await expect(other.heading("Appliances")).toBeVisible()
	await expect(other.page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark")
	// An address that names a view is meant so.
	await other.page.evaluate("location.hash = '#/history'")
	await expect(other.heading("History")).toBeVisible()
	await other.page.reload()
	await expect(other.heading("History")).toBeVisible()
	await other.page.context().close()
	// Chromium logs each attempt to reach a program that is not there.
	expect(complaints.splice(0).filter((text) => !text.includes("WebSocket"))).toEqual([])
})

test("the documents are in the app, and lead to one another", async ({ app, page }) => {
	const shell = new Shell(page)
	await shell.open(app.url)
	await new Palette(page).choose("go help")
	await expect(shell.heading("Getting started")).toBeVisible()
	const picture = page.getByRole("img", { name: /The first start/ })
	await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1280)
	await look(page, "help")
	await page.getByRole("article").getByRole("link", { name: "troubleshooting" }).click()
	await expect(page).toHaveURL(/#\/help\/troubleshooting$/)
	await expect(page.getByRole("navigation", { name: "Help pages" }).locator("[aria-current]")).toContainText(/trouble/i)
	await page.getByRole("article").getByRole("link", { name: "database-damaged" }).click()
	await expect(shell.heading("Reference: messages")).toBeVisible()
	await expect(page.getByRole("heading", { name: "database-damaged" })).toBeInViewport()
	await page
		.getByRole("navigation", { name: "Help pages" })
		.getByRole("link", { name: /Command line/i })
		.click()
	await expect(page.getByRole("article").getByRole("table").first()).toBeVisible()
	await look(page, "help with tables")
	expect(await page.getByRole("article").locator("a:not([href^='#/help/'])").count()).toBe(0)
})

interface Told {
	title: string
	body: string
	notice: Notification
}

/**
 * Runs in the page: writes down what the system is asked to tell, and has nobody look at the window. What the person allows
 * is stood in for: a browser without windows allows nothing.
 */
function watchNotifications(): void {
	const told: Told[] = []
	class Watched extends Notification {
		constructor(title: string, options?: NotificationOptions) {
			super(title, options)
			told.push({ title, body: options?.body ?? "", notice: this })
		}
		static override get permission() {
			return localStorage.getItem("stands for allowed") === null ? "denied" : "granted"
		}
		static override async requestPermission() {
			return Watched.permission
		}
	}
	Object.assign(window, { Notification: Watched, told })
	document.hasFocus = () => false
}

const toldIn = (page: Page) =>
	page.evaluate(() => (window as unknown as { told: Told[] }).told.map(({ title, body }) => ({ title, body })))

test("the end of a long run is told by the system, after a person switched that on; a click opens it", async ({
	app,
	page,
}) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	const long = join(app.folder, "long")
	const pool = {
		id: "slow",
		operations: [{ target: "a.txt", destination: "/srv/a.txt" }],
		closure: ["sleep 31; exit 3"],
	}
	await writeModule(long, JSON.stringify({ metadata: { schema_version: "1.0.0" }, pools: [pool], finalClosure: [] }), {
		"a.txt": "a\n",
	})
	const { appliances, folder } = await app.services.appliances.addDemo()
	const idOf = (name: string) => appliances.find((one) => one.name === name)?.id ?? ""
	await page.addInitScript(watchNotifications)
	await shell.open(app.url)

	const bell = page.getByRole("button", { name: "Notify when a long run ends" })
	await bell.click()
	await expect(page.getByText("Notifications are not allowed here")).toBeVisible()
	await expect(bell).toHaveAttribute("aria-pressed", "false")
	await page.evaluate(() => localStorage.setItem("stands for allowed", ""))
	await page.reload()
	await expect(bell).toHaveAttribute("aria-pressed", "false")
	await bell.click()
	await expect(bell).toHaveAttribute("aria-pressed", "true")
	await page.reload()
	await expect(bell).toHaveAttribute("aria-pressed", "true")

	const [slow] = await app.services.runs.start({ folder: long, applianceIds: [idOf("Demo: healthy")] })
	const [quick] = await app.services.runs.start({ folder, applianceIds: [idOf("Demo: changed by its owner")] })
	await expect(page).toHaveTitle("(2) Run – Hotfix Manager")
	await expect.poll(() => app.services.runs.get(quick?.id ?? "").state, { timeout: 120_000 }).toBe("finished")
	await expect.poll(() => app.services.runs.get(slow?.id ?? "").state, { timeout: 120_000 }).toBe("finished")
	await expect(page).toHaveTitle("Run – Hotfix Manager")
	expect(await toldIn(page)).toEqual([{ title: "Degraded", body: "long 1.0.0 on Demo: healthy" }])
	await page.evaluate(() => (window as unknown as { told: Told[] }).told[0]?.notice.dispatchEvent(new Event("click")))
	await expect(shell.heading("long 1.0.0 on Demo: healthy")).toBeVisible()
	await expect(new LivePage(page).pool("slow")).toBeVisible()

	await bell.click()
	await expect(bell).toHaveAttribute("aria-pressed", "false")
})
