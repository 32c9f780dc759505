import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Page } from "@playwright/test"
import type { Connect } from "../../core/fleet/services/types.ts"
import { FailureError } from "../../core/schema/failure.ts"
import { writeModule } from "../support/module-folder.ts"
import { makeAppliance } from "../unit/core/fleet/make.ts"
import { fakePort, HELLO } from "../unit/core/protocol/fake-port.ts"
import type { RunningApp } from "./app.ts"
import { look } from "./look.ts"
import { KeyTable } from "./pages/key-table.ts"
import { PreparePage } from "./pages/prepare-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"
import { enlist, expect, makeModule, test } from "./strangers.ts"
import { tabTo } from "./tab-to.ts"

/** The start page of a rollout of a module to the whole fleet. */
async function show(app: RunningApp, page: Page, folder: string): Promise<PreparePage> {
	await new Shell(page).open(app.url)
	await new RunPage(page).openModule(folder)
	await page.getByRole("button", { name: "Roll out to many …" }).click()
	await page.getByRole("button", { name: "Choose all" }).click()
	return new PreparePage(page)
}

test("a fleet before the first change, by keyboard: keys at once, whose files they are, who goes first", async ({
	app,
	page,
	meet,
}) => {
	test.setTimeout(480_000)
	const [north, south, west, odd, gone] = await Promise.all(["north", "south", "west", "odd", "gone"].map(meet))
	if (!north || !south || !west || !odd || !gone) throw new Error("cannot meet them all")
	const write = async (root: string, content: string) => {
		await mkdir(join(root, "etc"), { recursive: true })
		await writeFile(join(root, "etc/greeting"), content)
	}
	for (const one of [north, south]) await write(one.root, "good day\n")
	await write(west.root, "good day\nand good night\n")
	await mkdir(join(odd.root, "etc/greeting"), { recursive: true })
	enlist(app, [north, south, west, odd, gone])
	await gone.stop()
	const prepare = await show(app, page, await makeModule(app))

	await tabTo(page, "button", "Look at 5 appliances")
	await page.keyboard.press("Enter")
	const keys = new KeyTable(page)
	await expect(keys.rows).toHaveCount(4, { timeout: 120_000 })
	await keys.dialog.getByRole("checkbox", { name: "Select all" }).check()
	await keys.button("Trust 4 selected").click()
	await expect(prepare.standing).toHaveText("5 of 5 appliances looked at", { timeout: 120_000 })

	await expect(prepare.panel("Reach and findings")).toContainText("3 of 5 appliances ready for a run, 2 not")
	await expect(prepare.findings).toHaveCount(2)
	await tabTo(page, "button", /1 appliance.*no SSH server listens/)
	await page.keyboard.press("Enter")
	await expect(prepare.panel("Reach and findings")).toContainText("gone")
	await expect(prepare.panel("Reach and findings")).toContainText("Check the port")

	await tabTo(page, "button", /1 appliance has changed greeting/)
	await page.keyboard.press("Enter")
	await tabTo(page, "button", /changed there: other than on most/)
	await page.keyboard.press("Enter")
	const diff = page.getByRole("region", { name: "Ours and variant 3 of /etc/greeting" })
	await expect(diff).toContainText("-hello")
	await expect(diff).toContainText("+and good night")
	await expect(prepare.panel("Variants")).toContainText("A run keeps it in the backup and writes ours")
	await expect(prepare.canary).toHaveText([
		/^northstands for 2 with greeting variant 1/,
		/^westthe only one with greeting variant 3/,
	])
	await look(page, "prepare")
	await tabTo(page, "button", "Use these 2")
	await page.keyboard.press("Enter")
	await expect(page.getByRole("complementary", { name: "Preview" })).toContainText("Wave 1: 2 canarynorth, west")
	// Who comes first does not make it another look.
	await expect(prepare.panel("Proposed canary").getByRole("button", { name: "Use these 2" })).toBeEnabled()
})

/** A thousand appliances without a server each: every seventh is not reached, every tenth has files of its own. */
const FLEET = 1000
const FILES = 12
/** Milliseconds that each of them takes. */
let takes = 0
const connect: Connect = async ({ name }) => {
	await sleep(takes)
	const number = Number(name.slice(1))
	if (number % 7 === 0) throw new FailureError("timed-out", { host: name, phase: "connect", seconds: 10 })
	const digestOf = (path: string) => (number % 10 === 1 && path.endsWith("/3") ? String(number % 9) : "f").repeat(64)
	const pool = {
		...{ pool: "app", description: "", would: "apply" as const, operations: [], checks: [] },
		...{ closure: ["true"], timeoutSeconds: 300, warnings: [] },
	}
	const module = { name: "wide", version: "1.0.0", digest: "a".repeat(64) }
	return fakePort({
		hello: async () => ({
			...HELLO,
			os: number % 5 ? "Debian GNU/Linux 12 (bookworm)" : "Debian GNU/Linux 11 (bullseye)",
		}),
		plan: async () => ({
			module,
			interrupted: [],
			pools: [pool],
			finalClosure: [],
			space: { neededBytes: 1, freeBytes: 9 },
			spaces: [],
			findings: [],
			...(number % 11 === 0 && { refusal: "The appliance holds 2.0.0 of wide, which is higher than 1.0.0." }),
		}),
		statFiles: async (paths) =>
			paths.map((destination) => ({
				destination,
				now: {
					...{ state: "file" as const, size: 900, mode: 0o644, uid: 0, gid: 0, modified: "", realPath: destination },
					digest: digestOf(destination),
				},
			})),
	})
}

test.describe("a thousand", () => {
	test.use({ replaced: { connect } })

	test("stay quick to look at: few rows, lists that scroll, and a look that can be stopped", async ({ app, page }) => {
		test.setTimeout(1_200_000)
		for (let number = 0; number < FLEET; number++) {
			const { id: _, ...appliance } = makeAppliance({ name: `a${number}`, host: `a${number}` })
			app.services.appliances.save(appliance)
		}
		const files = Object.fromEntries(Array.from({ length: FILES }, (_, at) => [`/srv/app/${at}`, `ours ${at}`]))
		const folder = await writeModule(join(app.folder, "wide"), [{ id: "app", files, closure: ["true"] }])
		const prepare = await show(app, page, folder)
		takes = 500
		await prepare.lookButton.click()
		await expect(prepare.standing).toHaveText(/^[1-9]\d* of 1000 appliances looked at$/)
		await prepare.stopButton.click()
		await expect(prepare.standing).toContainText("Stopped: ")
		takes = 0
		await prepare.lookButton.click()
		await expect(prepare.standing).toHaveText("1000 of 1000 appliances looked at", { timeout: 900_000 })

		await expect(prepare.findings).toHaveCount(2)
		await expect(prepare.findings.first()).toContainText("143 appliances")
		await prepare.findings.first().getByRole("button").click()
		const where = page.getByRole("list", { name: "Where" })
		await expect(where.getByRole("listitem").first()).toHaveText("a0")
		expect(await where.getByRole("listitem").count()).toBeLessThan(40)
		await prepare
			.panel("Variants")
			.getByRole("button", { name: /has changed|have changed/ })
			.click()
		await look(page, "prepare a thousand")
		expect(await page.locator("main *").count()).toBeLessThan(1500)
		await expect(prepare.panel("Proposed canary")).toContainText("and no fewer would do")
	})
})
