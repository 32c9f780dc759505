import { isVersion } from "../../schema/version.ts"

/** What a tag of the customer's convention says: `<module>-v<version>-<yyyymmdd>`. */
export interface VersionTag {
	module: string
	version: string
	/** `yyyy-mm-dd`. */
	date: string
}

/** The tag of a version; the day is UTC's, so that it is the same wherever it is made again. */
export function makeVersionTag(module: string, version: string, at: Date): string {
	// git allows no ".." in a name.
	const name = module.replaceAll(/\.{2,}/g, ".-")
	return `${name}-v${version}-${at.toISOString().slice(0, 10).replaceAll("-", "")}`
}

/** A ref is a file. */
const MAX_TAG = 255

/** Undefined for any other tag, also for what git would not take as the name of one. */
export function parseVersionTag(tag: string): VersionTag | undefined {
	const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)-v(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)-(\d{4})(\d{2})(\d{2})$/.exec(tag)
	const [, module, version, year, month, day] = match ?? []
	if (!module || !version || tag.length > MAX_TAG || tag.includes("..") || !isVersion(version)) return undefined
	return { module, version, date: `${year}-${month}-${day}` }
}

const TRAILER = "Hotfix-Version"

/** What the commit of a version says; the last line names its tag, so that a lost one can be made again. */
export function makeVersionMessage(module: string, version: string, tag: string, note = ""): string {
	const text = note.replaceAll("\r\n", "\n").trim()
	return [`Publish ${module} ${version}`, ...(text ? [text] : []), `${TRAILER}: ${tag}`].join("\n\n").concat("\n")
}

/** The tag that a commit was published under, and what was noted; undefined for any other commit. */
export function parseVersionMessage(message: string): { tag: string; note?: string } | undefined {
	const match = /^[^\n]*\n+(.*\n)?Hotfix-Version: (\S+)\n*$/s.exec(message)
	if (!match?.[2] || !parseVersionTag(match[2])) return undefined
	const note = match[1]?.trim()
	return { tag: match[2], ...(note && { note }) }
}
