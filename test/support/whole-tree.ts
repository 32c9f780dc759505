import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"

/**
 * Everything of a folder and of all below it that a write would change, itself included: kind, mode, owner, size, links,
 * inode, both times of change (folders' too), content. Access times are not: looking changes them.
 */
export function wholeTree(root: string): Record<string, string> {
	const tree: Record<string, string> = {}
	const open = ["."]
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		const path = join(root, at)
		const stat = lstatSync(path, { bigint: true })
		const { mode, uid, gid, size, nlink, ino, mtimeNs, ctimeNs } = stat
		const content = stat.isFile() ? readFileSync(path, "latin1") : stat.isSymbolicLink() ? readlinkSync(path) : ""
		tree[at] = `${mode.toString(8)} ${uid}:${gid} ${size} ${nlink} ${ino} ${mtimeNs} ${ctimeNs} ${content}`
		if (stat.isDirectory()) for (const name of readdirSync(path)) open.push(join(at, name))
	}
	return tree
}
