import { execFile } from "node:child_process"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** A module with pools of these names, one file each; every one of them is sound. */
export function indexOf(ids: string[], version = "1.0.0"): string {
	const pools = ids.map((id) => ({
		id,
		description: `What ${id} repairs`,
		operations: [{ target: `src/${id}.txt`, destination: `/srv/${id}.txt` }],
		closure: [`test -s /srv/${id}.txt`],
	}))
	return `${JSON.stringify({ metadata: { schema_version: version }, pools, finalClosure: ["true"] }, null, 2)}\n`
}

export async function writeModule(folder: string, index: string, sources: Record<string, string> = {}): Promise<void> {
	await mkdir(join(folder, "src"), { recursive: true })
	for (const [name, text] of Object.entries(sources)) {
		await mkdir(dirname(join(folder, "src", name)), { recursive: true })
		await writeFile(join(folder, "src", name), text)
	}
	await writeFile(join(folder, "index.json"), index)
}

export async function readIndex(folder: string): Promise<string> {
	return readFile(join(folder, "index.json"), "utf8")
}

/** What the machine's own git says; the product uses none. */
export async function git(folder: string, ...args: string[]): Promise<string> {
	const { stdout } = await execute("git", ["-C", folder, "-c", "safe.directory=*", ...args])
	return stdout.trim()
}

/** The sources of a module of `indexOf`. */
export function sourcesOf(ids: string[]): Record<string, string> {
	return Object.fromEntries(ids.map((id) => [`${id}.txt`, `${id}\n`]))
}
