import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { createKeptKeys } from "../../core/fleet/signing/kept-keys.ts"
import { readModuleFolder } from "../../core/folder/read-module-folder.ts"
import { parseSignatures } from "../../core/folder/ssh-signature.ts"
import { createSecretBox } from "../../electron/secret-box.ts"
import { makeSealingStorage } from "../support/sealing-storage.ts"
import { startAgent } from "../support/ssh-agent.ts"
import { expect, type RunningApp, test } from "./app.ts"
import { look } from "./look.ts"
import { indexOf, sourcesOf, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { Palette } from "./pages/palette.ts"
import { PublishPage } from "./pages/publish-page.ts"
import { Shell } from "./pages/shell.ts"
import { SigningPage } from "./pages/signing-page.ts"

/** A real agent, which this process is asked for by its environment as any program is. */
async function withAgent(app: RunningApp, work: (agent: ReturnType<typeof startAgent>) => Promise<void>) {
	const agent = startAgent(app.folder)
	const before = process.env.SSH_AUTH_SOCK
	process.env.SSH_AUTH_SOCK = agent.socket
	try {
		await work(agent)
	} finally {
		agent.end()
		if (before === undefined) delete process.env.SSH_AUTH_SOCK
		else process.env.SSH_AUTH_SOCK = before
	}
}

async function openPublish(app: RunningApp, page: Page) {
	const folder = join(app.services.library.folder, "web-fix")
	await writeModule(folder, indexOf(["alpha"]), sourcesOf(["alpha"]))
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	await new EditorPage(page).show("Publish")
	return folder
}

const signersOf = async (folder: string) => {
	const { manifest } = await readModuleFolder(folder)
	return parseSignatures(manifest?.signatures ?? "")?.map(({ key }) => key)
}

test("keys of the agent are chosen, sign a version, and are let go; here no key is made", async ({
	app,
	page,
	context,
}) => {
	test.setTimeout(240_000)
	await context.grantPermissions(["clipboard-read", "clipboard-write"])
	await withAgent(app, async (agent) => {
		const shell = new Shell(page)
		const signing = new SigningPage(page)
		await shell.open(app.url)
		await shell.goTo("Modules")
		await page.getByRole("link", { name: "Signing keys" }).click()
		await expect(shell.heading("Signing keys")).toBeVisible()
		await expect(page.getByRole("heading", { name: "Nothing is signed" })).toBeVisible()
		await expect(signing.makeButton).toBeDisabled()
		await expect(signing.makeButton).toHaveAccessibleDescription(
			/No key can be made here: only the desktop app has a keychain/,
		)
		await look(page, "signing none")

		const [team, spare] = [agent.makeKey("team", "team release"), agent.makeKey("spare")]
		agent.makeOther("ecdsa")
		await signing.lookAgain()
		await expect(page.getByText("The agent holds 1 other key.")).toBeVisible()
		await signing.sign("team release")
		await expect(signing.count).toHaveText("1 key")
		await signing.sign("spare")
		await expect(signing.key("team release", "Keys that sign")).toContainText("SSH agent")
		await signing.copyLine("team release")
		expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`ssh-ed25519 ${team.key} team release`)
		await look(page, "signing by the agent")

		const folder = await openPublish(app, page)
		const publish = new PublishPage(page)
		await expect(page.getByText(/^Signed by each of the/)).toContainText("team release")
		await publish.publish()
		await expect(page.getByText("Version 1.0.0 is published.")).toBeVisible()
		expect(await signersOf(folder)).toEqual([team.key, spare.key])

		agent.forget()
		await page.getByRole("link", { name: "Signing keys" }).click()
		await expect(page.getByText("Nothing can be published here now: 2 keys cannot sign.")).toBeVisible()
		await expect(signing.key("spare", "Keys that sign")).toContainText("The SSH agent does not hold it now")
		await page.getByRole("button", { name: "Stop signing by spare" }).click()
		const question = shell.dialog("Stop signing by spare?")
		await look(page, "signing stop")
		await question.getByRole("button", { name: "Go on signing" }).click()
		await expect(signing.count).toHaveText("2 keys")
		await page.getByRole("button", { name: "Stop signing by spare" }).click()
		await question.getByRole("button", { name: "Stop signing" }).click()
		await expect(signing.count).toHaveText("1 key")
		expect((await app.services.signing.keys()).keys.map(({ key }) => key)).toEqual([team.key])
	})
})

test("a key that the app made: only the app signs by it, and it can be deleted here", async ({ app, page }) => {
	const shell = new Shell(page)
	const signing = new SigningPage(page)
	const kept = createKeptKeys(join(app.folder, "data"), createSecretBox(makeSealingStorage(), "linux"))
	const { key } = await kept.make("made by the app")
	await app.services.signing.choose(key, true)
	await shell.open(app.url)
	await openPublish(app, page)
	await new PublishPage(page).publish()
	await expect(page.getByRole("alert")).toContainText("it was made by the app, which alone can sign by it")
	await expect(page.getByRole("alert")).toContainText("Publish in the desktop app, or choose a key of the agent")
	await new Palette(page).choose("signing keys")
	await expect(signing.key("made by the app", "Keys that sign")).toContainText("Only the desktop app can sign by it.")
	await look(page, "signing kept elsewhere")
	await page.getByRole("button", { name: "Delete made by the app" }).click()
	await expect(shell.dialog(/^Delete/)).toContainText("Versions that it signed stay valid")
	await look(page, "signing delete")
	await page.getByRole("button", { name: "Delete the key" }).click()
	await expect(page.getByRole("heading", { name: "Nothing is signed" })).toBeVisible()
	expect(await readdir(join(app.folder, "data/kept-keys"))).toEqual([])
})

test.describe("with a keychain", () => {
	// A stand-in for the one of the desktop app, which has no place in a browser.
	const storage = makeSealingStorage()
	test.use({ replaced: { secretBox: createSecretBox(storage, "linux") } })

	test("a key is made, signs, and is there after a restart; one that is closed says so", async ({ app, page }) => {
		test.setTimeout(240_000)
		const shell = new Shell(page)
		const signing = new SigningPage(page)
		await shell.open(app.url)
		await page.keyboard.press("g")
		await page.keyboard.press("k")
		await expect(signing.makeButton).toBeEnabled()
		await page.keyboard.press("n")
		const dialog = shell.dialog("Make a key")
		await expect(dialog.getByRole("textbox", { name: "Comment" })).toBeFocused()
		await expect(dialog.getByRole("button", { name: "Make the key" })).toBeDisabled()
		await page.keyboard.type("releases")
		await look(page, "signing make")
		await page.keyboard.press("Enter")
		await expect(dialog).toBeHidden()
		await expect(signing.key("releases", "Keys that sign")).toContainText("System keychain, by the app")
		await look(page, "signing by the keychain")

		await app.restart()
		await shell.open(app.url)
		const folder = await openPublish(app, page)
		await new PublishPage(page).publish()
		await expect(page.getByText("Version 1.0.0 is published.")).toBeVisible()
		const { keys } = await app.services.signing.keys()
		expect(await signersOf(folder)).toEqual(keys.map(({ key }) => key))

		storage.isOpen = false
		await page.getByRole("link", { name: "Signing keys" }).click()
		await expect(signing.key("releases", "Keys that sign")).toContainText("The keychain is closed")
		await expect(signing.makeButton).toHaveAccessibleDescription(/the system's keychain is closed/)
		storage.isOpen = true
	})
})
