import { createHash } from "node:crypto"
import { basename, resolve } from "node:path"

/**
 * The name under which an appliance remembers a module: its folder's, in the alphabet of `manifestSchema`. A name that
 * had to be changed for that gets a mark of the original, so that two modules never share one by accident.
 */
export function moduleName(folder: string): string {
	const name = basename(resolve(folder))
	const ascii = name.normalize("NFKD").replace(/\p{Mark}/gu, "")
	const narrow = ascii.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+|-+$/g, "")
	if (name !== "" && narrow === name && narrow.length <= 128) return name
	const mark = createHash("sha256").update(name).digest("hex").slice(0, 8)
	return `${narrow.slice(0, 119) || "module"}-${mark}`
}
