import { appendFile, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type Stranger, startStranger } from "../support/ssh/strangers.ts"
import { test as base, type RunningApp } from "./app.ts"

/** Tests with SSH servers of their own in this process, which end with the test. */
export const test = base.extend<{ meet: (name: string) => Promise<Stranger> }>({
	meet: async ({ app }, use) => {
		const met: Stranger[] = []
		await use(async (name) => {
			const stranger = await startStranger(join(app.folder, "strangers"), name)
			met.push(stranger)
			return stranger
		})
		for (const stranger of met) await stranger.stop()
	},
})

/** Writes strangers into the app's fleet; their host keys stay unknown. */
export function enlist(app: RunningApp, strangers: Stranger[]) {
	return strangers.map(({ name, host, port, user, keyPath }) =>
		app.services.appliances.save({
			...{ name, host, port, user, tags: [], notes: "", become: "none" },
			signIn: { method: "key", path: keyPath },
		}),
	)
}

/** The app has met these before. */
export function trustAll(app: RunningApp, strangers: Stranger[]): Promise<void> {
	const lines = strangers.map(({ port, publicKey }) => `[127.0.0.1]:${port} ${publicKey}\n`)
	return appendFile(join(app.folder, "known_hosts"), lines.join(""))
}

/** A module of one pool that writes one file, in a folder of the test. */
export async function makeModule(app: RunningApp, closure = "true"): Promise<string> {
	const folder = join(app.folder, "greeting")
	await mkdir(join(folder, "src"), { recursive: true })
	await writeFile(join(folder, "src/greeting"), "hello\n")
	const pool = {
		id: "greeting",
		operations: [{ target: "greeting", destination: "/etc/greeting" }],
		closure: [closure],
	}
	const index = { metadata: { schema_version: "1.0.0" }, pools: [pool], finalClosure: [] }
	await writeFile(join(folder, "index.json"), JSON.stringify(index, null, 2))
	return folder
}

export { expect } from "./app.ts"
