import { createHash } from "node:crypto"
import { expect } from "vitest"
import type { EngineOptions, ModuleOnHost, RunResult } from "../../../../../core/engine/engine.ts"
import { readHistory } from "../../../../../core/engine/history.ts"
import type { Host } from "../../../../../core/engine/host.ts"
import { makeLayout } from "../../../../../core/engine/layout.ts"
import { revertPool } from "../../../../../core/engine/revert.ts"
import { applyModule } from "../../../../../core/engine/run.ts"
import { readStatus } from "../../../../../core/engine/status.ts"
import type { RunEvent } from "../../../../../core/schema/event.ts"
import { digestInput, type Manifest, type Source } from "../../../../../core/schema/manifest.ts"
import { exitOf } from "../../../../../core/schema/outcome.ts"
import { ModelAppliance } from "./appliance.ts"
import type { Step, Story } from "./arbitraries.ts"
import { type Command, textOf } from "./command.ts"
import { doOpOnDisk, forgetTimes, learnTimes, type RealDisk, readTree, writeTree } from "./real-disk.ts"
import type { ModuleSpec, RevertRequest, Told } from "./spec.ts"
import { bytesOf, doOp, type Owner, print, type Tree } from "./tree.ts"

/** What a story is played on. */
export interface Stage {
	options: EngineOptions
	/** Absolute, without links; stands for the model's `/`. */
	root: string
	/** Absolute; contents of modules. */
	sources: string
	/** A process of its own for each step. `commands` by their text: for a host that has no shell. */
	host(commands: Map<string, Command>): Host
	self: Owner
}

/** Plays a story on model and engine; after each step both must say the same, and the disk must look like the model. */
export async function play(stage: Stage, story: Story): Promise<Told[]> {
	const commands = commandsOf(story, stage.root)
	// Played on copies: a story that fails is played again and again while it is made smaller.
	const model = new ModelAppliance(structuredClone(story.tree), stage.self)
	const start: RealDisk = { disk: stage.host(commands).disk, root: stage.root }
	await writeTree(start, model.tree)
	await writeSources(stage, start, story.modules)
	await compareTrees(start, model.tree)
	const lines = [JSON.stringify(print(model.tree))]
	const all: Told[] = []
	try {
		for (const [index, step] of story.steps.entries()) {
			const host = stage.host(commands)
			lines.push(JSON.stringify(step))
			const told = await playStep(stage, host, model, story, step, `run-${index}`, lines)
			if (told) all.push(told)
		}
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error)
		throw new Error(`${message}\n${lines.join("\n")}`, { cause: error })
	}
	return all
}

async function playStep(
	stage: Stage,
	host: Host,
	model: ModelAppliance,
	story: Story,
	step: Step,
	run: string,
	lines: string[],
): Promise<Told | undefined> {
	const told = playOnModel(model, story, step, run, stage.self)
	const result = await playOnHost(stage, host, story, step, run, (line) => lines.push(line))
	await compareTrees({ disk: host.disk, root: stage.root }, model.tree)
	if (!told || !result) return undefined
	expect(toldOf(result)).toEqual("refused" in told ? told : { outcome: told.outcome, finalClosure: told.finalClosure })
	await compareRecords(stage, host, run, told, result)
	await compareStatus(stage, host, model)
	return told
}

function playOnModel(
	model: ModelAppliance,
	{ modules }: Story,
	step: Step,
	run: string,
	self: Owner,
): Told | undefined {
	if (step.do === "revert") return model.revert(run, revertOf(step))
	if (step.do === "change") for (const op of step.ops) doOp(model.tree, op, self)
	else return model.apply(run, modules[step.module] as ModuleSpec, step.request, step.do)
	return undefined
}

async function playOnHost(
	stage: Stage,
	host: Host,
	{ modules }: Story,
	step: Step,
	run: string,
	tell: (line: string) => void,
): Promise<RunResult | undefined> {
	const onEvent = (event: RunEvent) => {
		if (event.type === "pool-finished") tell(`  ${event.pool} ${event.outcome} ${JSON.stringify(event.reason ?? "")}`)
	}

	const { options, root } = stage
	if (step.do === "change") {
		for (const op of step.ops) await doOpOnDisk({ disk: host.disk, root }, op)
		return undefined
	}
	if (step.do === "revert") return revertPool(host, options, revertOf(step), { run, onEvent })
	const module = onHost(stage, modules[step.module] as ModuleSpec)
	return applyModule(host, options, module, { kind: step.do, modify: false, ...step.request }, { run, onEvent })
}

function revertOf({ run, ...step }: Extract<Step, { do: "revert" }>): RevertRequest {
	return { ...step, ...(run === undefined ? {} : { run: `run-${run}` }) }
}

function toldOf(result: RunResult) {
	if (result.state === "refused") return { refused: result.failure.code }
	if (result.state === "busy") return { refused: "busy" }
	return { outcome: result.outcome, finalClosure: result.finalClosure.outcome }
}

async function compareTrees(real: RealDisk, model: Tree): Promise<void> {
	const disk = await readTree(real)
	const found = new Map(disk)
	const known = new Map([...found].map(([path, node]) => [path, node] as const))
	forgetTimes(known, model)
	expect(print(known)).toEqual(print(model))
	learnTimes(model, await readTree(real))
}

/** History and exit code tell the same; a run that was refused leaves no trace. */
async function compareRecords(stage: Stage, host: Host, run: string, told: Told, result: RunResult): Promise<void> {
	const history = (await readHistory(host, stage.options)).find((found) => found.run === run)
	if ("refused" in told) return expect(history).toBeUndefined()
	const pools = history?.pools.map(({ pool, outcome }) => [pool, outcome])
	expect(pools).toEqual(told.pools)
	expect(history).toMatchObject({ state: "finished", outcome: told.outcome })
	expect(history?.finalClosure?.outcome).toBe(told.finalClosure)
	if (result.state === "finished") expect(exitOf(result.outcome, result.finalClosure)).toBe(exitCodeOf(told))
}

/** DESIGN §6. */
function exitCodeOf(told: Exclude<Told, { refused: string }>): number {
	const outcomes = told.pools.map(([, outcome]) => outcome)
	if (outcomes.includes("degraded")) return 3
	if (outcomes.includes("failed")) return 1
	return told.finalClosure === "failed" ? 5 : 0
}

async function compareStatus({ options }: Stage, host: Host, model: ModelAppliance): Promise<void> {
	const { modules, interrupted, running } = await readStatus(host, options)
	expect({ interrupted, running }).toEqual({ interrupted: [], running: undefined })
	const [module] = modules
	expect(module?.version).toBe(model.version)
	const pools = module?.pools.map(({ pool, outcome }) => [pool, outcome])
	expect(Object.fromEntries(pools ?? [])).toEqual(
		Object.fromEntries([...model.pools].map(([pool, { outcome }]) => [pool, outcome])),
	)
	const layout = makeLayout(options.stateFolder)
	const left = [
		...((await host.disk.readFolder(layout.blobs)) ?? []),
		...((await host.disk.readFolder(layout.root)) ?? []),
	]
	expect(left.filter((name) => name.startsWith(".") || name.endsWith(".new"))).toEqual([])
}

function commandsOf({ modules }: Story, root: string): Map<string, Command> {
	const all = modules.flatMap(({ pools, finalClosure }) => [
		...finalClosure,
		...pools.flatMap(({ checks, closure }) => [...checks, ...closure]),
	])
	return new Map(all.map((command) => [textOf(command, root), command]))
}

/** What a shell would do with the text of a command. */
export async function runOnDisk(real: RealDisk, { sees, ops, exit }: Command): Promise<number> {
	if (sees && !(await hasToken(real, sees))) return 0
	for (const op of ops) await doOpOnDisk(real, op)
	return exit
}

async function hasToken({ disk, root }: RealDisk, { path, token }: { path: string; token: string }): Promise<boolean> {
	try {
		const file = await disk.open(await disk.realPath(root + path), "read")
		const bytes = Buffer.alloc(64)
		const count = await file.read(bytes, 0).finally(() => file.close())
		return bytes.subarray(0, count).includes(token)
	} catch {
		// Not there, or no file: nothing to see.
		return false
	}
}

async function writeSources({ sources }: Stage, { disk }: RealDisk, modules: ModuleSpec[]): Promise<void> {
	const contents = modules.flatMap(({ pools }) =>
		pools.flatMap(({ operations }) => operations.map(({ content }) => content)),
	)
	for (const content of new Set(contents)) {
		const file = await disk.open(`${sources}/${digestOf(bytesOf(content))}`, "create", 0o644)
		await file.write(bytesOf(content), 0)
		await file.close()
	}
}

function onHost({ root, sources }: Stage, { version, pools, finalClosure }: ModuleSpec): ModuleOnHost {
	const texts = (commands: Command[]) => commands.map((command) => textOf(command, root))
	const written: Source[] = []
	const printed = pools.map(({ id, operations, closure, checks, enabled }) => ({
		id,
		enabled,
		checks: texts(checks),
		closure: texts(closure),
		operations: operations.map(({ destination, content, mode, permissions }, index) => {
			const target = `${id}-${index}`
			written.push({ target, digest: digestOf(bytesOf(content)), size: bytesOf(content).length, mode })
			return { target, destination: root + destination, permissions: printPermissions(permissions) }
		}),
	}))
	const index = JSON.stringify({
		metadata: { schema_version: version },
		pools: printed,
		finalClosure: texts(finalClosure),
	})
	const manifest: Manifest = { name: "hotfix", index, sources: written, digest: digestOf(digestInput(index, written)) }
	const digests = new Map(written.map(({ target, digest }) => [target, digest]))
	return { manifest, pathOf: (target) => `${sources}/${digests.get(target)}` }
}

function printPermissions({ mode, uid, gid }: { mode?: number; uid?: number; gid?: number }) {
	return {
		...(mode === undefined ? {} : { mode: mode.toString(8) }),
		...(uid === undefined ? {} : { owner: String(uid) }),
		...(gid === undefined ? {} : { group: String(gid) }),
	}
}

function digestOf(text: string | Buffer): string {
	return createHash("sha256").update(text).digest("hex")
}
