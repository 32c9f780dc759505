import { createHash } from "node:crypto"
import {
	chmodSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type {
	EngineOptions,
	EngineRunRequest,
	ModuleOnHost,
	RunContext,
	RunResult,
} from "../../../../core/engine/engine.ts"
import type { Host } from "../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { applyModule } from "../../../../core/engine/run.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { digestInput, type Manifest, type Source } from "../../../../core/schema/manifest.ts"
import type { PoolOutcome, Reason } from "../../../../core/schema/outcome.ts"

/** A pool of a test's module; destinations are names below the workbench's `files`. */
export interface TestPool {
	id: string
	description?: string
	/** Content by destination. */
	files: Record<string, string>
	closure?: string[]
	checks?: string[]
	timeoutSeconds?: number
	confirmSeconds?: number
	redact?: string[]
	enabled?: boolean
	permissions?: { owner?: string; group?: string; mode?: string }
}

export interface TestModule {
	name?: string
	version?: string
	description?: string
	enabled?: boolean
	pools: TestPool[]
	finalClosure?: string[]
	/** Mode of every source. */
	mode?: number
}

/** A temporary appliance: `files` stands for its disk, `state` is the engine's. */
export interface Workbench {
	folder: string
	host: Host
	options: EngineOptions
	path(name: string): string
	write(name: string, content: string, mode?: number): void
	read(name: string): string
	/** Everything below `files`: kind, mode, content; what "exactly as before" is compared by. */
	tree(): Record<string, string>
	module(module: TestModule): ModuleOnHost
	apply(module: TestModule, request?: Partial<EngineRunRequest>, context?: Partial<RunContext>): Promise<Applied>
	remove(): void
}

export interface Applied {
	result: RunResult
	events: RunEvent[]
	/** `pool: phase phase ... = outcome`, a phase that failed ends with `!`. */
	story: string[]
	outcomes: Record<string, PoolOutcome>
	reasons: Record<string, Reason | undefined>
}

let count = 0

export function createWorkbench(host: Host = createNodeHost()): Workbench {
	const folder = mkdtempSync(join(tmpdir(), "hotfix-engine-"))
	const files = join(folder, "files")
	mkdirSync(files)
	const options = { stateFolder: join(folder, "state"), logFile: join(folder, "update.log"), runnerVersion: "test" }
	const path = (name: string) => join(files, name)
	const bench: Workbench = {
		folder,
		host,
		options,
		path,
		write(name, content, mode = 0o644) {
			mkdirSync(dirname(path(name)), { recursive: true })
			writeFileSync(path(name), content)
			chmodSync(path(name), mode)
		},
		read: (name) => readFileSync(path(name), "utf8"),
		tree: () => readTree(files),
		module: (module) => makeModule(join(folder, "sources"), path, module),
		async apply(module, request = {}, context = {}) {
			const events: RunEvent[] = []
			const result = await applyModule(
				bench.host,
				options,
				bench.module(module),
				{ kind: "apply", force: false, allowDowngrade: false, modify: false, ...request },
				{
					run: `run-${++count}`,
					...context,
					onEvent: (event) => {
						events.push(event)
						context.onEvent?.(event)
					},
				},
			)
			return { result, events, ...readEvents(events) }
		},
		remove: () => rmSync(folder, { recursive: true, force: true }),
	}
	return bench
}

function makeModule(sources: string, path: (name: string) => string, module: TestModule): ModuleOnHost {
	const mode = module.mode ?? 0o644
	const written: Source[] = []
	const pools = module.pools.map(({ id, files, closure = ["true"], permissions, ...pool }) => {
		const operations = Object.entries(files).map(([destination, content], index) => {
			const target = `${id}-${index}`
			const digest = createHash("sha256").update(content).digest("hex")
			mkdirSync(sources, { recursive: true })
			writeFileSync(join(sources, digest), content)
			written.push({ target, digest, size: Buffer.byteLength(content), mode })
			return { target: `src/${target}`, destination: path(destination), ...(permissions ? { permissions } : {}) }
		})
		return { id, operations, closure, ...pool }
	})
	const { version = "1.0.0", enabled = true, name = "hotfix", finalClosure = [], description = "" } = module
	const index = JSON.stringify({ metadata: { schema_version: version, description, enabled }, pools, finalClosure })
	const digest = createHash("sha256").update(digestInput(index, written)).digest("hex")
	const manifest: Manifest = { name, index, sources: written, digest }
	const pathOf = (target: string) => join(sources, written.find((source) => source.target === target)?.digest ?? "none")
	return { manifest, pathOf }
}

export function readEvents(events: RunEvent[]): Pick<Applied, "story" | "outcomes" | "reasons"> {
	const phases = new Map<string, string[]>()
	const outcomes: Record<string, PoolOutcome> = {}
	const reasons: Record<string, Reason | undefined> = {}
	const story: string[] = []
	for (const event of events) {
		if (event.type === "phase-finished" && event.pool) {
			phases.set(event.pool, [...(phases.get(event.pool) ?? []), event.ok ? event.phase : `${event.phase}!`])
		}
		if (event.type === "pool-finished") {
			outcomes[event.pool] = event.outcome
			reasons[event.pool] = event.reason
			story.push(`${event.pool}: ${[...(phases.get(event.pool) ?? []), "=", event.outcome].join(" ")}`)
		}
		if (event.type === "final-closure") story.push(`final closure: ${event.outcome}`)
	}
	return { story, outcomes, reasons }
}

/** What the engine works on, where it names it by a descriptor. */
export function plainPath(path: string): string {
	const [, descriptor, name = ""] = /^(\/proc\/\d+\/fd\/\d+)(\/.*)?$/.exec(path) ?? []
	return descriptor === undefined ? path : readlinkSync(descriptor) + name
}

/** Kind, mode, times and content of everything below a folder. */
export function readTree(root: string, below = ""): Record<string, string> {
	const tree: Record<string, string> = {}
	for (const name of readdirSync(join(root, below)).sort()) {
		const path = join(below, name)
		const stat = lstatSync(join(root, path), { bigint: true })
		const mode = (stat.mode & 0o7777n).toString(8)
		if (stat.isSymbolicLink()) tree[path] = `link ${readlinkSync(join(root, path))}`
		else if (stat.isDirectory()) Object.assign(tree, { [path]: `folder ${mode}` }, readTree(root, path))
		else
			tree[path] =
				`${mode} ${stat.uid}:${stat.gid} ${stat.mtimeNs} x${stat.nlink} ${readFileSync(join(root, path), "latin1")}`
	}
	return tree
}
