import { execFileSync } from "node:child_process"
import { appendFile, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { canRunSshd, PlainSshd } from "../support/appliances/plain-sshd.ts"
import { ownerPassword } from "../support/appliances/systemd.ts"
import { enlist, expect, obstacle, test, trust } from "./lab.ts"
import { look } from "./look.ts"
import { AppliancesPage, testAgain } from "./pages/appliances-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

const sshd = canRunSshd()

test("a key with a passphrase: asked for, a wrong one asked for again, kept for the next time", async ({
	app,
	page,
}) => {
	test.skip(!sshd.ok, sshd.ok ? "" : sshd.why)
	// What is signed in to is this machine itself: the runner goes into a folder of the test.
	const server = await PlainSshd.start({ env: { HOTFIX_STATE: join(app.folder, "state") } })
	try {
		const key = server.identities.ed25519 ?? ""
		execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "open sesame", "-f", key], { stdio: "ignore" })
		await appendFile(join(app.folder, "known_hosts"), `${server.hostKeyLines.join("\n")}\n`)
		const shell = new Shell(page)
		const appliances = new AppliancesPage(page)
		await shell.open(app.url)
		await shell.goTo("Appliances")
		await appliances.add({ name: "Locked", host: server.host, port: server.port, user: server.user, keyPath: key })
		await appliances.save("Save and test")

		const dialog = shell.dialog("Passphrase for the key file")
		await expect(dialog.getByLabel(`Passphrase of ${key}`)).toBeFocused()
		await look(page, "passphrase")
		await shell.answer("Passphrase for the key file", "not it")
		await expect(dialog.getByText("That was not right. Try again.")).toBeVisible()
		await expect(dialog.getByLabel(`Passphrase of ${key}`)).toHaveValue("")
		await shell.answer("Passphrase for the key file", "open sesame")
		await expect(appliances.row("Locked")).toContainText("Ready", { timeout: 60_000 })

		await server.restart()
		await testAgain(app, appliances, "Locked")
		await expect(dialog).toBeHidden()
	} finally {
		await server.destroy()
	}
})

test.describe("on a real appliance", () => {
	test.skip(obstacle !== undefined, obstacle)

	test("password and sudo: each asked for once, a wrong one asked for again, none of them stored", async ({
		app,
		page,
		boot,
	}) => {
		test.setTimeout(480_000)
		const alpha = await boot("alpha", { homeserver: false })
		await trust(app, [alpha])
		const shell = new Shell(page)
		const appliances = new AppliancesPage(page)
		await shell.open(app.url)
		await shell.goTo("Appliances")
		await appliances.add({ name: "Alpha", host: alpha.host, port: 22, user: "owner", become: "sudo" })
		await appliances.save("Save and test")

		const label = `Password of owner on ${alpha.host}`
		await expect(shell.dialog("Password for Alpha").getByLabel(label)).toBeFocused()
		await look(page, "password")
		await shell.answer("Password for Alpha", "wrong one")
		await expect(appliances.failure("did not let owner in")).toBeVisible({ timeout: 60_000 })
		await look(page, "password refused")
		await appliances.test("Alpha")
		await shell.answer("Password for Alpha", ownerPassword)

		const sudo = shell.dialog("Sudo password on Alpha")
		await expect(sudo.getByLabel("Password of owner, for sudo")).toBeFocused({ timeout: 60_000 })
		await look(page, "sudo")
		await shell.answer("Sudo password on Alpha", "wrong one")
		await expect(sudo.getByText("That was not right. Try again.")).toBeVisible({ timeout: 60_000 })
		await look(page, "sudo again")
		await shell.answer("Sudo password on Alpha", ownerPassword)
		await expect(appliances.row("Alpha")).toContainText("Ready", { timeout: 60_000 })
		expect(app.services.appliances.list()[0]?.facts).toMatchObject({ root: true, systemd: true, hostname: "alpha" })

		await testAgain(app, appliances, "Alpha")
		expect(await filesHolding(app.folder, ownerPassword)).toEqual([])
	})

	test("a first meeting, cancelled at the password: nothing is sent", async ({ app, page, boot }) => {
		const beta = await boot("beta", { homeserver: false })
		const shell = new Shell(page)
		const appliances = new AppliancesPage(page)
		await shell.open(app.url)
		await shell.goTo("Appliances")
		await appliances.add({ name: "Beta", host: beta.host, port: 22, user: "owner", become: "sudo" })
		await look(page, "form")
		await appliances.save("Save and test")
		const key = join(beta.rootPath, "etc/ssh/ssh_host_ed25519_key.pub")
		const fingerprint = execFileSync("ssh-keygen", ["-lf", key], { encoding: "utf8" }).split(" ")[1] ?? ""
		await expect(shell.dialog("Is this really Beta?").getByText(fingerprint)).toBeVisible()
		await shell.dialog("Is this really Beta?").getByRole("button", { name: /trust/ }).click()
		await shell.dialog("Password for Beta").waitFor()
		await page.keyboard.press("Escape")
		await expect(appliances.failure("is needed").first()).toBeVisible()
		expect(await beta.execOk("journalctl -q -u ssh")).not.toContain("Failed password")
	})

	test("a host key that has changed stops everything and offers no way on", async ({ app, page, boot, lab }) => {
		const gamma = await boot("gamma", { homeserver: false })
		await enlist(app, lab, [gamma])
		const shell = new Shell(page)
		const appliances = new AppliancesPage(page)
		await shell.open(app.url)
		await shell.goTo("Appliances")
		await appliances.test("gamma")
		await expect(appliances.row("gamma")).toContainText("Ready", { timeout: 60_000 })
		const known = await readFile(join(app.folder, "known_hosts"), "utf8")
		await gamma.replaceHostKey()

		await appliances.test("gamma")
		const dialog = shell.dialog("The host key has changed")
		await expect(dialog).toContainText(`${gamma.host} is not the machine that is on record`)
		// What the test before said is gone at once, not only after its time.
		await expect(page.getByText("the runner is ready there")).toHaveCount(0, { timeout: 2000 })
		await expect(dialog.getByText(/^SHA256:/)).toHaveCount(2)
		await expect(dialog).toContainText(`${join(app.folder, "known_hosts")}:1`)
		await expect(dialog.getByRole("button")).toHaveText(["", "Close"])
		await look(page, "changed key")
		await dialog.getByText("Close", { exact: true }).click()
		await expect(appliances.row("gamma")).toContainText("Not reached")
		await expect(dialog).toBeHidden()

		const module = join(import.meta.dirname, "../fixtures/modules/homeserver/spec-example")
		const run = new RunPage(page)
		await shell.goTo("Run")
		await run.openModule(module)
		await run.appliance("gamma").check()
		await run.start()
		await expect(page.getByRole("main").getByRole("alert")).toContainText("instead of the known one")
		await look(page, "run with changed key")
		expect(await readFile(join(app.folder, "known_hosts"), "utf8")).toBe(known)
	})
})

/** The files below a folder that hold a text, by name. */
async function filesHolding(folder: string, text: string): Promise<string[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true })
	const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
	expect(paths.length).toBeGreaterThan(0)
	const contents = await Promise.all(paths.map((path) => readFile(path)))
	return paths.filter((_, index) => contents[index]?.includes(text))
}
