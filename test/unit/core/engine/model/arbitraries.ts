import { relative } from "node:path/posix"
import fc from "fast-check"
import type { Command } from "./command.ts"
import type { ModuleSpec, Operation, PoolSpec, Request } from "./spec.ts"
import { findPlace } from "./transaction.ts"
import { folderOf, join, type ModelFile, nameAt, type Op, type Owner, type Tree } from "./tree.ts"

/** So often in five. */
function maybe<T>(arbitrary: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | undefined> {
	return fc.oneof({ weight: 5 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary })
}

/** Few names, so that files, folders and links get in each other's way. */
const names = ["a", "b", "c"]
const folders = ["/", "/a", "/b", "/a/b", "/c", "/c/a", "/c/a/b"]
const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)))
const path = fc.constantFrom(...paths)
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

function makeFolders(tree: Tree, path: string, owned: Owner): void {
	if (path === "/") return
	makeFolders(tree, folderOf(path), owned)
	const name = nameAt(tree, folderOf(path))
	if (name !== undefined && name !== "/" && !tree.has(name)) tree.set(name, { kind: "folder", mode: 0o755, ...owned })
}

/** Whoever may give a file another name there can be anybody: such files are refused, and have tests of their own. */
function isExposed(tree: Tree, path: string, self: Owner): boolean {
	if (path === "/") return false
	const node = tree.get(folderOf(path))
	const isOthers =
		node?.kind === "folder" &&
		((node.uid !== 0 && node.uid !== self.uid) || (node.gid !== self.gid && node.mode === 0o775))
	return isOthers || isExposed(tree, folderOf(path), self)
}

/** A customer's disk. What cannot be made where it would have to be is left out. */
export function treeArbitrary(self: Owner): fc.Arbitrary<Tree> {
	const owner = ownerOf(self)
	const node = fc.oneof(
		{ weight: 4, arbitrary: fc.record({ kind: fc.constant("file" as const), content: ownContent, mode: fileMode }) },
		{ weight: 3, arbitrary: fc.record({ kind: fc.constant("folder" as const), mode: folderMode }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("link" as const), target }) },
		{
			weight: 3,
			arbitrary: fc.record({ kind: fc.constant("to-file" as const), isRelative: fc.boolean(), pick: fc.nat() }),
		},
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("hard" as const), to: path }) },
	)
	const mtimeNs = fc.bigInt({ min: 1n, max: 1_700_000_000_999_999_999n })
	return fc.array(fc.tuple(path, node, owner, mtimeNs), { minLength: 2, maxLength: 14, size: "max" }).map((made) => {
		const tree: Tree = new Map()
		for (const [wanted, node, owned, mtimeNs] of made) {
			makeFolders(tree, wanted, owned)
			const name = nameAt(tree, wanted)
			if (name === undefined || tree.has(name)) continue
			if (node.kind === "file") tree.set(name, { ...node, ...owned, mtimeNs })
			if (node.kind === "folder") tree.set(name, { ...node, ...owned })
			if (node.kind === "link") tree.set(name, { kind: "link", target: linkAt({ path: name, ...node }).target })
			if (node.kind === "to-file") {
				const files = [...tree].filter(([, { kind }]) => kind !== "folder").map(([path]) => path)
				const to = files[node.pick % files.length]
				const target = to && (node.isRelative ? relative(folderOf(name), to) : to)
				if (target) tree.set(name, { kind: "link", target })
			}
			const same = node.kind === "hard" ? tree.get(node.to) : undefined
			const isOwn = node.kind === "hard" && [name, node.to].every((path) => !isExposed(tree, path, self))
			if (same?.kind === "file" && isOwn) tree.set(name, same satisfies ModelFile)
		}
		return tree
	})
}

interface Surroundings {
	self: Owner
	destination: fc.Arbitrary<string>
}

function operationArbitrary(token: string, { self, destination }: Surroundings): fc.Arbitrary<Operation> {
	const mode = maybe(fileMode, 1)
	const owner = self.uid === 0 ? maybe(fc.constantFrom(1001, 1002), 1) : fc.constant(undefined)
	const permissions = fc.record({ mode, uid: owner, gid: owner }).map(({ mode, uid, gid }) => ({
		...(mode === undefined ? {} : { mode }),
		...(uid === undefined ? {} : { uid }),
		...(gid === undefined ? {} : { gid }),
	}))
	return fc.record({ destination, content: contentOf(token), mode: fileMode, permissions })
}

/** Harm that a closure may do to what it finds; never a folder in a file's place, which nobody could put right. */
function harmArbitrary(path: fc.Arbitrary<string>): fc.Arbitrary<Op> {
	return fc.oneof(
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
}

/** Of what one version brings, or any. */
const token = fc.constantFrom("v1", "v2", "v")
const passes: Command = { ops: [], exit: 0 }
const fails: Command = { ops: [], exit: 1 }

/** Passes for the most part; fails on some content, or always. */
function checkArbitrary(path: fc.Arbitrary<string>): fc.Arbitrary<Command> {
	const sees = fc.record({ path, token: fc.oneof(token, fc.constant("own")) })
	return fc.oneof(
		{ weight: 5, arbitrary: fc.constant(passes) },
		{ weight: 3, arbitrary: sees.map((sees): Command => ({ sees, ops: [], exit: 1 })) },
		{ weight: 1, arbitrary: fc.constant(fails) },
	)
}

function closureArbitrary(path: fc.Arbitrary<string>): fc.Arbitrary<Command[]> {
	const exit = fc.constantFrom(0 as const, 1 as const)
	const harms = fc.record({ path, token }).chain((sees) => {
		const there = harmArbitrary(fc.constant(sees.path))
		const ops = fc.tuple(there, fc.array(harmArbitrary(path), { maxLength: 1 })).map(([op, more]) => [op, ...more])
		return fc.record({ sees: fc.constant(sees), ops, exit })
	})
	const always = harmArbitrary(path).map((op): Command => ({ ops: [op], exit: 0 }))
	const command = fc.oneof(
		{ weight: 4, arbitrary: checkArbitrary(path) },
		{ weight: 4, arbitrary: harms },
		{ weight: 1, arbitrary: always },
	)
	return fc.array(command, { minLength: 1, maxLength: 3 })
}

/** Its commands look at its own destinations more often than elsewhere. */
function poolArbitrary(version: string, surroundings: Surroundings): fc.Arbitrary<Omit<PoolSpec, "id">> {
	const operations = fc
		.array(operationArbitrary(version, surroundings), { minLength: 1, maxLength: 5 })
		.map(withoutNested)
	return operations.chain((operations) => {
		const own = fc.constantFrom(...operations.map(({ destination }) => destination))
		const near = fc.oneof({ weight: 3, arbitrary: own }, { weight: 1, arbitrary: path })
		const checks = fc.array(checkArbitrary(near), { maxLength: 2 })
		return fc.record({
			operations: fc.constant(operations),
			closure: closureArbitrary(near),
			checks: fc.oneof({ weight: 3, arbitrary: fc.constant<Command[]>([]) }, { weight: 1, arbitrary: checks }),
			enabled: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
		})
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

function moduleArbitrary(version: string, token: string, surroundings: Surroundings): fc.Arbitrary<ModuleSpec> {
	const pools = fc.array(poolArbitrary(token, surroundings), { minLength: 1, maxLength: 4 })
	const finalClosure = fc.array(checkArbitrary(path), { maxLength: 2 })
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

function stepArbitrary(found: fc.Arbitrary<string>): fc.Arbitrary<Step> {
	const at = fc.oneof(found, path)
	const chosen = fc.uniqueArray(fc.constantFrom("p1", "p1", "p2", "p2", "p3", "p4"), { maxLength: 2 })
	const request = fc
		.record({ pools: maybe(chosen, 1), force: seldom, allowDowngrade: fc.boolean() })
		.map(({ pools, ...rest }): Request => ({ ...rest, ...(pools ? { pools } : {}) }))
	const content = fc.constantFrom("", "own", "customer's", "shared")
	const change: fc.Arbitrary<Op> = fc.oneof(
		fc.record({ op: fc.constant("write" as const), path: at, content }),
		fc.record({ op: fc.constant("remove" as const), path: at }),
		fc.record({ op: fc.constant("mode" as const), path: at, mode: fileMode }),
		fc.record({ op: fc.constant("link" as const), path: at, target }).map(linkAt),
		fc.record({ op: fc.constant("folder" as const), path: at }),
	)
	const module = fc.oneof({ weight: 4, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.constant(2) })
	const run = fc.record({
		do: fc.constantFrom("apply" as const, "apply" as const, "rehearse" as const),
		module,
		request,
	})
	const revert = fc.record({
		do: fc.constant("revert" as const),
		pool: fc.constantFrom("p1", "p1", "p1", "p2", "p2", "p3"),
		/** Of the step that this names. */
		run: maybe(fc.nat(4), 1),
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
	return treeArbitrary(self).chain((tree) => {
		// For the most part what a module could really mean: files and links that are there, names that are free.
		const open = paths.filter((path) => findPlace(tree, path))
		const there = open.filter((path) => tree.has(nameAt(tree, path) ?? ""))
		const found = there.length > 0 ? fc.constantFrom(...there) : path
		const free = open.length > 0 ? fc.constantFrom(...open) : path
		const destination = fc.oneof(
			{ weight: 6, arbitrary: found },
			{ weight: 5, arbitrary: free },
			{ weight: 1, arbitrary: path },
		)
		return fc.record({
			tree: fc.constant(tree),
			modules: fc.tuple(
				moduleArbitrary("1.0.0", "v1", { self, destination }),
				moduleArbitrary("1.1.0", "v2", { self, destination }),
				moduleArbitrary("1.1.0", "v2", { self, destination }),
			),
			steps: fc.array(stepArbitrary(found), { minLength: 2, maxLength: 7 }),
		})
	})
}
