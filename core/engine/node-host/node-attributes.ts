import * as fs from "node:fs/promises"
import { basename, join } from "node:path"
import type { Attributes } from "../host.ts"
import { runTool } from "./run-tool.ts"
import { membersWithAttributes } from "./tar-attributes.ts"

/** Paths for one call, well below the limit on a command line's length. */
const AT_ONCE = 200

/** Through GNU `cp` and `tar`, which every Debian has; no native module. */
export const nodeAttributes: Attributes = {
	missing: () => {
		whyMissing ??= findMissing()
		return whyMissing
	},
	find: findAttributes,
	take: (from, to) => copyAttributes(from, to, "mode,ownership,timestamps,xattr"),
	give: (from, to) => copyAttributes(from, to, "mode,xattr"),
}

let whyMissing: Promise<string | undefined> | undefined

async function findMissing(): Promise<string | undefined> {
	// cp looks at its options before its files: what it says of a file that cannot be there tells what it can do.
	const [cp, tar] = await Promise.all([
		runTool("cp", ["--attributes-only", "--preserve=xattr", "--", "/dev/null/none", "/dev/null/none2"]),
		runTool("tar", ["--help"]),
	])
	if (cp.exit === undefined) return "there is no cp"
	if (!cp.stderr.includes("Not a directory")) return "cp cannot copy extended attributes"
	if (tar.exit === undefined) return "there is no tar"
	return tar.stdout.includes("--xattrs-include") ? undefined : "tar cannot read extended attributes"
}

/** Empty copies that carry the attributes, and one archive of those, whose headers tell which have any. */
async function findAttributes(paths: string[], scratch: string): Promise<Map<string, string>> {
	await fs.mkdir(scratch, { mode: 0o700 })
	const members = new Map<string, string>()
	try {
		for (let from = 0; from < paths.length; from += AT_ONCE) {
			const some = paths.slice(from, from + AT_ONCE)
			const folder = join(scratch, String(from))
			await fs.mkdir(folder)
			// Open files have names that differ; the folders that `--parents` makes would be those of the system's own.
			const isFlat = new Set(some.map((path) => basename(path))).size === some.length
			for (const path of some) members.set(path, `./${from}${isFlat ? `/${basename(path)}` : path}`)
			const parents = isFlat ? [] : ["--parents"]
			await must("cp", await copyOptions("mode,xattr"), ...parents, "-t", folder, "--", ...some)
		}
		const tar = await must(
			"tar",
			[],
			"-c",
			"--format=pax",
			"--xattrs",
			"--xattrs-include=*",
			"--acls",
			"-C",
			scratch,
			".",
		)
		const found = membersWithAttributes(tar)
		return new Map(
			[...members].flatMap(([path, member]) => {
				const digest = found.get(member)
				return digest === undefined ? [] : [[path, digest]]
			}),
		)
	} finally {
		await fs.rm(scratch, { recursive: true, force: true })
	}
}

async function copyAttributes(from: string, to: string, what: string): Promise<void> {
	await must("cp", await copyOptions(what), "--", from, to)
}

async function copyOptions(what: string): Promise<string[]> {
	const hasLabels = await fs.access("/sys/fs/selinux/enforce").then(
		() => true,
		() => false,
	)
	return ["--attributes-only", `--preserve=${what}${hasLabels ? ",context" : ""}`]
}

async function must(program: string, options: string[], ...args: string[]): Promise<Buffer> {
	const ran = await runTool(program, [...options, ...args])
	if (ran.exit === 0) return ran.stdout
	throw new Error(`cannot keep extended attributes: ${ran.stderr.trim().split("\n")[0] ?? `${program} failed`}`)
}
