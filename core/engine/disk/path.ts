/** The folder an absolute path lies in. */
export function folderOf(path: string): string {
	return path.slice(0, path.lastIndexOf("/")) || "/"
}

export function nameOf(path: string): string {
	return path.slice(path.lastIndexOf("/") + 1)
}

export function join(folder: string, name: string): string {
	return folder === "/" ? `/${name}` : `${folder}/${name}`
}

/** Whether a path is a folder or lies in it. */
export function isBelow(path: string, folder: string): boolean {
	return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`)
}
