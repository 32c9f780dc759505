import { FailureError } from "../../schema/failure.ts"
import { normalTarget } from "../../schema/manifest.ts"
import { findBadName } from "./git/entry-name.ts"

/** Longest name of one file or folder, bytes: what ext4, NTFS and APFS take. */
const NAME_BYTES = 255

/** A source's path in the module: `src/...`. Fails with `source-refused` for what can be no source. */
export function sourceName(target: string): string {
	const refuse = (reason: string) => {
		throw new FailureError("source-refused", { path: target, reason })
	}
	const parts = target.split("/")
	if (target.includes("\0") || target === "" || target.isWellFormed() === false) refuse("name")
	if (target.startsWith("/") || parts.includes("..")) refuse("outside")
	const normal = normalTarget(target)
	if (normal === "" || normal === "src" || target.endsWith("/")) refuse("name")
	if (parts.some((part) => findBadName(part) === "git-folder")) refuse("git-folder")
	if (parts.some((part) => Buffer.byteLength(part) > NAME_BYTES)) refuse("name-too-long")
	// A backslash is a folder on Windows and a letter elsewhere: no name may mean two things.
	if (process.platform === "win32" && target.includes("\\")) refuse("name")
	return `src/${normal}`
}
