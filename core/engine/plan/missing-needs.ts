import { type Need, needsOf } from "../../schema/appliance-commands.ts"
import type { Advice } from "../../schema/lint.ts"
import type { Module, Pool } from "../../schema/module.ts"
import { quoted } from "../../schema/plain-text.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { FileStat, Host } from "../host.ts"

/**
 * Advice on commands and units that this appliance does not have, of the pools that would run and the final closure.
 * Looks at the disk only and starts nothing; where it is not sure it says nothing.
 */
export async function adviseOnNeeds(host: Host, module: Module, pools: Pool[]): Promise<Advice[]> {
	const { programFolders: folders } = host
	if (!folders) return []
	const needs = needsOf(module, pools, folders)
	const hasSystemd = (await host.disk.lstat("/run/systemd/system")) !== undefined
	const isMissing = {
		program: (name: string) => isProgramMissing(host, folders, name),
		unit: async (name: string) => hasSystemd && (await isUnitMissing(host, name)),
	}
	const different = new Map(needs.map((need) => [keyOf(need), need]))
	const missing = await sideBySide([...different], async ([key, { kind, name }]) =>
		(await isMissing[kind](name)) ? [key] : [],
	)
	const isGone = new Set(missing.flat())
	return needs.filter((need) => isGone.has(keyOf(need))).map(makeAdvice)
}

function keyOf({ kind, name }: Need): string {
	return `${kind} ${name}`
}

function makeAdvice({ kind, name, path }: Need): Advice {
	const what = kind === "program" ? "command" : "unit"
	return {
		path,
		rule: `${what}-missing`,
		message: `this appliance has no ${what} ${quoted(name)}`,
		remedy: `correct the name, or install the ${what} beforehand`,
	}
}

async function isProgramMissing(host: Host, folders: readonly string[], name: string): Promise<boolean> {
	const paths = name.includes("/") ? [name] : folders.map((folder) => `${folder}/${name}`)
	for (const path of paths) if (await mayBe(host, path, (stat) => (stat.mode & 0o111) !== 0)) return false
	return true
}

/** Where systemd looks for units, by rank; `generator` holds what it made of fstab, of init.d and the like. */
const UNIT_FOLDERS = [
	"/etc/systemd/system.control",
	"/run/systemd/system.control",
	"/run/systemd/transient",
	"/run/systemd/generator.early",
	"/etc/systemd/system",
	"/etc/systemd/system.attached",
	"/run/systemd/system",
	"/run/systemd/system.attached",
	"/run/systemd/generator",
	"/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",
	"/lib/systemd/system",
	"/run/systemd/generator.late",
]

async function isUnitMissing(host: Host, unit: string): Promise<boolean> {
	const template = unit.replace(/@.*(?=\.[^.]*$)/, "@")
	const names = [...new Set([unit, template])]
	const paths = UNIT_FOLDERS.flatMap((folder) => names.map((name) => `${folder}/${name}`))
	const script = `/etc/init.d/${unit.replace(/\.service$/, "")}`
	for (const path of [...paths, script]) if (await mayBe(host, path, () => true)) return false
	return true
}

/** Whether something suitable is there, through links; also when nobody can tell. */
async function mayBe(host: Host, path: string, suits: (stat: FileStat) => boolean): Promise<boolean> {
	try {
		const found = await host.disk.lstat(path)
		if (found?.kind !== "link") return found !== undefined && found.kind !== "folder" && suits(found)
		const stat = await host.disk.lstat(await host.disk.realPath(path))
		return stat === undefined || stat.kind !== "folder"
	} catch {
		// A link to nothing, or a folder that may not be looked into: it could be made good by the time it is needed.
		return true
	}
}
