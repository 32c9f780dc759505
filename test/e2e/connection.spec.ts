import { appendFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Connect } from "../../core/fleet/services/types.ts"
import { FailureError } from "../../core/schema/failure.ts"
import { look } from "./look.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"
import { enlist, expect, makeModule, test } from "./strangers.ts"

test("a lost connection: last seen, next attempt, what needs a person, and on to the end", async ({
	app,
	page,
	meet,
}) => {
	test.setTimeout(480_000)
	const alpha = await meet("alpha")
	enlist(app, [alpha])
	await appendFile(join(app.folder, "known_hosts"), `[127.0.0.1]:${alpha.port} ${alpha.publicKey}\n`)
	const goOn = join(alpha.root, "go-on")
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	await shell.open(app.url)
	await run.openModule(await makeModule(app, `echo begun; until test -e ${goOn}; do sleep 0.2; done`))
	await run.appliance("alpha").check()
	await run.start()
	// The module's own view shows the command too.
	await expect(shell.heading("greeting 1.0.0 on alpha")).toBeVisible({ timeout: 120_000 })
	await expect(live.pool("greeting")).toContainText("until test", { timeout: 120_000 })

	await alpha.stop()
	const lost = page.getByRole("region", { name: "Connection" })
	await expect(lost).toContainText("The run goes on there by itself.")
	await expect(lost).toContainText(/Last seen just now \(.*\d\d:\d\d:\d\d\)/)
	await expect(lost).toContainText("no SSH server listens", { timeout: 60_000 })
	// The waits grow: 1, 2, 4 seconds ...
	await expect(lost).toContainText(/Next attempt in [34] s/, { timeout: 60_000 })
	await expect(lost).toContainText("Next attempt in 2 s")
	await look(page, "lost, next attempt")
	await expect(lost.getByRole("button", { name: "Connect again" })).toHaveCount(0)

	// Another key under its name: waiting does not cure that.
	await alpha.startAgain({ otherKey: true })
	await expect(lost).toContainText("It is not tried again by itself.", { timeout: 120_000 })
	await expect(lost).toContainText("instead of the known one")
	await expect(lost).toContainText("Do not go on until you know why")
	await look(page, "lost, needs a person")
	await lost.getByRole("button", { name: "Connect again" }).click()
	await expect(lost.getByRole("alert")).toContainText("instead of the known one", { timeout: 60_000 })

	await alpha.stop()
	await alpha.startAgain()
	await writeFile(goOn, "")
	await lost.getByRole("button", { name: "Connect again" }).click()
	await expect(page.getByText("1 pool applied.")).toBeVisible({ timeout: 120_000 })
	await expect(lost).toBeHidden()
})

test("what a connection turned out to be is in the appliance's details", async ({ app, page, meet }) => {
	const alpha = await meet("alpha")
	enlist(app, [alpha])
	await appendFile(join(app.folder, "known_hosts"), `[127.0.0.1]:${alpha.port} ${alpha.publicKey}\n`)
	const shell = new Shell(page)
	const appliances = new AppliancesPage(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	await page.getByRole("button", { name: "alpha", exact: true }).click()
	const details = shell.dialog("alpha")
	await expect(details).toContainText("never seen")
	await look(page, "details before a test")
	await details.getByRole("button", { name: "Test" }).click()
	await expect(details).toContainText("Ready", { timeout: 60_000 })
	for (const text of [alpha.fingerprint, "ssh-ed25519", "publickey", "straight there", "Not post-quantum"])
		await expect(details).toContainText(text)
	await expect(details.getByRole("definition").filter({ hasText: /^(aes|chacha20)/ })).toHaveCount(1)
	await look(page, "details")
	await page.keyboard.press("Escape")
	await appliances.choose("alpha", "Details")
	await expect(details).toBeVisible()
})

test("jump hosts and becoming root are chosen in the form and shown in the fleet", async ({ app, page }) => {
	const shell = new Shell(page)
	const appliances = new AppliancesPage(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	const typed = { name: "Cellar", host: "cellar", port: 22, user: "support", keyPath: "/nowhere" }
	await appliances.add({ ...typed, become: "doas", jump: "root@bastion:2222, bad host/" })
	await expect(page.getByText("without a password (nopass)")).toBeVisible()
	await appliances.save("Save")
	await expect(page.getByText("user@host:port or host; several separated by commas.")).toBeVisible()
	await look(page, "form with jump hosts")
	await appliances.field("Jump hosts").fill("root@bastion:2222, inner")
	await appliances.save("Save")
	await expect(appliances.row("Cellar")).toContainText("key file, doas, via root@bastion:2222, inner")
	expect(app.services.appliances.list()).toMatchObject([{ become: "doas", jump: "root@bastion:2222,inner" }])
	await appliances.choose("Cellar", "Edit")
	await expect(page.getByRole("radio", { name: "doas" })).toBeChecked()
	await page.getByText("Not needed", { exact: true }).click()
	await appliances.field("Jump hosts").fill("")
	await appliances.save("Save")
	await expect(appliances.row("Cellar")).not.toContainText("via")
	expect(app.services.appliances.list()[0]).toMatchObject({ become: "none" })
	expect(app.services.appliances.list()[0]?.jump).toBeUndefined()
})

test.describe("in place of SSH", () => {
	const held = Promise.withResolvers<void>()
	const connect: Connect = async (_appliance, { onProgress }) => {
		onProgress?.({ step: "installing", sentBytes: 40 * 1024, totalBytes: 120 * 1024 })
		await sleep(400)
		onProgress?.({ step: "runtime", sentBytes: 12 * 1024 ** 2, totalBytes: 44.5 * 1024 ** 2 })
		await held.promise
		throw new FailureError("connection-lost", {})
	}
	test.use({ replaced: { connect } })

	test("what is brought before a run is said step by step, in bytes", async ({ app, page }) => {
		const signIn = { method: "agent" } as const
		for (const name of ["alpha", "beta"])
			app.services.appliances.save({
				...{ name, host: name, port: 22, user: "root", become: "none", tags: [], notes: "" },
				signIn,
			})
		const shell = new Shell(page)
		const run = new RunPage(page)
		await shell.open(app.url)
		await run.openModule(await makeModule(app))
		await page.getByRole("button", { name: "All", exact: true }).click()
		await run.reviewButton.click()
		await expect(page.getByText("0 of 2 answered")).toBeVisible()
		await page.getByRole("button", { name: "Stop asking" }).click()
		await run.start()
		await expect(page.getByText("Bringing Node along for the runner: 12 MiB of 44.5 MiB.")).toBeVisible()
		await expect(new LivePage(page).line("beta")).toContainText("Uploading27 %")
		await look(page, "bringing a runtime")
		held.resolve()
		await expect(new LivePage(page).line("beta")).toContainText("Not started")
	})
})
