import { appendFile } from "node:fs/promises"
import { join } from "node:path"
import type { Appliance as Target } from "../../core/schema/appliance.ts"
import type { BootOptions } from "../support/appliances/appliance.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { test as base, type RunningApp } from "./app.ts"

const systemd = canBootSystemd()

/** Why there can be no real appliance here; undefined when there can. For `test.skip`. */
export const obstacle = systemd.ok ? undefined : systemd.why

/** Tests on real systemd appliances; each test boots its own, which end with it. */
export const test = base.extend<{ boot: (name: string, options?: BootOptions) => Promise<Appliance> }, { lab: Lab }>({
	lab: [
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from the pattern
		async ({}, use) => {
			const lab = await createLab({ name: "e2e" })
			await use(lab)
			await lab.destroy()
		},
		{ scope: "worker", timeout: 240_000 },
	],
	boot: async ({ lab }, use) => {
		const booted: Appliance[] = []
		await use(async (name, options) => {
			const appliance = await lab.boot(name, options)
			booted.push(appliance)
			return appliance
		})
		for (const appliance of booted) await appliance.destroy()
	},
})

/** The app has met these appliances before. */
export function trust(app: RunningApp, appliances: Appliance[]): Promise<void> {
	return appendFile(join(app.folder, "known_hosts"), appliances.map((one) => `${one.hostKeyLine}\n`).join(""))
}

/** Writes real appliances into the app's fleet, with root's key and a host key that is trusted already. */
export async function enlist(app: RunningApp, lab: Lab, appliances: Appliance[], changes: Partial<Target> = {}) {
	await trust(app, appliances)
	const signIn = { method: "key", path: lab.identity } as const
	return appliances.map(({ name, host, port }) =>
		app.services.appliances.save({
			...{ name, host, port, user: "root", signIn, become: "none" as const, tags: [], notes: "", ...changes },
		}),
	)
}
export { expect } from "./app.ts"
