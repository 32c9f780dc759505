import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import type { BootOptions } from "../support/appliances/appliance.ts"
import type { Appliance, Lab } from "../support/appliances/systemd.ts"
import { hotfix } from "../support/hotfix.ts"
import { type WrittenPool, writeModule } from "../support/module-folder.ts"
import type { RunningApp } from "./app.ts"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { Shell } from "./pages/shell.ts"

test.skip(obstacle !== undefined, obstacle)
test.setTimeout(480_000)

/** Every pool's file is there before, as its owner left it. */
const withFiles = (...names: string[]): BootOptions => ({
	homeserver: false,
	arrange: async (root) => {
		await mkdir(join(root, "srv/folder"), { recursive: true })
		for (const name of names) {
			await mkdir(join(root, "srv", name), { recursive: true })
			await writeFile(join(root, "srv", name, "conf"), "old\n")
		}
	},
})

const conf = (name: string) => `/srv/${name}/conf`
const pool = (name: string, more: Partial<WrittenPool>): WrittenPool => ({
	id: name,
	files: { [conf(name)]: "new\n" },
	closure: ["true"],
	...more,
})
const isNew = (name: string) => `grep -q new ${conf(name)}`
const contentOf = (appliance: Appliance, name: string) => readFile(join(appliance.rootPath, conf(name)), "utf8")

interface Place {
	app: RunningApp
	page: Page
	lab: Lab
	appliance: Appliance
}

/** Starts a module on an appliance and shows the run; answers with the desktop run's id. */
async function start({ app, page }: Place, id: string, folder: string): Promise<string> {
	const [run] = await app.services.runs.start({ folder, applianceIds: [id] })
	if (!run) throw new Error("no run was started")
	await page.goto(`${app.url.split("#")[0]}#/runs/${run.batch}`)
	return run.id
}

async function open(place: Place, pools: WrittenPool[], options: Parameters<typeof writeModule>[2] = {}) {
	const { app, page, lab, appliance } = place
	const [target] = await enlist(app, lab, [appliance])
	if (!target) throw new Error("no appliance was enlisted")
	const folder = await writeModule(join(app.folder, "outcomes"), pools, options)
	await new Shell(page).open(app.url)
	return { id: await start(place, target.id, folder), target: target.id, folder, live: new LivePage(page) }
}

test("failed in each phase: what is there now, why, what was put back, what to do next", async ({
	app,
	page,
	boot,
	lab,
}) => {
	const names = ["good", "before", "refused", "breaks", "checked", "kept"]
	const appliance = await boot("each-phase", withFiles(...names))
	const pools = [
		pool("good", {}),
		pool("folder", { files: { "/srv/folder": "new\n" } }),
		pool("before", { checks: ["test -e /srv/nothing"] }),
		// Between preflight and apply, the new content goes.
		pool("refused", {
			files: { [conf("refused")]: "new, and lost\n" },
			checks: ["rm $(grep -rl 'new, and lost' /var/lib/hotfix/sources) || grep -q old /srv/refused/conf"],
		}),
		pool("breaks", {
			files: { [conf("breaks")]: "new\n", "/srv/breaks/more": "made\n" },
			closure: [`if ${isNew("breaks")}; then echo it does not start >&2; exit 3; fi`],
		}),
		pool("checked", { checks: ["grep -q old /srv/checked/conf"] }),
		pool("left-out", { enabled: false }),
		pool("kept", { checks: ["mount -t tmpfs -o ro tmpfs /var/lib/hotfix/backups/blobs"] }),
	]
	const { live } = await open({ app, page, lab, appliance }, pools)
	await expect(page.getByText("6 pools failed and were put back, 1 pool applied, 1 pool skipped.")).toBeVisible({
		timeout: 120_000,
	})
	for (const name of names.slice(1)) expect(await contentOf(appliance, name), name).toBe("old\n")
	expect(await contentOf(appliance, "good")).toBe("new\n")

	await live.expand("good")
	await expect(live.pool("good")).toContainText("The new files are in place and the closure passed.")
	await live.expand("left-out")
	await expect(live.pool("left-out")).toContainText("It was not selected, or is disabled; nothing was touched.")
	const untouched = ["folder", "before", "kept"]
	for (const name of untouched) await live.expectAnswer(name, "On the appliance now", "nothing was touched")
	for (const name of ["refused", "breaks", "checked"]) {
		await live.expectAnswer(name, "On the appliance now", "The appliance is as it was before the run.")
		await live.expectAnswer(name, "Put back", "verified against the backup; then the closure passed.")
	}
	await live.expectAnswer("folder", "Why it failed", "Preflight failed, /srv/folder")
	await live.expectAnswer("folder", "What to do next", "Mend what is named here")
	await live.expectAnswer(
		"before",
		"Why it failed",
		"Checks before failed at “test -e /srv/nothing” with exit status 1.",
	)
	await live.expectAnswer("before", "What to do next", "It was broken before this run")
	await live.expectAnswer("kept", "Why it failed", "Backup failed")
	await live.expectAnswer("kept", "What to do next", "Without a complete backup nothing is written")
	await live.expectAnswer("refused", "Why it failed", "Apply failed")
	await live.expectAnswer("refused", "What to do next", "what refused the new files")
	await live.expectAnswer("breaks", "Why it failed", "Closure failed at “if grep -q new /srv/breaks/conf")
	await live.expectAnswer("breaks", "Put back", "1 file put back and 1 new file removed")
	await expect(live.pool("breaks")).toContainText("it does not start")
	await live.expectAnswer("checked", "Why it failed", "Checks after failed at “grep -q old /srv/checked/conf”")
	await live.expectAnswer("checked", "What to do next", "did not cure what the checks look at")
	await expect(live.finalClosure).toContainText("Not run")
	await look(page, "every failure")

	await page.getByRole("button", { name: "Run again …" }).click()
	await expect(page.getByRole("checkbox", { name: "each-phase" })).toBeChecked()
})

test("degraded: an emergency that names the files, where the backup is, and what to do by hand", async ({
	app,
	page,
	boot,
	lab,
}) => {
	const appliance = await boot("emergency", withFiles("stuck", "held", "sick", "fine"))
	const place = { app, page, lab, appliance }
	const holding = (name: string) =>
		`if ${isNew(name)}; then mount --bind -o ro /srv/${name} /srv/${name}; echo ${name} >&2; exit 7; fi`
	const { live, id } = await open(place, [
		pool("stuck", { closure: [holding("stuck")] }),
		pool("held", { closure: [holding("held")] }),
		pool("sick", { closure: ["echo the service does not answer >&2; exit 9"] }),
		pool("fine", {}),
	])
	await expect(page.getByText("3 pools are degraded, 1 pool applied.")).toBeVisible({ timeout: 120_000 })
	await expect(page.getByText("Look at emergency now")).toBeVisible()
	expect(await contentOf(appliance, "sick")).toBe("old\n")
	const run = app.services.runs.get(id).run
	for (const name of ["stuck", "sick"]) {
		const emergency = live.emergency(name)
		await expect(emergency).toContainText("A person must look at this appliance now")
		await live.expectAnswer(name, "On the appliance now", "Nobody knows for certain")
		await expect(emergency).toContainText(`/var/lib/hotfix/backups/pools/${name}/${run}/manifest.json`)
		await expect(emergency).toContainText(`--pool ${name} --run ${run}`)
		// What is told of the backup's place is so.
		const manifest = `/var/lib/hotfix/backups/pools/${name}/${run}/manifest.json`
		expect(await appliance.execOk(`cat ${manifest}`)).toContain(conf(name))
	}
	await live.expectAnswer("stuck", "Put back", "Not everything could be put back.")
	await expect(live.emergency("stuck")).toContainText("/srv/stuck/conf")
	await live.expectAnswer("sick", "Put back", "Every file is back and verified, but the closure failed on them too")
	await expect(live.emergency("sick")).toContainText("the service does not answer")
	await look(page, "emergency")

	// So is the way back that is told.
	await appliance.execOk("umount /srv/stuck /srv/held")
	const access = ["--on", `root@${appliance.host}`, "--identity", lab.identity, "--known-hosts", lab.knownHosts]
	const revert = ["revert", ...access, "--pool", "stuck", "--run", run ?? ""]
	expect((await hotfix(revert, join(app.folder, "terminal"))).status).toBe(0)
	expect(await contentOf(appliance, "stuck")).toBe("old\n")

	// And from here.
	const [shell, history] = [new Shell(page), new HistoryPage(page)]
	await shell.goTo("History")
	await (await history.action(history.row("held", "Degraded"), "Put back what this run changed")).click()
	const asks = shell.dialog("Put held on emergency back?")
	await expect(asks).toContainText("becomes as it was before this run")
	await asks.getByRole("button", { name: "Put back", exact: true }).click()
	await expect(live.pool("held")).toContainText("Put back", { timeout: 120_000 })
	expect(await contentOf(appliance, "held")).toBe("old\n")
})

test("the final closure failed, and the same again: told, and nothing is rolled back", async ({
	app,
	page,
	boot,
	lab,
}) => {
	const appliance = await boot("whole-system", withFiles("part"))
	const place = { app, page, lab, appliance }
	const finalClosure = ["echo the system is down >&2; exit 4"]
	const { live, target, folder } = await open(place, [pool("part", {})], { finalClosure })
	await expect(page.getByText("1 pool applied, the final closure failed.")).toBeVisible({ timeout: 120_000 })
	await expect(page.getByText("The pools stay applied, nothing is rolled back.")).toBeVisible()
	await expect(live.finalClosure).toContainText("the system is down")
	await expect(live.finalClosure).toContainText("exit status 4")
	expect(await contentOf(appliance, "part")).toBe("new\n")
	await look(page, "final closure failed")
	await start(place, target, folder)
	await expect(page.getByText("1 pool stood applied already")).toBeVisible({ timeout: 120_000 })
	await live.expand("part")
	await expect(live.pool("part")).toContainText("It already stands applied at this version; nothing was run.")
})

test("nobody confirms: it was awaited in words, then the pool is put back", async ({ app, page, boot, lab }) => {
	const appliance = await boot("locked-out", withFiles("access"))
	const { live } = await open({ app, page, lab, appliance }, [
		pool("access", {
			confirmSeconds: 6,
			closure: [`if ${isNew("access")}; then systemctl stop ssh; else systemctl start ssh; fi`],
		}),
	])
	await expect(live.pool("access")).toContainText("Waits for this program to connect anew", { timeout: 120_000 })
	await expect(page.getByText("1 pool failed and was put back.")).toBeVisible({ timeout: 120_000 })
	await live.expectAnswer("access", "Why it failed", "Confirmation failed, nobody confirmed within 6 s.")
	await live.expectAnswer("access", "What to do next", "would have locked you out")
	expect(await contentOf(appliance, "access")).toBe("old\n")
})

test("cancelled in the closure: asked once more, put back, and called cancelled", async ({ app, page, boot, lab }) => {
	const appliance = await boot("called-off", withFiles("long"))
	const slow = `if ${isNew("long")}; then echo begun; sleep 300; fi`
	const { live } = await open({ app, page, lab, appliance }, [pool("long", { closure: [slow] })])
	await expect(live.output(slow)).toContainText("begun", { timeout: 120_000 })
	await look(page, "running")
	await page.getByRole("button", { name: "Cancel", exact: true }).click()
	await page.getByRole("button", { name: "Cancel the run" }).click()
	await expect(page.getByText("1 pool failed and was put back.")).toBeVisible({ timeout: 120_000 })
	await live.expectAnswer("long", "Why it failed", "It was cancelled in phase “closure”")
	await live.expectAnswer("long", "What to do next", "When you want it after all")
	expect(await contentOf(appliance, "long")).toBe("old\n")
})

test("the runner killed in the closure: recovered over there, and said", async ({ app, page, boot, lab }) => {
	const appliance = await boot("cut-down", withFiles("torn"))
	const slow = `if ${isNew("torn")}; then echo begun; sleep 300; fi`
	const { live, id } = await open({ app, page, lab, appliance }, [pool("torn", { closure: [slow] })])
	await expect(live.output(slow)).toContainText("begun", { timeout: 120_000 })
	const unit = `hotfix-run-${app.services.runs.get(id).run}.service`
	await appliance.execOk(`kill -9 $(systemctl show -p MainPID --value ${unit})`)
	await expect(page.getByText("1 pool failed and was put back.")).toBeVisible({ timeout: 120_000 })
	await expect(page.getByText("a later recovery ended the run")).toBeVisible()
	await live.expectAnswer("torn", "Why it failed", "The run was cut off in phase “closure”")
	await live.expectAnswer("torn", "What to do next", "Find out why it went down")
	expect(await contentOf(appliance, "torn")).toBe("old\n")
})
