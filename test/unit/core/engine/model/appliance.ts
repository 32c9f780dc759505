import { compareVersions } from "../../../../../core/schema/version.ts"
import { type Command, passesOnModel } from "./command.ts"
import type { ModuleSpec, Outcome, PoolSpec, Request, RevertRequest, Told } from "./spec.ts"
import {
	type Backup,
	type Change,
	type Entry,
	findPlace,
	isSame,
	runTransaction,
	type Snapshot,
} from "./transaction.ts"
import type { Owner, Tree } from "./tree.ts"

interface Return {
	id: string
	changes: Change[]
	unmakes: string[]
	/** Left as its owner changed it, and theirs again. */
	releases: string[]
	closure: Command[]
	isLeaving: boolean
}

interface PoolState {
	outcome: Outcome
	version: string
	/** The run whose files stand. */
	appliedRun?: string
}

interface Written {
	pool: string
	run: string
	version: string
}

/** What became of one pool in one run. */
interface Done {
	run: string
	pool: string
	kind: Kind
	version: string
	outcome: Outcome
	closure: Command[]
	backup?: Backup
	isLeaving?: boolean
	releases?: string[]
	/** What stood before it. */
	before?: { files: Map<string, Written>; pool: PoolState | undefined }
	/** A revert: what stands afterwards. */
	after?: { files: Map<string, Written>; pool: PoolState | undefined }
}

type Kind = "apply" | "rehearse" | "revert"

const worstFirst: Outcome[] = ["degraded", "failed", "applied", "unchanged", "skipped"]

/** An appliance with its memory, as DESIGN §4 and §5 tell it. Small, pure, and nothing of the engine's in it. */
export class ModelAppliance {
	readonly tree: Tree
	readonly #self: Owner
	version: string | undefined
	#published: string | undefined
	readonly pools = new Map<string, PoolState>()
	/** What we last wrote, by path. */
	readonly #files = new Map<string, Written>()
	/** What the customer had, and the folders that were made for what they had not. */
	readonly #originals = new Map<string, { snapshot: Snapshot; makes: string[] }>()
	/** Every pool of every run. */
	readonly #done = new Map<string, Done>()

	constructor(tree: Tree, self: Owner) {
		this.tree = tree
		this.#self = self
	}

	apply(run: string, module: ModuleSpec, request: Request, kind: "apply" | "rehearse"): Told {
		const unknown = request.pools?.some((id) => !module.pools.some((pool) => pool.id === id))
		if (unknown) return { refused: "unknown-pool" }
		const isLower = this.version !== undefined && compareVersions(module.version, this.version) < 0
		if (isLower && !request.allowDowngrade) return { refused: "refused-downgrade" }
		const published = JSON.stringify(module)
		if (this.version === module.version && this.#published !== published) return { refused: "refused-same-version" }
		const returns = this.#findReturns(module, request)
		const told: [string, Outcome][] = []
		const done: Done[] = []
		const runPool = (pool: PoolSpec | Omit<PoolSpec, "enabled">, back?: Return) => {
			const changes = pool.operations.map(({ destination, ...wanted }): Change => ({ destination, wanted }))
			const { unmakes = [], releases = [], isLeaving = false } = back ?? {}
			const { id, checks, closure } = pool
			const all = { changes: [...changes, ...(back?.changes ?? [])], unmakes, checks, closure }
			const result = runTransaction(this.tree, { ...all, isRehearsal: kind === "rehearse" }, this.#self)
			told.push([id, result.outcome])
			done.push({ run, pool: id, kind, version: module.version, ...result, closure, isLeaving, releases })
		}
		const before = new Map(this.pools)
		const isInstalled = this.version === module.version
		for (const pool of module.pools) {
			const isApplied = isInstalled && this.#isApplied(before, module, pool.id)
			if (!pool.enabled || (request.pools && !request.pools.includes(pool.id))) told.push([pool.id, "skipped"])
			else if (isApplied && !request.force && kind === "apply") told.push([pool.id, "unchanged"])
			else
				runPool(
					pool,
					returns.find(({ id }) => id === pool.id),
				)
		}
		for (const back of returns.filter(({ isLeaving }) => isLeaving)) {
			runPool({ id: back.id, operations: [], checks: [], closure: back.closure }, back)
		}
		for (const one of done) this.#remember(one)
		if (this.version === module.version) this.#published = published
		const isDue = kind === "apply" && module.finalClosure.length > 0
		const isProved = module.pools.every(({ id, enabled }) => !enabled || this.#isApplied(this.pools, module, id))
		const finalClosure =
			isDue && isProved ? (passesOnModel(this.tree, module.finalClosure, this.#self) ? "passed" : "failed") : "not-run"
		return { pools: told, outcome: worst(told), finalClosure }
	}

	revert(run: string, request: RevertRequest): Told {
		const found = this.#findApplied(request)
		if ("refused" in found) return found
		const { pool, backup, closure, version, before } = found
		const { entries, makes } = backup
		if (!request.force && entries.some((entry) => this.#isChanged(found, entry)))
			return { refused: "destination-changed" }
		const changes = entries.map(({ destination, path, before }) => {
			const snapshot = request.original ? this.#originals.get(path)?.snapshot : before
			return { destination, wanted: { snapshot } }
		})
		const made = entries.flatMap(({ path }) => this.#originals.get(path)?.makes ?? [])
		const unmakes = request.original ? [...this.#findMade(pool), ...made] : makes
		const transaction = { changes, unmakes, checks: [], closure, isRehearsal: false }
		const result = runTransaction(this.tree, transaction, this.#self)
		const standing = request.original ? undefined : this.#standingAt(pool, before?.pool?.appliedRun)
		const after = { files: request.original ? new Map() : (before?.files ?? new Map()), pool: standing }
		this.#remember({ run, pool, kind: "revert", version, ...result, closure, after })
		return { pools: [[pool, result.outcome]], outcome: result.outcome, finalClosure: "not-run" }
	}

	/** The named run, else the one whose files stand. */
	#findApplied({ pool, run }: RevertRequest): (Done & { backup: Backup }) | { refused: string } {
		const state = this.pools.get(pool)
		if (run === undefined && !state) return { refused: "unknown-pool" }
		if (run === undefined && (state?.outcome === "degraded" || !state?.appliedRun)) return { refused: "bad-request" }
		const done = this.#done.get(`${run ?? state?.appliedRun} ${pool}`)
		if (!done?.backup || !isKept(done)) return { refused: "unknown-run" }
		const hasLeft = done.outcome === "degraded" || (done.kind === "apply" && done.outcome === "applied")
		return hasLeft ? { ...done, backup: done.backup } : { refused: "bad-request" }
	}

	#standingAt(pool: string, run: string | undefined): PoolState | undefined {
		const done = run === undefined ? undefined : this.#done.get(`${run} ${pool}`)
		return done && { outcome: "applied", version: done.version, appliedRun: done.run }
	}

	#findMade(pool: string): string[] {
		const kept = [...this.#done.values()].filter((done) => done.pool === pool && isKept(done))
		return kept.flatMap(({ backup }) => backup?.makes ?? [])
	}

	#isApplied(pools: ModelAppliance["pools"], module: ModuleSpec, id: string): boolean {
		const found = pools.get(id)
		return found?.outcome === "applied" && found.version === module.version
	}

	/** Changed by somebody since, or written by another pool. */
	#isChanged({ run, pool, outcome }: Done, entry: Entry): boolean {
		const { path, before, after } = entry
		const written = this.#files.get(path)
		if (written && written.pool !== pool) return true
		const isLater = written && written.run !== run
		const entries = isLater ? this.#done.get(`${written.run} ${pool}`)?.backup?.entries : [entry]
		const later = entries?.find((one) => one.path === path)
		return this.#isOther(entry, [before, ...(later ? [later.after] : []), ...(outcome === "degraded" ? [after] : [])])
	}

	/** Destinations that only a newer version had, and pools that only it had, a task for each pool. */
	#findReturns(module: ModuleSpec, { pools: asked, force }: Request): Return[] {
		const isNewer = (version: string) => compareVersions(module.version, version) < 0
		const isLeaving = (id: string) => !module.pools.some((pool) => pool.id === id)
		// By its name too: a link that was put there since may lead to what this version writes.
		const kept = module.pools.flatMap(({ operations }) =>
			operations.flatMap(({ destination }) => [this.#leadsTo(destination), destination]),
		)
		const dropped = [...this.#files].filter(([path, { version }]) => isNewer(version) && !kept.includes(path))
		const leaving = [...this.pools].filter(
			([id, { appliedRun, version }]) => appliedRun && isNewer(version) && isLeaving(id),
		)
		const ids = new Set([...dropped.map(([, { pool }]) => pool), ...leaving.map(([id]) => id)])
		const tasks = [...ids]
			.filter((id) => asked?.includes(id) ?? true)
			.map((id) => {
				const files = dropped.filter(([, { pool }]) => pool === id)
				const applied = this.#done.get(`${this.pools.get(id)?.appliedRun} ${id}`)
				const runs = [...new Set(files.map(([, { run }]) => this.#done.get(`${run} ${id}`))), applied].flatMap(
					(one) => one ?? [],
				)
				const isTheirs = ([path, { run }]: [string, Written]) => {
					const entry = this.#done.get(`${run} ${id}`)?.backup?.entries.find((one) => one.path === path)
					return !force && (!entry || this.#isOther(entry, [entry.after]))
				}
				const changes = files
					.filter((file) => !isTheirs(file))
					.map(([destination]) => ({
						destination,
						wanted: { snapshot: this.#originals.get(destination)?.snapshot },
						isReturn: true,
					}))
				const releases = files.filter(isTheirs).map(([path]) => path)
				const { closure = [] } = applied ?? runs.at(-1) ?? {}
				const makes = [
					...runs.flatMap(({ backup }) => backup?.makes ?? []),
					...changes.flatMap(({ destination }) => this.#originals.get(destination)?.makes ?? []),
				]
				return { id, changes, releases, closure, isLeaving: isLeaving(id), makes }
			})
		const unmakes = [...new Set(tasks.flatMap(({ makes }) => makes))]
		return tasks.map((task) => ({ ...task, unmakes }))
	}

	#leadsTo(destination: string): string {
		return findPlace(this.tree, destination)?.path ?? destination
	}

	/** Whether a destination is none of these any more: leads elsewhere, has other content, mode or owner. */
	#isOther({ destination, path }: Entry, ours: Snapshot[]): boolean {
		if (this.#leadsTo(destination) !== path) return true
		const node = this.tree.get(path)
		// Also where a file stands in a folder's place on the way.
		if (node ? node.kind !== "file" : !findPlace(this.tree, path)) return true
		return !ours.some((file) => isSame(file, node as Snapshot))
	}

	#remember(done: Done): void {
		const { run, pool, kind, version, outcome, backup, isLeaving } = done
		done.before = { files: new Map(this.#files), pool: this.pools.get(pool) }
		this.#done.set(`${run} ${pool}`, done)
		const hasLeft = outcome === "degraded" || (outcome === "applied" && kind !== "rehearse")
		for (const { path, before } of hasLeft ? (backup?.entries ?? []) : []) {
			const makes = backup?.makes.filter((folder) => path.startsWith(`${folder}/`)) ?? []
			if (!this.#originals.has(path)) this.#originals.set(path, { snapshot: before, makes })
		}
		if (kind === "apply" || this.version === undefined) this.#rememberVersion(version, kind, outcome)
		if (kind !== "rehearse" && outcome === "applied") this.#rememberFiles(done)
		const isGone = outcome === "applied" && (kind === "revert" || (kind === "apply" && isLeaving))
		if (isGone) this.#setPool(pool, done.after?.pool)
		else if (kind === "apply" || outcome === "degraded") {
			const appliedRun = outcome === "applied" ? run : this.pools.get(pool)?.appliedRun
			this.#setPool(pool, { outcome, version, ...(appliedRun === undefined ? {} : { appliedRun }) })
		}
	}

	#setPool(pool: string, state: PoolState | undefined): void {
		if (state) this.pools.set(pool, state)
		else this.pools.delete(pool)
	}

	#rememberVersion(version: string, kind: Kind, outcome: Outcome): void {
		if (kind === "apply" || outcome === "degraded") this.version = version
	}

	#rememberFiles({ run, pool, version, backup, releases = [], after: stands }: Done): void {
		for (const path of releases) this.#files.delete(path)
		for (const { path, after, isReturn } of backup?.entries ?? []) {
			const written = stands ? stands.files.get(path) : after && !isReturn ? { pool, run, version } : undefined
			if (written) this.#files.set(path, written)
			else this.#files.delete(path)
		}
	}
}

/** A rehearsal's backup goes away with it. */
function isKept({ kind, outcome }: Done): boolean {
	return kind !== "rehearse" || outcome === "degraded"
}

function worst(told: [string, Outcome][]): Outcome {
	return worstFirst.find((outcome) => told.some(([, found]) => found === outcome)) ?? "skipped"
}
