import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { BootOptions } from "../support/appliances/appliance.ts"
import type { Appliance } from "../support/appliances/systemd.ts"
import { writeModule } from "../support/module-folder.ts"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { RolloutPage } from "./pages/rollout-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

test.skip(obstacle !== undefined, obstacle)

const CONF = "/srv/web/conf"
const arrange: BootOptions = {
	homeserver: false,
	arrange: async (root) => {
		await mkdir(join(root, "srv/web"), { recursive: true })
		await writeFile(join(root, CONF), "old\n")
	},
}
const contentOf = (appliance: Appliance) => readFile(join(appliance.rootPath, CONF), "utf8")

test("canary, gate, a failure, retry and the way back: chosen, begun and followed on the page", async ({
	app,
	page,
	boot,
	lab,
}) => {
	test.setTimeout(480_000)
	const names = ["roll-last", "roll-first", "roll-middle"] as const
	const [canary, second, third] = await Promise.all([
		boot(names[0], arrange),
		boot(names[1], arrange),
		boot(names[2], arrange),
	])
	const all = [canary, second, third]
	await Promise.all([second.execOk("touch /srv/go"), third.execOk("touch /srv/go /srv/broken")])
	await enlist(app, lab, all, { tags: ["west"] })
	const closure = [
		"echo it begins; until test -e /srv/go; do sleep 0.2; done",
		"if test -e /srv/broken && grep -q new /srv/web/conf; then exit 3; fi",
	]
	const folder = await writeModule(join(app.folder, "web-fix"), [{ id: "web", files: { [CONF]: "new\n" }, closure }])

	page.setDefaultTimeout(30_000)
	const shell = new Shell(page)
	const run = new RunPage(page)
	const rollout = new RolloutPage(page)
	await shell.open(app.url)
	await run.openModule(folder)
	await page.getByRole("button", { name: "Roll out to many …" }).click()
	await expect(shell.heading("New rollout")).toBeFocused()
	const preview = page.getByRole("complementary", { name: "Preview" })
	await expect(preview).toContainText("Choose the appliances.")
	await page.getByRole("textbox", { name: "Filter the appliances" }).fill("roll-l")
	await page.getByRole("checkbox", { name: "roll-last" }).check()
	await page.getByRole("textbox", { name: "Filter the appliances" }).fill("")
	await expect(preview).toContainText("1 appliance, 1 wave")
	await page.getByRole("textbox", { name: "Filter the appliances" }).fill("tag:west")
	await page.getByRole("button", { name: /^Choose (all|these 3)$/ }).click()
	await page.getByRole("textbox", { name: "Filter the appliances" }).fill("")
	await expect(preview).toContainText("3 appliances, 3 waves")
	await page.getByRole("combobox", { name: "Who comes first" }).fill("last")
	await page.getByRole("option", { name: "roll-last" }).click()
	await page.keyboard.press("Escape")
	await page.getByRole("button", { name: "Remove wave 3" }).click()
	await page.getByRole("textbox", { name: "Size of wave 2" }).fill("100")
	await expect(preview).toContainText("3 appliances, 2 waves")
	await expect(preview).toContainText("Wave 1: 1 canaryroll-last")
	await expect(preview).toContainText("Wave 2: 2roll-first, roll-middle")
	await expect(preview).toContainText("stop after 3 failures or 5 % (1 of 3), whichever comes first")
	expect(app.services.rollouts.list()).toEqual([])
	await look(page, "rollout new")
	await page.getByRole("button", { name: "Start …" }).click()
	const question = page.getByRole("dialog", { name: "Roll out web-fix 1.0.0?" })
	await expect(question).toContainText(
		"It goes to 3 appliances, in waves. At once it begins with roll-last; then it waits",
	)
	await look(page, "rollout start")
	await expect(question).toContainText("Nobody has looked at them with this choice yet")

	// What was not previewed is not begun.
	await appendFile(join(folder, "index.json"), "\n")
	await question.getByRole("button", { name: "Start with 1 appliance" }).click()
	await expect(preview.getByRole("alert")).toContainText("has changed since it was looked at")
	await expect(page.getByRole("button", { name: "Start …" })).toBeDisabled()
	expect(app.services.rollouts.list()).toEqual([])
	await preview.getByRole("button", { name: "Preview again" }).click()
	await page.getByRole("button", { name: "Start …" }).click()
	await question.getByRole("button", { name: "Start with 1 appliance" }).click()

	// Reloaded in the middle: the page knows nothing but what it is told.
	await expect(shell.heading("web-fix 1.0.0 to 3 appliances")).toBeVisible()
	await expect(rollout.tile("roll-last")).toHaveAccessibleName("roll-last: running")
	await page.reload()
	await expect(rollout.tile("roll-last")).toHaveAccessibleName("roll-last: running")
	await expect(rollout.now).toContainText("Wave 1 of 2: 1 at work.")
	await expect(rollout.tile("roll-middle")).toHaveAccessibleName("roll-middle: waiting")
	await rollout.tile("roll-last").click()
	const drawer = page.getByRole("dialog", { name: "roll-last, wave 1" })
	await expect(drawer).toContainText("it begins", { timeout: 120_000 })
	await look(page, "rollout live appliance")
	await page.keyboard.press("Escape")
	await canary.execOk("touch /srv/go")
	await expect(rollout.now).toContainText("It waits for you: wave 1 has ended, 1 applied.", { timeout: 120_000 })
	expect(await Promise.all(all.map(contentOf))).toEqual(["new\n", "old\n", "old\n"])

	await rollout.ask("Begin wave 2", "Begin wave 2")
	await expect(rollout.now).toContainText("Stopped: too many appliances failed. Nothing is under way.", {
		timeout: 120_000,
	})
	await expect(rollout.causes("Why it failed")).toContainText(
		"closure: `if test -e …broken && grep -q new …conf; then exit 3; fi`, exit 3",
	)
	expect(await Promise.all(all.map(contentOf))).toEqual(["new\n", "new\n", "old\n"])
	await look(page, "rollout stopped")
	await page.getByRole("link", { name: "Show me one: roll-middle" }).click()
	await expect(page.getByRole("dialog", { name: "roll-middle, wave 2" })).toContainText("Closure failed at")
	await page.keyboard.press("Escape")

	await third.execOk("rm /srv/broken")
	await rollout.ask("Retry 1", "Retry 1")
	await expect(rollout.now).toContainText("Finished: 3 applied.", { timeout: 120_000 })
	expect(await Promise.all(all.map(contentOf))).toEqual(["new\n", "new\n", "new\n"])
	await expect(rollout.causes("Why it failed")).toBeHidden()

	await rollout.ask("Put back", "Put back on 3")
	await expect(rollout.now).toContainText("Everything that was applied was put back.", { timeout: 120_000 })
	expect(await Promise.all(all.map(contentOf))).toEqual(["old\n", "old\n", "old\n"])
	await expect(rollout.tile("roll-first")).toHaveAccessibleName("roll-first: put back")
	await shell.goTo("Rollouts")
	await expect(rollout.row(/web-fix 1.0.0/)).toContainText("3 appliances: 3 put back")
	await look(page, "rollouts")
})
