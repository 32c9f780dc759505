import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import type { EventBody } from "../../core/schema/event.ts"
import { writeModule } from "../support/module-folder.ts"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { LivePage } from "./pages/live-page.ts"
import { Shell } from "./pages/shell.ts"
import { beginRun, createScript, output, showRun } from "./scripted-run.ts"

const html = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`
const hostile = [
	html,
	"\u001b]0;owned\u0007title",
	"\u001b]8;;https://evil.example/\u001b\\click here\u001b]8;;\u001b\\",
	"\u001b[2J\u001b[Hcleared",
	"access \u202egranted\u202c \u2066x\u2069",
	"\u001b[31mred\u001b[0m",
].join("\n")
const bidi = /[\u202a-\u202e\u2066-\u2069]/

/** All of it is there as text, and nothing of it did anything. */
async function expectInert(page: Page, command: string) {
	const panel = new LivePage(page).output(command)
	await expect(panel).toContainText(html)
	await expect(panel.getByText("click here")).toBeVisible()
	await expect(page.getByRole("link", { name: "click here" })).toHaveCount(0)
	await expect(panel).toContainText("cleared")
	await expect(panel.locator("[data-color=red]")).toHaveText("red")
	const main = page.getByRole("main")
	await expect(main.locator("img, script, iframe")).toHaveCount(0)
	await expect(main).not.toContainText(bidi)
	await expect(main).not.toContainText("\u001b")
	await expect(page).not.toHaveTitle(/owned/)
}

/** Milliseconds until the page has drawn anew. */
function frame(page: Page): Promise<number> {
	return page.evaluate(async () => {
		const start = performance.now()
		await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
		return performance.now() - start
	})
}

test.describe("from a real appliance", () => {
	test.skip(obstacle !== undefined, obstacle)

	test("a command prints everything that is bad, and 10 MB on one line: text, cut over there, and said", async ({
		app,
		page,
		boot,
		lab,
	}) => {
		test.setTimeout(480_000)
		const appliance = await boot("hostile", { homeserver: false })
		const [target] = await enlist(app, lab, [appliance])
		const command = "cat /srv/hostile; head -c 10000000 /dev/zero | tr '\\0' x; echo; exit 5"
		const pools = [{ id: "bad", files: { "/srv/hostile": `${hostile}\n` }, closure: [command] }]
		const folder = await writeModule(join(app.folder, "hostile"), pools)
		const [run] = await app.services.runs.start({ folder, applianceIds: [target?.id ?? ""] })
		await new Shell(page).open(app.url)
		await page.goto(`${app.url.split("#")[0]}#/runs/${run?.batch}`)
		await expect(page.getByText("1 pool is degraded")).toBeVisible({ timeout: 120_000 })
		const first = page.getByRole("region", { name: `Output of ${command}` }).first()
		await first.press("Home")
		await expect(first).toContainText(html)
		await expect(first).toContainText("bytes left out here")
		await expect(first).toContainText("more characters of this line are not shown")
		await expect(page).not.toHaveTitle(/owned/)
		await expect(page.getByRole("main")).not.toContainText(bidi)
		await look(page, "hostile output")
		await rm(folder, { recursive: true })
	})
})

test.describe("from a runner that keeps no promise", () => {
	const command = "echo \u202egnissapeb; \u001b]8;;https://evil.example\u001b\\true"
	const odd: EventBody[] = [
		{ type: "file", pool: "web", phase: "backup", destination: `/srv/\u202e${html}`, action: "backed-up" },
		{ type: "warning", pool: "web", message: `${html} \u202e \u001b[2J` },
		{ type: "nova-\u202e<b>" } as unknown as EventBody,
	]
	const { appliance, replaced } = createScript(beginRun(command, odd))
	test.use({ replaced })

	test("every field is text, and 10 MB on one line leave the page quick", async ({ app, page }) => {
		test.setTimeout(480_000)
		const { run } = await showRun(app, page)
		const name = "echo \ufffdgnissapeb; true"
		await expect(page.getByRole("region", { name: "Pool web" })).toContainText(name)
		appliance.say(run, [output(`${hostile}\n`)])
		await expectInert(page, name)
		const piece = "x".repeat(1_000_000)
		for (let megabyte = 0; megabyte < 10; megabyte++) appliance.say(run, [output(piece)])
		await expect(page.getByText("9,996,000 more characters of this line are not shown")).toBeVisible({
			timeout: 60_000,
		})
		expect(await frame(page)).toBeLessThan(500)
		const reason = { phase: "closure" as const, message: `${html}\u202e`, output: hostile, details: [`\u202e${html}`] }
		appliance.say(run, [
			{ type: "command-finished", pool: "web", phase: "closure", index: 0, exit: 1, durationMs: 5 },
			{ type: "pool-finished", pool: "web", outcome: "degraded", reason: { ...reason, command, exit: 1 } },
			{ type: "run-finished", outcome: "degraded" },
		])
		await expect(page.getByText("1 pool is degraded")).toBeVisible()
		await page.getByRole("region", { name: `Output of ${name}` }).press("Home")
		await expectInert(page, name)
		expect(await frame(page)).toBeLessThan(500)
		await look(page, "hostile runner")
	})
})
