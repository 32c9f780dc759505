import type { ModuleFolder } from "../../folder/read-module-folder.ts"
import type { Finding } from "../../schema/finding.ts"
import { quoted } from "../../schema/plain-text.ts"
import { LARGE_BYTES, LARGE_REMEDY } from "../../schema/source-notes.ts"
import { targetsOf } from "../../schema/targets.ts"

/** What no git is made for, bytes. */
export const TOO_LARGE_BYTES = 1024 * 1024 * 1024

/** What matters only for a version that is to be published: sizes, and modes that git does not keep. */
export function publishFindings({ sources }: Pick<ModuleFolder, "sources">, text: string): Finding[] {
	const places = new Map(targetsOf(text).map((place) => [place.target, place]))
	const at = (target: string) => {
		const { path, line, column } = places.get(target) ?? { path: "$", line: 1, column: 1 }
		return { path, line, column }
	}
	const large = sources.filter(({ size }) => size > LARGE_BYTES)
	const odd = sources.filter(({ target, mode }) => places.has(target) && !isKept(mode))
	return [
		...large.map(({ target, size }): Finding => largeFinding(target, size, at(target))),
		...odd.map(
			({ target, mode }): Finding => ({
				severity: "warning",
				rule: "mode-not-kept",
				...at(target),
				message: `${quoted(`src/${target}`)} has the mode ${mode.toString(8).padStart(4, "0")}, of which git keeps only whether it is executable`,
				remedy: 'say the mode with "permissions": {"mode": "..."} where a new file shall have it',
			}),
		),
	]
}

/** Group and others follow the umask of whoever made the file; what the owner may do is what was meant. */
function isKept(mode: number): boolean {
	const base = mode & 0o100 ? 0o755 : 0o644
	return mode === base || mode === (base | 0o020)
}

function largeFinding(target: string, size: number, place: Pick<Finding, "path" | "line" | "column">): Finding {
	const isTooLarge = size > TOO_LARGE_BYTES
	const mebibytes = Math.round(size / 1024 / 1024)
	return {
		severity: isTooLarge ? "fault" : "warning",
		rule: isTooLarge ? "source-too-large" : "source-large",
		...place,
		message: `${quoted(`src/${target}`)} has ${mebibytes} MiB`,
		remedy: isTooLarge ? "bring files above 1 GiB to the appliance in another way" : LARGE_REMEDY,
	}
}
