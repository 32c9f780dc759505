import fc from "fast-check"
import type { Command } from "./command.ts"
import type { ModuleSpec, Operation, PoolSpec, Request } from "./spec.ts"
import { join, type ModelFile, nameAt, type Op, type Owner, type Tree } from "./tree.ts"

/** Few names, so that files, folders and links get in each other's way. */
const names = ["a", "b", "c"]
const folders = ["/", "/a", "/b", "/a/b", "/c", "/c/a", "/c/a/b"]
const path = fc
	.tuple(fc.constantFrom(...folders), fc.constantFrom(...names))
	.map(([folder, name]) => join(folder, name))
const fileMode = fc.constantFrom(0o644, 0o600, 0o755, 0o640, 0o4755, 0o2750)
const folderMode = fc.constantFrom(0o755, 0o700, 0o775, 0o1777)

/** As a link says it: absolute, beside itself, or from the folder above. */
const target = fc.oneof(
	path,
	fc.constantFrom(...names),
	fc.constantFrom(...names).map((name) => `../${name}`),
)

/** Never out of the tree. */
function linkAt<L extends { path: string; target: string }>(link: L): L {
	return link.path.lastIndexOf("/") > 0 ? link : { ...link, target: link.target.replace(/^\.\.\//, "") }
}

const ownContent = fc.oneof(
	{ weight: 20, arbitrary: fc.constantFrom("", "own", "own two", "shared") },
	{ weight: 1, arbitrary: fc.constant("own large") },
)

/** What a version brings: its token is what a command sees. */
const contentOf = (token: string) =>
	fc.oneof(
		{ weight: 20, arbitrary: fc.constantFrom(`${token} x`, `${token} y`, "shared", "") },
		{ weight: 1, arbitrary: fc.constant(`${token} large`) },
	)

/** Owners only for root; nobody else could make or restore them. */
function ownerOf(self: Owner): fc.Arbitrary<Owner> {
	if (self.uid !== 0) return fc.constant(self)
	return fc.constantFrom(self, { uid: 1001, gid: 1001 }, { uid: 1002, gid: 0 })
}

/** A customer's disk. What cannot be made where it would have to be is left out. */
export function treeArbitrary(self: Owner): fc.Arbitrary<Tree> {
	const owner = ownerOf(self)
	const node = fc.oneof(
		{ weight: 4, arbitrary: fc.record({ kind: fc.constant("file" as const), content: ownContent, mode: fileMode }) },
		{ weight: 3, arbitrary: fc.record({ kind: fc.constant("folder" as const), mode: folderMode }) },
		{ weight: 2, arbitrary: fc.record({ kind: fc.constant("link" as const), target }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("hard" as const), to: path }) },
	)
	const mtimeNs = fc.bigInt({ min: 1n, max: 1_700_000_000_999_999_999n })
	return fc.array(fc.tuple(path, node, owner, mtimeNs), { maxLength: 14 }).map((made) => {
		const tree: Tree = new Map()
		for (const [wanted, node, owned, mtimeNs] of made) {
			const name = nameAt(tree, wanted)
			if (name === undefined || tree.has(name)) continue
			if (node.kind === "file") tree.set(name, { ...node, ...owned, mtimeNs })
			if (node.kind === "folder") tree.set(name, { ...node, ...owned })
			if (node.kind === "link") tree.set(name, { kind: "link", target: linkAt({ path: name, ...node }).target })
			const same = node.kind === "hard" ? tree.get(node.to) : undefined
			if (same?.kind === "file") tree.set(name, same satisfies ModelFile)
		}
		return tree
	})
}

function operationArbitrary(token: string, self: Owner): fc.Arbitrary<Operation> {
	const mode = fc.option(fileMode, { nil: undefined, freq: 3 })
	const owner =
		self.uid === 0 ? fc.option(fc.constantFrom(1001, 1002), { nil: undefined, freq: 4 }) : fc.constant(undefined)
	const permissions = fc.record({ mode, uid: owner, gid: owner }).map(({ mode, uid, gid }) => ({
		...(mode === undefined ? {} : { mode }),
		...(uid === undefined ? {} : { uid }),
		...(gid === undefined ? {} : { gid }),
	}))
	return fc.record({ destination: path, content: contentOf(token), mode: fileMode, permissions })
}

/** Harm that a closure may do to what it finds; never a folder in a file's place, which nobody could put right. */
const harm: fc.Arbitrary<Op> = fc.oneof(
	fc.record({ op: fc.constant("write" as const), path, content: fc.constantFrom("", "harmed") }),
	fc.record({ op: fc.constant("remove" as const), path }),
	fc.record({ op: fc.constant("mode" as const), path, mode: fc.constantFrom(0o600, 0o711) }),
	fc.record({ op: fc.constant("link" as const), path, target }).map(linkAt),
	fc.record({
		op: fc.constant("write" as const),
		path: fc.constantFrom(...folders).map((folder) => join(folder, "litter")),
		content: fc.constant("litter"),
	}),
)

const verdict = { exit: fc.constantFrom(0 as const, 1 as const) }

/** Passes for the most part; fails on some content, or always. */
function checkArbitrary(tokens: string[]): fc.Arbitrary<Command> {
	const sees = fc.record({ path, token: fc.constantFrom(...tokens, "own") })
	return fc.oneof(
		{ weight: 5, arbitrary: fc.constant<Command>({ ops: [], exit: 0 }) },
		{ weight: 3, arbitrary: fc.record({ sees, ops: fc.constant<Op[]>([]), exit: fc.constant(1 as const) }) },
		{ weight: 1, arbitrary: fc.constant<Command>({ ops: [], exit: 1 }) },
	)
}

function closureArbitrary(tokens: string[]): fc.Arbitrary<Command[]> {
	const sees = fc.record({ path, token: fc.constantFrom(...tokens) })
	const harms = fc.record({ sees, ops: fc.array(harm, { minLength: 1, maxLength: 2 }), ...verdict })
	const always = fc.record({ ops: fc.array(harm, { minLength: 1, maxLength: 1 }), exit: fc.constant(0 as const) })
	const command = fc.oneof(
		{ weight: 5, arbitrary: checkArbitrary(tokens) },
		{ weight: 3, arbitrary: harms },
		{ weight: 1, arbitrary: always },
	)
	return fc.array(command, { minLength: 1, maxLength: 3 })
}

function poolArbitrary(tokens: string[], token: string, self: Owner): fc.Arbitrary<Omit<PoolSpec, "id">> {
	const operation = operationArbitrary(token, self)
	return fc.record({
		operations: fc.array(operation, { minLength: 1, maxLength: 5 }).map(withoutNested),
		closure: closureArbitrary(tokens),
		checks: fc.oneof(
			{ weight: 3, arbitrary: fc.constant<Command[]>([]) },
			{ weight: 1, arbitrary: fc.array(checkArbitrary(tokens), { minLength: 1, maxLength: 2 }) },
		),
		enabled: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
	})
}

/** What the schema refuses: the same destination twice, or one below another. */
function withoutNested(operations: Operation[]): Operation[] {
	const isIn = (a: Operation, b: Operation) => `${a.destination}/`.startsWith(`${b.destination}/`)
	return operations.filter(
		(one, index) => !operations.slice(0, index).some((other) => isIn(one, other) || isIn(other, one)),
	)
}

const ids = ["p1", "p2", "p3", "p4"]

function moduleArbitrary(version: string, token: string, self: Owner): fc.Arbitrary<ModuleSpec> {
	const tokens = ["v1", "v2"]
	const pools = fc.array(poolArbitrary(tokens, token, self), { minLength: 1, maxLength: 4 })
	const finalClosure = fc.array(checkArbitrary(tokens), { maxLength: 2 })
	return fc.record({ pools, finalClosure }).map(({ pools, finalClosure }) => ({
		version,
		pools: pools.map((pool, index) => ({ id: ids[index] ?? "", ...pool })),
		finalClosure,
	}))
}

export type Step =
	| { do: "apply" | "rehearse"; module: number; request: Request }
	| { do: "revert"; pool: string; run: number | undefined; original: boolean; force: boolean }
	| { do: "change"; ops: Op[] }

const often = { weight: 4, arbitrary: fc.constant(false) }
const seldom = fc.oneof(often, { weight: 1, arbitrary: fc.constant(true) })

function stepArbitrary(): fc.Arbitrary<Step> {
	const chosen = fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 3 })
	const request = fc
		.record({ pools: fc.option(chosen, { nil: undefined, freq: 5 }), force: seldom, allowDowngrade: fc.boolean() })
		.map(({ pools, ...rest }): Request => ({ ...rest, ...(pools ? { pools } : {}) }))
	const content = fc.constantFrom("", "own", "customer's", "shared")
	const change: fc.Arbitrary<Op> = fc.oneof(
		fc.record({ op: fc.constant("write" as const), path, content }),
		fc.record({ op: fc.constant("remove" as const), path }),
		fc.record({ op: fc.constant("mode" as const), path, mode: fileMode }),
		fc.record({ op: fc.constant("link" as const), path, target }).map(linkAt),
		fc.record({ op: fc.constant("folder" as const), path }),
	)
	const module = fc.oneof({ weight: 4, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.constant(2) })
	const run = fc.record({
		do: fc.constantFrom("apply" as const, "apply" as const, "rehearse" as const),
		module,
		request,
	})
	const revert = fc.record({
		do: fc.constant("revert" as const),
		pool: fc.constantFrom("p1", "p1", "p2", "p3"),
		/** Of the step that this names. */
		run: fc.option(fc.nat(4), { nil: undefined, freq: 4 }),
		original: seldom,
		force: seldom,
	})
	const changes = fc.record({
		do: fc.constant("change" as const),
		ops: fc.array(change, { minLength: 1, maxLength: 3 }),
	})
	return fc.oneof({ weight: 5, arbitrary: run }, { weight: 2, arbitrary: revert }, { weight: 2, arbitrary: changes })
}

/** A customer's disk, two versions of a module and one that was never published as it should be, and what is done. */
export interface Story {
	tree: Tree
	modules: ModuleSpec[]
	steps: Step[]
}

export function storyArbitrary(self: Owner): fc.Arbitrary<Story> {
	return fc.record({
		tree: treeArbitrary(self),
		modules: fc.tuple(
			moduleArbitrary("1.0.0", "v1", self),
			moduleArbitrary("1.1.0", "v2", self),
			moduleArbitrary("1.1.0", "v2", self),
		),
		steps: fc.array(stepArbitrary(), { minLength: 1, maxLength: 7 }),
	})
}
