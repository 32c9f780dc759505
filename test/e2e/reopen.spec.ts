import { join } from "node:path"
import { type WrittenPool, writeModule } from "../support/module-folder.ts"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { LivePage } from "./pages/live-page.ts"
import { Shell } from "./pages/shell.ts"

test.skip(obstacle !== undefined, obstacle)

test("the window closed and the program ended in the middle of a run: it goes on there, and all of it is seen", async ({
	app,
	page,
	context,
	boot,
	lab,
}) => {
	test.setTimeout(480_000)
	const appliance = await boot("reopened", { homeserver: false })
	const [target] = await enlist(app, lab, [appliance])
	// Ten lines at a time: a thousand programs that only wait take a busy machine minutes.
	const count = "for i in $(seq 1 3000); do echo tick $i end; case $i in 3000) ;; *0) sleep 0.05 ;; esac; done"
	const slow = `${count}; until test -e /run/go-on; do sleep 0.2; done; echo and on`
	const pools: WrittenPool[] = [
		{ id: "first", files: { "/srv/first": "new\n" }, closure: [slow] },
		{ id: "second", files: { "/srv/second": "new\n" }, closure: ["test -e /srv/first"] },
	]
	const folder = await writeModule(join(app.folder, "slow"), pools)
	const [run] = await app.services.runs.start({ folder, applianceIds: [target?.id ?? ""] })
	if (!run) throw new Error("no run was started")
	const open = async (on: typeof page) => {
		const at = `${app.url.split("#")[0]}#/runs/${run.batch}`
		await new Shell(on).open(app.url)
		await on.goto(at)
		return new LivePage(on)
	}
	const before = await open(page)
	await expect(before.output(slow)).toContainText(/tick \d+ end/, { timeout: 120_000 })
	await page.close()
	const { lastEventAt } = app.services.runs.get(run.id)

	// Another window on the same program: everything from the first line, then what comes.
	const second = await context.newPage()
	const again = await open(second)
	await expect(again.output(slow)).toContainText(/tick \d+ end/)
	await again.output(slow).press("Home")
	await expect(again.output(slow)).toContainText("tick 1 end")
	await second.close()

	// The program itself ends; the appliance goes on without anybody.
	await app.restart()
	await appliance.execOk("touch /run/go-on")
	const third = await context.newPage()
	const last = await open(third)
	await expect(third.getByText("2 pools applied, the final closure passed.")).toBeVisible({ timeout: 120_000 })
	await last.expand("first")
	await last.pool("first").getByRole("button", { name: "tick" }).click()
	await expect(third.getByText("3,001 lines", { exact: true })).toBeVisible()
	await last.output(slow).press("End")
	await expect(last.output(slow)).toContainText("and on")
	const events = []
	for await (const event of app.services.runs.follow(run.id)) events.push(event)
	expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
	expect(lastEventAt).toBeDefined()
	expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
	await look(third, "reopened")
})

test("the program ended while the appliance was being asked nothing, and the run ended meanwhile: found ended", async ({
	app,
	page,
	boot,
	lab,
}) => {
	test.setTimeout(480_000)
	const appliance = await boot("ended-alone", { homeserver: false })
	const [target] = await enlist(app, lab, [appliance])
	const closure = ["echo begun; until test -e /run/go-on; do sleep 0.1; done; echo it broke >&2; grep -q old /srv/p"]
	const folder = await writeModule(join(app.folder, "alone"), [{ id: "p", files: { "/srv/p": "new\n" }, closure }])
	await appliance.execOk("mkdir -p /srv && echo old >/srv/p")
	const [run] = await app.services.runs.start({ folder, applianceIds: [target?.id ?? ""] })
	await expect.poll(() => app.services.runs.get(run?.id ?? "").pools[0]?.phase, { timeout: 120_000 }).toBe("closure")
	const id = app.services.runs.get(run?.id ?? "").run
	const unit = `hotfix-run-${id}.service`
	await appliance.dropPackets()
	const restarting = app.restart()
	await appliance.execOk("touch /run/go-on")
	await appliance.execOk(`while systemctl is-active -q ${unit}; do sleep 0.2; done`)
	await restarting
	await new Shell(page).open(app.url)
	await page.goto(`${app.url.split("#")[0]}#/runs/${run?.batch}`)
	await expect(page.getByText("1 pool failed and was put back.")).toBeHidden()
	await appliance.passPackets()
	await expect(page.getByText("1 pool failed and was put back.")).toBeVisible({ timeout: 120_000 })
	await new LivePage(page).expectAnswer("p", "Why it failed", "Closure failed")
	await expect(page.getByRole("region", { name: "Pool p" })).toContainText("it broke")
})
