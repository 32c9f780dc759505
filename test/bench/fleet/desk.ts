import { rm } from "node:fs/promises"
import { join } from "node:path"
import { createServices } from "../../../core/fleet/services.ts"
import { projectFolder } from "../../support/appliances/paths.ts"
import { type Appliance, createLab, type Lab } from "../../support/appliances/systemd.ts"
import type { Sample } from "../bench.ts"
import { arrangeDestinations, writeModule } from "./module.ts"

/** A desktop and one warm appliance: the runner is there and has run, the module is new each time. */
export interface Desk {
	lab: Lab
	appliance: Appliance
	/** The module's folder. */
	module: string
	/** Another version of the module, all its bytes new. */
	renew(): Promise<void>
	/** From the call, before there is a connection, to the last event. */
	run(): Promise<Sample>
	/** To the run's first event. */
	runToFirstEvent(): Promise<{ milliseconds: number }>
	end(): Promise<void>
}

export async function createDesk(folder: string): Promise<Desk> {
	const lab = await createLab({ name: "bench" })
	const services = await openServices(folder, lab)
	const end = async () => {
		await services.close()
		await lab.destroy()
	}
	try {
		const appliance = await lab.boot("alpha")
		await appliance.execOk(arrangeDestinations)
		const { id } = saveAppliance(services, lab, appliance)
		const module = join(folder, "bench-fix")
		let version = 0

		async function time(isIt: (type: string) => boolean): Promise<{ milliseconds: number }> {
			const startedAt = performance.now()
			const [run] = await services.runs.start({ folder: module, applianceIds: [id] })
			let milliseconds: number | undefined
			for await (const { type } of services.runs.follow(run?.id ?? "")) {
				if (isIt(type)) milliseconds ??= performance.now() - startedAt
			}
			const ended = await services.runs.ended(run?.id ?? "")
			if (milliseconds === undefined || ended.outcome !== "applied" || ended.finalClosure?.outcome !== "passed") {
				throw new Error(`cannot trust the time: ${JSON.stringify(ended)}`)
			}
			return { milliseconds }
		}
		return {
			lab,
			appliance,
			module,
			renew: () => writeModule(module, ++version),
			run: () => time((type) => type === "run-finished"),
			runToFirstEvent: () => time(() => true),
			end,
		}
	} catch (error) {
		await end()
		throw error
	}
}

async function openServices(folder: string, lab: Lab) {
	const dataFolder = join(folder, "data")
	await rm(dataFolder, { recursive: true, force: true })
	return createServices({
		dataFolder,
		host: "cli",
		version: "0.0.0",
		runnerBundle: join(projectFolder, "dist/runner/hotfix-runner.cjs"),
		knownHosts: lab.knownHosts,
		asks: false,
	})
}

function saveAppliance(services: Awaited<ReturnType<typeof openServices>>, lab: Lab, { host, port, name }: Appliance) {
	return services.appliances.save({
		name,
		host,
		port,
		user: "root",
		signIn: { method: "key", path: lab.identity },
		become: "none",
		tags: [],
		notes: "",
	})
}
