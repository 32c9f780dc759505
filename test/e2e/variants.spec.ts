import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { indexOf, readIndex, sourcesOf, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { FromAppliancePage } from "./pages/from-appliance-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { Shell } from "./pages/shell.ts"
import { tabTo } from "./tab-to.ts"

test.skip(obstacle !== undefined, obstacle)

const operationsOf = async (folder: string) => JSON.parse(await readIndex(folder)).pools[0].operations

async function addPath(page: Page, path: string) {
	await tabTo(page, "combobox", "Paths")
	await page.keyboard.type(path)
	await page.keyboard.press("Enter")
}

test("which variants of a file there are on several appliances, and one of them fetched, with the keyboard alone", async ({
	app,
	page,
	boot,
	lab,
}) => {
	test.setTimeout(480_000)
	const conf = (port: number) => `printf 'listen=${port}\\nname=demo\\n' >/etc/demo.conf; chmod 640 /etc/demo.conf`
	const booted = await Promise.all(
		["first", "second", "third", "silent"].map((name) => boot(name, { homeserver: false })),
	)
	const [first, second, third, silent] = booted
	for (const [one, port] of [
		[first, 80],
		[second, 8080],
		[silent, 80],
	] as const)
		await one?.execOk(conf(port))
	await second?.execOk("chown owner:daemon /etc/demo.conf")
	await third?.execOk("mkdir /etc/broken && ln -s broken /etc/folder.conf")
	await enlist(app, lab, booted)
	await silent?.dropPackets()

	const folder = join(app.services.library.folder, "demo-fix")
	await writeModule(folder, indexOf(["demo"]), sourcesOf(["demo"]))
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("demo-fix")
	const from = new FromAppliancePage(page)
	await from.open()

	await tabTo(page, "radio", "Fetch files")
	await page.keyboard.press("ArrowRight")
	await tabTo(page, "button", "All")
	await page.keyboard.press("Enter")
	await addPath(page, "/etc/demo.conf")
	await addPath(page, "/etc//folder.conf")
	await tabTo(page, "button", "Compare")
	await page.keyboard.press("Enter")

	// One that does not answer holds nobody up.
	await expect(from.comparing).toHaveText("3 of 4 appliances compared, waiting for silent …", { timeout: 60_000 })
	await tabTo(page, "button", "Cancel")
	await page.keyboard.press("Enter")
	await expect(from.comparing).toHaveText("Cancelled: 3 of 4 appliances compared, not silent.")
	await expect(from.variantOn("/etc/demo.conf", "first")).toContainText("root:root 0640")
	await expect(from.variantOn("/etc/demo.conf", "third")).toContainText("not there")
	await expect(from.variantOn("/etc/folder.conf", "third")).toContainText("folder")
	await expect(from.variantOn("/etc/folder.conf", "first, second")).toContainText("2 appliances")
	await silent?.passPackets()

	await tabTo(page, "button", /^1 appliance .*second/)
	await page.keyboard.press("Enter")
	const both = page.getByRole("region", { name: "On first beside On second" })
	await expect(both).toContainText("listen=80")
	await expect(both).toContainText("listen=8080")
	await look(page, "variants")

	await tabTo(page, "button", "Fetch /etc/demo.conf from second")
	await page.keyboard.press("Enter")
	await expect(from.fetched).toContainText("/etc/demo.conf is fetched as src/etc/demo.conf")
	await expect(from.variantOn("/etc/demo.conf", "second")).toContainText("the same as our source")
	await expect(from.variantOn("/etc/demo.conf", "first")).toContainText("differs from our source")
	await look(page, "variant fetched")
	expect(await readFile(join(folder, "src/etc/demo.conf"), "utf8")).toBe("listen=8080\nname=demo\n")
	const editor = new EditorPage(page)
	await editor.save()
	expect((await operationsOf(folder))[1]).toEqual({
		target: "etc/demo.conf",
		destination: "/etc/demo.conf",
		permissions: { owner: "owner", group: "daemon", mode: "0640" },
	})

	// What was chosen by its content is not taken in another one.
	await first?.execOk("echo changed=1 >>/etc/demo.conf")
	await page.getByRole("button", { name: "Fetch /etc/demo.conf from first" }).click()
	await expect(page.getByRole("alert")).toContainText("/etc/demo.conf has changed since it was looked at")
	await from.compareButton.click()
	await expect(from.comparing).toHaveText("4 of 4 appliances compared.", { timeout: 60_000 })
	await page.getByRole("button", { name: "Fetch /etc/demo.conf from first" }).click()
	await expect(from.fetched).toContainText("is there already, with other content")
	await page.getByRole("button", { name: "Replace it" }).click()
	await expect(from.fetched).toContainText("is fetched as")
	expect(await readFile(join(folder, "src/etc/demo.conf"), "utf8")).toContain("changed=1")
	await editor.save()
	expect(await operationsOf(folder)).toHaveLength(2)

	// A destination of the module whose source is gone: told, and fetched again, with the operation that it has.
	await rm(join(folder, "src/etc/demo.conf"))
	await page.getByRole("combobox", { name: "Paths" }).focus()
	for (const _ of [1, 2]) await page.keyboard.press("Backspace")
	await from.compareButton.click()
	await expect(from.comparing).toHaveText("4 of 4 appliances compared.", { timeout: 60_000 })
	const known = page.getByRole("region", { name: "/etc/demo.conf" })
	await expect(known).toContainText("src/etc/demo.conf is missing")
	await expect(from.variantOn("/etc/demo.conf", "second")).toContainText("our source is missing, never applied by us")
	await page.getByRole("button", { name: "Fetch /etc/demo.conf from second" }).click()
	await expect(from.fetched).toContainText("is fetched as src/etc/demo.conf")
	await expect(known).toContainText("from src/etc/demo.conf")
	expect(await readFile(join(folder, "src/etc/demo.conf"), "utf8")).toContain("8080")
	await expect(editor.status("Saved")).toBeVisible()
})
