import { folderOf, type ModelFolder, type Owner, realPath, type Tree } from "./tree.ts"

/**
 * Whether a link that others can have made leads a destination to a file that is none of theirs. Links of the model are
 * its own account's: others can have made them where they may write to a folder on the way.
 */
export function isPlanted(tree: Tree, destination: string, path: string, self: Owner): boolean {
	const links: string[] = []
	realPath(tree, destination, (link) => links.push(link))
	for (const link of links) {
		const exposed = findExposed(tree, folderOf(link), self)
		if (exposed !== undefined) return !isTheirs(tree, exposed, path, self)
	}
	return false
}

function isTheirs(tree: Tree, exposed: string, path: string, self: Owner): boolean {
	const place = findExposed(tree, folderOf(path), self)
	if (place === exposed) return true
	const { uid } = tree.get(exposed) as ModelFolder
	if (isTrusted(uid, self)) return false
	return [path, place ?? ""].some((one) => {
		const node = tree.get(one)
		return node !== undefined && node.kind !== "link" && node.uid === uid
	})
}

/** The outermost folder on the way that others own or may write to. */
function findExposed(tree: Tree, folder: string, self: Owner): string | undefined {
	if (folder === "/") return undefined
	const outer = findExposed(tree, folderOf(folder), self)
	if (outer !== undefined) return outer
	const node = tree.get(folder)
	return node?.kind === "folder" && isOthers(node, self) ? folder : undefined
}

function isOthers({ uid, gid, mode }: ModelFolder, self: Owner): boolean {
	const isGroups = (mode & 0o020) !== 0 && gid !== 0 && gid !== self.gid
	return !isTrusted(uid, self) || ((mode & 0o1000) === 0 && (isGroups || (mode & 0o002) !== 0))
}

const isTrusted = (uid: number, self: Owner) => uid === 0 || uid === self.uid
