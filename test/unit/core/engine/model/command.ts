import { doOp, folderOf, nameOf, type Op, type Owner, realPath, type Tree } from "./tree.ts"

/** A command of a closure or check: does something and gives its exit when a file holds a token; passes otherwise. */
export interface Command {
	/** Always when absent. */
	sees?: { path: string; token: string }
	ops: Op[]
	exit: 0 | 1
}

/** On the model; the exit. */
export function runOnModel(tree: Tree, { sees, ops, exit }: Command, self: Owner): number {
	if (sees) {
		const real = realPath(tree, sees.path)
		const node = real === undefined ? undefined : tree.get(real)
		if (node?.kind !== "file" || !node.content.includes(sees.token)) return 0
	}
	for (const op of ops) doOp(tree, op, self)
	return exit
}

/** The first failure ends a list. */
export function passesOnModel(tree: Tree, commands: Command[], self: Owner): boolean {
	return commands.every((command) => runOnModel(tree, command, self) === 0)
}

/** The same for a shell, with the tree's root at `root`. Equal commands have equal texts. */
export function textOf({ sees, ops, exit }: Command, root: string): string {
	const quoted = (path: string) => `'${root}${path}'`
	const lines = ops.map((op) => `{ ${textOfOp(op, quoted(op.path), root)}; } 2>/dev/null`)
	const body = [...lines, exit === 0 ? "true" : "false"].join("; ")
	return sees ? `if grep -qs '${sees.token}' ${quoted(sees.path)}; then ${body}; fi` : body
}

function textOfOp(op: Op, path: string, root: string): string {
	if (op.op === "write") return `if [ -f ${path} ] || [ ! -L ${path} ]; then printf %s '${op.content}' > ${path}; fi`
	if (op.op === "remove") return `rm -f ${path}`
	if (op.op === "mode") return `chmod ${op.mode.toString(8)} ${path}`
	if (op.op === "folder") return `mkdir ${path}`
	const target = op.target.startsWith("/") ? root + op.target : op.target
	const name = `'./${nameOf(op.path)}'`
	return `( cd '${root}${folderOf(op.path)}' && rm -f ${name} && ln -s '${target}' ${name} )`
}
