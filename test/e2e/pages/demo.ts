import type { Page } from "@playwright/test"
import { AppliancesPage } from "./appliances-page.ts"
import { HistoryPage } from "./history-page.ts"
import { RunPage } from "./run-page.ts"
import { Shell } from "./shell.ts"

const appliances = ["Demo: healthy", "Demo: changed by its owner", "Demo: switched off"]

/** Opens the app and adds the demo: its module is in Run, and of its appliances these are chosen. */
export async function openDemo(page: Page, url: string, chosen: string[]) {
	const run = new RunPage(page)
	const shell = new Shell(page)
	await shell.open(url)
	await new AppliancesPage(page).addDemo()
	for (const name of appliances) if (!chosen.includes(name)) await run.appliance(name).uncheck()
	return { shell, run, history: new HistoryPage(page) }
}
