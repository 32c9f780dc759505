import compare from "semver/functions/compare.js"
import parse from "semver/functions/parse.js"

/** Whether a text is a semantic version to the letter: `1.1.0`, not `v1.1.0`, `1.1` or ` 1.1.0`. */
export function isVersion(text: string): boolean {
	const version = parse(text)
	if (!version) return false
	const build = version.build.length > 0 ? `+${version.build.join(".")}` : ""
	return version.version + build === text
}

/**
 * Orders two versions as semantic versions do: below 0 when `a` is the lower one. Build metadata does not count.
 * Throws a `TypeError` when one is no version; `isVersion` tells beforehand.
 */
export function compareVersions(a: string, b: string): number {
	return compare(a, b)
}
