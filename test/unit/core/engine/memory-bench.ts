import { createHash } from "node:crypto"
import type {
	EngineOptions,
	EngineRevertRequest,
	EngineRunRequest,
	ModuleOnHost,
	RunContext,
} from "../../../../core/engine/engine.ts"
import type { Host } from "../../../../core/engine/host.ts"
import { type RecoveredRun, recoverRuns } from "../../../../core/engine/recover.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import { applyModule } from "../../../../core/engine/run.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { digestInput, type Manifest, type Source } from "../../../../core/schema/manifest.ts"
import { emptyInodes, makeFolders, treeOf, write } from "../../../fault/appliance.ts"
import type { Inodes } from "../../../fault/disk/inode.ts"
import type { SimulatedDisk } from "../../../fault/disk/simulated-disk.ts"
import { type Command, createSimulatedHost } from "../../../fault/simulated-host.ts"
import { type Applied, readEvents, type TestModule, type TestPool } from "./workbench.ts"

/** The customer's files. */
export const FILES = "/srv"
const SOURCES = "/media"
const HOUR = 3_600_000

/** An appliance in memory, for many quick runs; commands are functions. */
export interface MemoryBench {
	options: EngineOptions
	/** Of the process that is running or comes next; may be exchanged. */
	host: Host
	disk: SimulatedDisk
	write(name: string, content: string, mode?: number): Promise<void>
	tree(): Record<string, string>
	module(module: TestModule): Promise<ModuleOnHost>
	apply(module: ModuleOnHost, request?: Partial<EngineRunRequest>, context?: Partial<RunContext>): Promise<Applied>
	/** Ends what a crash left open; the events that it tells. */
	recover(): Promise<{ recovered: RecoveredRun[] } & Omit<Applied, "result">>
	revert(request: Partial<EngineRevertRequest> & { pool: string }, context?: Partial<RunContext>): Promise<Applied>
	/** An hour later: the next process, on what the last one left. */
	restart(left?: Inodes): void
}

export async function createMemoryBench(commands: Record<string, Command>): Promise<MemoryBench> {
	let now = Date.parse("2026-01-01T00:00:00Z")
	let count = 0
	const first = createSimulatedHost(emptyInodes(), { now, commands })
	for (const folder of [FILES, SOURCES, "/var/lib", "/var/log"]) await makeFolders(first.disk, folder)
	const options = { stateFolder: "/var/lib/hotfix", logFile: "/var/log/update.log", runnerVersion: "test" }
	const tell = async (context: Partial<RunContext>, run: (context: RunContext) => ReturnType<typeof applyModule>) => {
		const events: RunEvent[] = []
		const onEvent = (event: RunEvent) => {
			events.push(event)
			context.onEvent?.(event)
		}
		const result = await run({ run: `run-${++count}`, ...context, onEvent })
		return { result, events, ...readEvents(events) }
	}
	const bench: MemoryBench = {
		options,
		host: first,
		disk: first.disk,
		write: (name, content, mode) => write(bench.disk, `${FILES}/${name}`, content, mode),
		tree: () => treeOf(bench.disk.inodes(), FILES),
		module: (module) => makeModule(bench.disk, module),
		apply: (module, request = {}, context = {}) => {
			const all = { kind: "apply", force: false, allowDowngrade: false, modify: false, ...request } as const
			return tell(context, (context) => applyModule(bench.host, options, module, all, context))
		},
		recover: async () => {
			const events: RunEvent[] = []
			const recovered = await recoverRuns(bench.host, options, { onEvent: (event) => void events.push(event) })
			return { recovered, events, ...readEvents(events) }
		},
		revert: (request, context = {}) => {
			const all = { original: false, force: false, ...request }
			return tell(context, (context) => revertPool(bench.host, options, all, context))
		},
		restart(left = bench.disk.inodes()) {
			now += HOUR
			const next = createSimulatedHost(left, { now, commands })
			bench.host = next
			bench.disk = next.disk
		},
	}
	return bench
}

async function makeModule(disk: SimulatedDisk, module: TestModule): Promise<ModuleOnHost> {
	const { version = "1.0.0", enabled = true, name = "hotfix", finalClosure = [], mode = 0o644 } = module
	const sources: Source[] = []
	const pools = []
	for (const { id, files, closure = ["true"], permissions, ...pool } of module.pools) {
		const operations: { target: string; destination: string; permissions?: TestPool["permissions"] }[] = []
		for (const [destination, content] of Object.entries(files)) {
			const target: string = `${id}-${operations.length}`
			const digest = digestOf(content)
			if (!(await disk.lstat(`${SOURCES}/${digest}`))) await write(disk, `${SOURCES}/${digest}`, content)
			sources.push({ target, digest, size: Buffer.byteLength(content), mode })
			operations.push({ target, destination: `${FILES}/${destination}`, ...(permissions ? { permissions } : {}) })
		}
		pools.push({ id, operations, closure, ...pool })
	}
	const index = JSON.stringify({ metadata: { schema_version: version, enabled }, pools, finalClosure })
	const manifest: Manifest = { name, index, sources, digest: digestOf(digestInput(index, sources)) }
	const digests = new Map(sources.map(({ target, digest }) => [target, digest]))
	return { manifest, pathOf: (target) => `${SOURCES}/${digests.get(target)}` }
}

function digestOf(text: string): string {
	return createHash("sha256").update(text).digest("hex")
}
