import { createHash } from "node:crypto"
import type { EngineOptions, EngineRunRequest, ModuleOnHost, RunResult } from "../../core/engine/engine.ts"
import type { Host } from "../../core/engine/host.ts"
import { applyModule } from "../../core/engine/run.ts"
import type { RunEvent } from "../../core/schema/event.ts"
import { digestInput, type Manifest, type Source } from "../../core/schema/manifest.ts"
import { type History, type Inodes, last, ROOT } from "./disk/inode.ts"
import type { SimulatedDisk } from "./disk/simulated-disk.ts"

/** The customer's files. */
export const FILES = "/srv"
export const STATE = "/var/lib/hotfix"
const LOG = "/var/log/update.log"
/** Of the run that a scenario begins. */
export const JOURNAL = `${STATE}/runs/run/journal.jsonl`
const SOURCES = "/media/sources"

export const options: EngineOptions = { stateFolder: STATE, logFile: LOG, runnerVersion: "test" }

/** Hours apart, so that each process finds what the one before it wrote to be old. */
export const times = {
	before: Date.parse("2026-01-01T00:00:00Z"),
	earlier: Date.parse("2026-01-02T00:00:00Z"),
	step: Date.parse("2026-01-03T00:00:00Z"),
	recovery: Date.parse("2026-01-04T00:00:00Z"),
	next: Date.parse("2026-01-05T00:00:00Z"),
}

/** An empty disk. */
export function emptyInodes(): Inodes {
	const at = BigInt(times.before) * 1_000_000n
	const meta = { mode: 0o755, uid: 0, gid: 0, atimeNs: at, mtimeNs: at, ctimeNs: at }
	return new Map([[ROOT, { kind: "folder", meta: [meta], names: new Map() }]])
}

export interface TestPool {
	id: string
	/** Content by destination, a name below the customer's files; with a mode, the operation asks for it. */
	files: Record<string, string | { content: string; mode: string }>
	closure?: string[]
	checks?: string[]
	confirmSeconds?: number
}

export interface TestModule {
	version: string
	pools: TestPool[]
	finalClosure?: string[]
}

/** Every content that any version of a module has, on the disk from the beginning. */
export async function writeSources(disk: SimulatedDisk, modules: TestModule[]): Promise<void> {
	await makeFolders(disk, SOURCES)
	const contents = modules.flatMap(({ pools }) => pools.flatMap(({ files }) => Object.values(files).map(contentOf)))
	for (const content of new Set(contents)) await write(disk, `${SOURCES}/${digestOf(content)}`, content)
}

export async function makeFolders(disk: SimulatedDisk, path: string): Promise<void> {
	const names = path.split("/").slice(1)
	for (let count = 1; count <= names.length; count++) {
		const folder = `/${names.slice(0, count).join("/")}`
		if (!(await disk.lstat(folder))) await disk.makeFolder(folder, 0o755)
	}
}

/** A file of the customer's, with its folders. */
export async function write(disk: SimulatedDisk, path: string, content: string, mode = 0o644): Promise<void> {
	await makeFolders(disk, path.slice(0, path.lastIndexOf("/")))
	const file = await disk.open(path, "create", mode)
	await file.write(new TextEncoder().encode(content), 0)
	await file.close()
}

/** What the disk's users see of a file; undefined when there is none. */
export async function read(disk: SimulatedDisk, path: string): Promise<string | undefined> {
	const stat = await disk.lstat(path)
	if (!stat) return undefined
	const file = await disk.open(path, "read")
	const bytes = new Uint8Array(10_000)
	const count = await file.read(bytes, 0)
	await file.close()
	return new TextDecoder().decode(bytes.subarray(0, count))
}

export async function apply(
	host: Host,
	module: TestModule,
	run: string,
	request: Partial<EngineRunRequest> = {},
	onEvent: (event: RunEvent) => void = () => {},
): Promise<RunResult> {
	const all = { kind: "apply", force: false, allowDowngrade: false, modify: false, ...request } as const
	return applyModule(host, options, makeModule(module), all, { run, onEvent })
}

/** The module as it lies on the disk (`writeSources`). */
export function makeModule({ version, pools, finalClosure = [] }: TestModule): ModuleOnHost {
	const sources: Source[] = []
	const written = pools.map(({ id, files, closure = ["true"], ...pool }) => {
		const operations = Object.entries(files).map(([destination, file], index) => {
			const target = `${id}-${index}`
			const content = contentOf(file)
			sources.push({ target, digest: digestOf(content), size: Buffer.byteLength(content), mode: 0o644 })
			const permissions = typeof file === "string" ? {} : { permissions: { mode: file.mode } }
			return { target, destination: `${FILES}/${destination}`, ...permissions }
		})
		return { id, operations, closure, ...pool }
	})
	const index = JSON.stringify({ metadata: { schema_version: version }, pools: written, finalClosure })
	const manifest: Manifest = { name: "hotfix", index, sources, digest: digestOf(digestInput(index, sources)) }
	const digests = new Map(sources.map(({ target, digest }) => [target, digest]))
	return { manifest, pathOf: (target) => `${SOURCES}/${digests.get(target)}` }
}

function contentOf(file: string | { content: string }): string {
	return typeof file === "string" ? file : file.content
}

function digestOf(text: string | Uint8Array): string {
	return createHash("sha256").update(text).digest("hex")
}

/** Everything below a folder, by path: what "exactly as before" is compared by. Times of access and folders are not. */
export function treeOf(inodes: Inodes, folder: string): Record<string, string> {
	const links = new Map<number, number>()
	for (const inode of inodes.values()) {
		if (inode.kind !== "folder") continue
		for (const history of inode.names.values()) {
			const number = last(history)
			if (number !== undefined) links.set(number, (links.get(number) ?? 0) + 1)
		}
	}
	const tree: Record<string, string> = {}
	const visit = (path: string, number: number) => {
		const inode = inodes.get(number)
		if (!inode) throw new Error(`cannot happen: ${path} leads nowhere`)
		const { mode, uid, gid, mtimeNs, attributes = "" } = last(inode.meta)
		const owned = `${mode.toString(8)} ${uid}:${gid}`
		if (inode.kind === "link") tree[path] = `link ${inode.target}`
		if (inode.kind === "file") {
			const content = Buffer.from(last(inode.data)).toString("latin1")
			tree[path] = `${owned} ${mtimeNs / 1_000_000n} x${links.get(number)} [${attributes}] ${content}`
		}
		if (inode.kind !== "folder") return
		tree[path] = `folder ${owned}`
		for (const [name, history] of [...inode.names].sort(([a], [b]) => (a < b ? -1 : 1))) {
			const inside = last(history)
			if (inside !== undefined) visit(`${path}/${name}`, inside)
		}
	}
	const number = numberOf(inodes, folder)
	if (number !== undefined) visit(folder, number)
	return tree
}

/** By a path without links. */
export function numberOf(inodes: Inodes, path: string): number | undefined {
	let number: number | undefined = ROOT
	for (const name of path.split("/").slice(1)) {
		const inode: ReturnType<Inodes["get"]> = number === undefined ? undefined : inodes.get(number)
		const history: History<number | undefined> | undefined =
			inode?.kind === "folder" ? inode.names.get(name) : undefined
		number = history && last(history)
	}
	return number
}

export function bytesAt(inodes: Inodes, path: string): Uint8Array | undefined {
	const number = numberOf(inodes, path)
	const inode = number === undefined ? undefined : inodes.get(number)
	return inode?.kind === "file" ? last(inode.data) : undefined
}

export function textAt(inodes: Inodes, path: string): string | undefined {
	const bytes = bytesAt(inodes, path)
	return bytes && new TextDecoder().decode(bytes)
}
