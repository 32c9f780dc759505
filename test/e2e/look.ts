import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { expect } from "./app.ts"

/** A folder for a picture of everything that is looked at, in both colour schemes and sizes: SHOTS=test-results/views */
const shots = process.env.SHOTS
const small = { width: 1024, height: 700 }
const large = { width: 1600, height: 1000 }

/**
 * What is judged in each state of the page, by all rules of axe or by these. Between light and dark nothing but colours
 * differs; between sizes, what scrolls. The last state is only for the eye.
 */
const states = [
	{ colorScheme: "light", size: small, rules: undefined },
	{ colorScheme: "light", size: large, rules: ["scrollable-region-focusable"] },
	{ colorScheme: "dark", size: small, rules: ["color-contrast"] },
	...(shots === undefined ? [] : [{ colorScheme: "dark", size: large, rules: ["color-contrast"] } as const]),
] as const

/** Expects no serious finding of axe and nothing cut off in what is shown now, light and dark, in a small and in a large window. */
export async function look(page: Page, view: string): Promise<void> {
	const before = page.viewportSize()
	for (const { colorScheme, size, rules } of states) {
		await page.setViewportSize(size)
		await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
		await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme)
		await page.evaluate(endTransitions)
		const findings = await (rules ? findingsAgain(page, rules) : findingsOf(page))
		expect.soft(findings, `${view}, ${colorScheme}, ${size.width}`).toEqual([])
		expect.soft(await cutOff(page), `${view}, ${size.width}: cut off`).toEqual([])
		if (shots !== undefined) await takePicture(page, shots, `${view.replaceAll(" ", "-")}-${colorScheme}-${size.width}`)
	}
	if (before) await page.setViewportSize(before)
}

/** The serious and critical findings of all rules, as text that says where. */
async function findingsOf(page: Page): Promise<string[]> {
	// Legacy mode: the other one opens a page of its own, which the content security policy's trusted types refuse.
	return serious(await new AxeBuilder({ page }).setLegacyMode(true).analyze())
}

/** The same of these rules, by the axe that is in the page since `findingsOf`: bringing it there takes most of the time. */
async function findingsAgain(page: Page, rules: readonly string[]): Promise<string[]> {
	return serious(
		await page.evaluate((rules) => {
			const { axe } = window as unknown as { axe: { run(what: Document, options: object): Promise<Results> } }
			return axe.run(document, { runOnly: rules, resultTypes: ["violations"] })
		}, rules),
	)
}

/** A colour on its way to another one is neither of the two; some change slowly whatever the person prefers. */
function endTransitions() {
	for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish()
}

/** Parts of the view that have less room than they need, and no way to the rest. */
function cutOff(page: Page): Promise<string[]> {
	return page
		.locator("section")
		.evaluateAll((sections) =>
			sections
				.filter((one) => getComputedStyle(one).overflowY === "hidden" && one.scrollHeight > one.clientHeight + 1)
				.map(
					(one) => `${one.getAttribute("aria-label") ?? one.className}: ${one.scrollHeight - one.clientHeight} pixels`,
				),
		)
}

type Results = Awaited<ReturnType<AxeBuilder["analyze"]>>

function serious({ violations }: Results): string[] {
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`))
}

async function takePicture(page: Page, folder: string, name: string): Promise<void> {
	await mkdir(folder, { recursive: true })
	await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" })
}
