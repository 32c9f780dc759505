import { cp, lstat, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { FailureError } from "../../schema/failure.ts"
import { requireGoing } from "../services/waiting.ts"
import { isMissing } from "./files/disk-failure.ts"
import { readGitConfig } from "./git/git-config.ts"

/** What a history consists of. Hooks, logs, other working trees and whatever else leads elsewhere stay behind. */
const PARTS = ["HEAD", "packed-refs", "shallow", "index", "objects", "refs"]

/** Of a configuration, what says where the history is pulled from, and in which format it is: nothing that is run. */
const KEPT_SETTINGS =
	/^(?:remote\..+\.(?:url|fetch)|branch\..+\.(?:remote|merge)|extensions\.(?:objectformat|refstorage))$/

/**
 * Copies a repository's history out of a folder from anywhere: `git` runs what a configuration or a hook names, and the copy
 * is the engineer's own, so that git itself would not warn any more. Fails with `repository-unusable` where a part of it is a
 * link or lies in another repository.
 */
export async function copyHistory(from: string, to: string, signal?: AbortSignal): Promise<void> {
	const refuse = (reason: string) => new FailureError("repository-unusable", { path: from, reason })
	for (const [path, reason] of [
		["objects/info/alternates", "alternates"],
		["commondir", "damaged"],
	] as const)
		if (await lstat(join(from, path)).catch(isMissing)) throw refuse(reason)
	await mkdir(to)
	for (const part of PARTS) {
		if (!(await lstat(join(from, part)).catch(isMissing))) continue
		await cp(join(from, part), join(to, part), {
			recursive: true,
			verbatimSymlinks: true,
			async filter(path) {
				requireGoing(signal, "the copy")
				const found = await lstat(path)
				if (found.isDirectory() || found.isFile()) return true
				throw refuse("damaged")
			},
		})
	}
	await writeFile(join(to, "config"), await makeConfig(join(from, "config")))
}

async function makeConfig(path: string): Promise<string> {
	const settings = [...(await readGitConfig(path))].filter(([name]) => KEPT_SETTINGS.test(name))
	const version = settings.some(([name]) => name.startsWith("extensions.")) ? 1 : 0
	const lines = settings.flatMap(([name, value]) => lineOf(name, value) ?? [])
	return `[core]\n\trepositoryformatversion = ${version}\n\tbare = false\n${lines.join("")}`
}

/** One setting in a section of its own; undefined for one that no sound program writes. */
function lineOf(name: string, value: string): string | undefined {
	const [section = ""] = name.split(".")
	const key = name.slice(name.lastIndexOf(".") + 1)
	const subsection = name.slice(section.length + 1, -key.length - 1)
	const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
	if (/[\x00-\x1f\x7f]/.test(name + value)) return undefined
	return `[${section}${subsection === "" ? "" : ` ${quoted(subsection)}`}]\n\t${key} = ${quoted(value)}\n`
}
