import { join } from "node:path"
import type { Page } from "@playwright/test"
import type { EventBody } from "../../core/schema/event.ts"
import { writeModule } from "../support/module-folder.ts"
import { makeAppliance } from "../unit/core/fleet/make.ts"
import { createScriptedAppliance } from "../unit/core/fleet/scripted-appliance.ts"
import type { RunningApp } from "./app.ts"
import { Shell } from "./pages/shell.ts"

const inClosure = { pool: "web", phase: "closure", index: 0 } as const

/** A run whose closure is under way: `command` says whatever a test lets it say. */
export function beginRun(command: string, more: EventBody[] = []): EventBody[] {
	return [
		{
			type: "run-started",
			kind: "apply",
			module: { name: "web", version: "1.0.0", digest: "0".repeat(64) },
			pools: ["web"],
		},
		{ type: "pool-started", pool: "web" },
		...more,
		{ type: "phase-started", pool: "web", phase: "closure" },
		{ type: "command-started", ...inClosure, command },
	]
}

export function output(text: string, stream: "stdout" | "stderr" = "stdout"): EventBody {
	return { type: "command-output", ...inClosure, stream, text }
}

/** The appliance whose answers a test decides, in the place of every real one. */
export function createScript(script: EventBody[]) {
	const appliance = createScriptedAppliance(script)
	const connect = (_: unknown, { signal }: { signal?: AbortSignal }) => appliance.connect(signal)
	return { appliance, replaced: { connect } }
}

/** Starts a run on it and shows it; answers with the desktop run's id and its own. */
export async function showRun(app: RunningApp, page: Page): Promise<{ id: string; run: string }> {
	const folder = await writeModule(join(app.folder, "web"), [
		{ id: "web", files: { "/srv/web": "x\n" }, closure: ["true"] },
	])
	const { id: _, ...appliance } = makeAppliance()
	const { id: applianceId } = await app.services.appliances.save(appliance)
	const [run] = await app.services.runs.start({ folder, applianceIds: [applianceId] })
	if (!run) throw new Error("no run was started")
	await new Shell(page).open(app.url)
	await page.goto(`${app.url.split("#")[0]}#/runs/${run.batch}`)
	return { id: run.id, run: "r1" }
}
