/** A path pattern: a text for each name, or any number of names, none included. */
export type Glob = readonly (string | typeof ANY_NAMES)[]

export const ANY_NAMES = Symbol("**")

/** So that a whole policy can be matched in no time whatever it says. */
const MAX_LENGTH = 1024

/** Other programs' signs: taken as themselves they would silently mean something else than their writer did. */
const FOREIGN_SIGN = /[?[\]{}\\]/

/**
 * Reads a pattern for absolute paths: `*` stands for any characters of one name (none, and dots, included), `**` between
 * slashes for any number of names (none included); everything else stands for itself.
 */
export function parseGlob(text: string): Glob | { fault: string; remedy: string } {
	const [first, ...names] = text.split("/")
	if (first !== "" || names.length === 0) return { fault: "this is no absolute path", remedy: 'begin it with "/"' }
	if (text.length > MAX_LENGTH)
		return { fault: "this pattern is too long", remedy: `keep it within ${MAX_LENGTH} characters` }
	if (names.some((name) => name === "" || name === "." || name === ".."))
		return {
			fault: "this is no normal path",
			remedy: 'write it without "//", "/./", "/../" and without "/" at its end',
		}
	const sign = FOREIGN_SIGN.exec(text)?.[0]
	if (sign !== undefined) return { fault: `"${sign}" has no meaning here`, remedy: 'write "*" for what it stands for' }
	if (names.some((name) => name !== "**" && name.includes("**")))
		return { fault: '"**" stands beside other characters', remedy: 'write "/**/" for any number of folders' }
	if (/[\p{Cs}\0]/u.test(text))
		return { fault: "no file can have such a name", remedy: "take NUL and half characters out" }
	return names.map((name) => (name === "**" ? ANY_NAMES : name))
}

/** The names before the first sign: where all that the pattern means lies. */
export function literalNames(glob: Glob): string[] {
	const names: string[] = []
	for (const part of glob) {
		if (typeof part === "symbol" || part.includes("*")) break
		names.push(part)
	}
	return names
}

/** Whether a pattern means exactly this absolute path. */
export function matchesGlob(glob: Glob, path: string): boolean {
	return matchesAll(glob, path.split("/").slice(1), (part) => part === ANY_NAMES, matchesName)
}

/** Whether it means the path, or a folder above it. */
export function coversPath(glob: Glob, path: string): boolean {
	return matchesGlob([...glob, ANY_NAMES], path)
}

function matchesName(part: Glob[number], name: string): boolean {
	if (typeof part === "symbol") return false
	return matchesAll(
		[...part],
		[...name],
		(sign) => sign === "*",
		(sign, character) => sign === character,
	)
}

/**
 * Whether signs match items one by one, where some signs stand for any number of items. When nothing fits, only the last
 * of those takes one more: an earlier one can gain nothing by it. So the steps are bounded by one length times the other.
 */
function matchesAll<Sign, Item>(
	signs: readonly Sign[],
	items: readonly Item[],
	isMany: (sign: Sign) => boolean,
	fits: (sign: Sign, item: Item) => boolean,
): boolean {
	let sign = 0
	let item = 0
	let retry: { sign: number; item: number } | undefined
	while (item < items.length || sign < signs.length) {
		if (sign < signs.length && isMany(signs[sign] as Sign)) {
			retry = { sign, item }
			sign += 1
		} else if (sign < signs.length && item < items.length && fits(signs[sign] as Sign, items[item] as Item)) {
			sign += 1
			item += 1
		} else if (retry && retry.item < items.length) {
			retry.item += 1
			item = retry.item
			sign = retry.sign + 1
		} else return false
	}
	return true
}
