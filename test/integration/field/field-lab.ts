import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Appliance as Target } from "../../../core/schema/appliance.ts"
import type { AnyEvent } from "../../../core/schema/event.ts"
import type { BootOptions } from "../../support/appliances/appliance.ts"
import { poll } from "../../support/appliances/command.ts"
import { type Appliance, createLab } from "../../support/appliances/systemd.ts"
import { type Desktop, type DesktopOptions, startDesktop } from "../../support/desktop.ts"
import { type WrittenPool, writeModule } from "../../support/module-folder.ts"
import { applianceOf } from "../../support/ssh/access.ts"

export type FieldLab = Awaited<ReturnType<typeof createFieldLab>>

/** Systemd appliances, any number of desktops and modules: everything goes with `destroy`. */
export async function createFieldLab(name: string) {
	const lab = await createLab({ name })
	const base = await mkdtemp(join(tmpdir(), `hotfix-${name}-`))
	const desktops: Desktop[] = []
	let count = 0
	return {
		lab,
		base,
		boot: (host: string, options: BootOptions = {}) => lab.boot(host, { homeserver: false, ...options }),
		async desktop(changes: Partial<DesktopOptions> = {}) {
			const folder = join(base, `desktop-${++count}`)
			const desktop = await startDesktop({ folder, knownHosts: lab.knownHosts, ...changes })
			desktops.push(desktop)
			return desktop
		},
		/** An appliance as root sees it, unless said otherwise. */
		target({ name, host, port }: Appliance, changes: Partial<Target> = {}): Omit<Target, "id"> {
			const signIn = { method: "key", path: lab.identity } as const
			const { id: _, ...target } = applianceOf({ host, port, user: "root" }, { name, signIn, ...changes })
			return target
		},
		module: (pools: WrittenPool[], version?: string) =>
			writeModule(join(base, `module-${++count}`, "field-fix"), pools, version === undefined ? {} : { version }),
		async destroy() {
			for (const desktop of desktops) await desktop.close()
			await lab.destroy()
			await rm(base, { recursive: true, force: true, maxRetries: 20 })
		},
	}
}

/** Starts a run and waits until its closure has made this file there; the run's id on this desktop. */
export async function beginRun(
	{ services }: Desktop,
	appliance: Appliance,
	request: { module: string; applianceId: string; file: string },
): Promise<string> {
	const [run] = await services.runs.start({ folder: request.module, applianceIds: [request.applianceId] })
	const id = run?.id ?? ""
	return poll(`the closure has made ${request.file}`, 90, async () => {
		const { state, failure } = services.runs.get(id)
		if (state === "not-started" || state === "finished") throw new Error(`it is ${state}: ${JSON.stringify(failure)}`)
		return (await appliance.exec(`test -s ${request.file}`)).status === 0 ? id : undefined
	})
}

/** Numbered without gap or double, to the run's end. */
export function isWhole(events: AnyEvent[]): boolean {
	return events.every(({ seq }, index) => seq === index + 1) && events.at(-1)?.type === "run-finished"
}

export const outputOf = (events: AnyEvent[]) =>
	events.map((event) => (event.type === "command-output" && "text" in event ? event.text : "")).join("")
