import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { expect } from "./app.ts"

/** A folder for a picture of everything that is looked at, in both colour schemes and sizes: SHOTS=test-results/views */
const shots = process.env.SHOTS
const sizes = [
	{ width: 1024, height: 700 },
	{ width: 1600, height: 1000 },
]

/** Expects no serious finding of axe in what is shown now, light and dark. */
export async function look(page: Page, view: string): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
		await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme)
		// Between light and dark nothing but colours differs.
		const rules = colorScheme === "light" ? [] : ["color-contrast"]
		expect.soft(await findingsOf(page, rules), `${view}, ${colorScheme}`).toEqual([])
		if (shots !== undefined) await takePictures(page, shots, `${view.replaceAll(" ", "-")}-${colorScheme}`)
	}
}

/** The serious and critical findings of these rules, of all when none is named, as text that says where. */
async function findingsOf(page: Page, rules: string[]): Promise<string[]> {
	// Legacy mode: the other one opens a page of its own, which the content security policy's trusted types refuse.
	const builder = new AxeBuilder({ page }).setLegacyMode(true)
	const { violations } = await (rules.length > 0 ? builder.withRules(rules) : builder).analyze()
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`))
}

async function takePictures(page: Page, folder: string, name: string): Promise<void> {
	await mkdir(folder, { recursive: true })
	const before = page.viewportSize()
	for (const size of sizes) {
		await page.setViewportSize(size)
		await page.screenshot({ path: join(folder, `${name}-${size.width}.png`), animations: "disabled" })
	}
	if (before) await page.setViewportSize(before)
}
