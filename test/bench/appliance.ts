import { execFile } from "node:child_process"
import { createReadStream } from "node:fs"
import { copyFile, cp, mkdir, open, readdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { projectFolder } from "../support/appliances/paths.ts"
import type { Sample } from "./bench.ts"
import { timeRunner } from "./run-program.ts"

/** Folders of one bench: a module with new files, the old files that it replaces, and room for both programs' work. */
export interface Appliance {
	module: string
	/** `src/` of the module. */
	sources: string
	/** Where the old files stand before each call, and the new ones after it. */
	destinations: string
	/** Empty before each call. */
	aside: string
	/** The runner as it is shipped; a copy, so that nobody builds another one meanwhile. */
	runner: string
	/** Its arguments to apply the module. */
	apply: string[]
	/** Everything as before the first call, on disk and in the page cache. */
	reset(): Promise<void>
}

/** A module of one pool with these files; `write` makes the content of an old or new one. */
export async function createAppliance(
	folder: string,
	names: string[],
	write: (path: string) => Promise<void>,
): Promise<Appliance> {
	const at = (name: string) => join(folder, name)
	const [module, kept, destinations, aside, state] = ["module", "kept", "disk", "aside", "state"].map(at) as Five
	const sources = join(module, "src")
	for (const made of [sources, kept]) await mkdir(made, { recursive: true })
	for (const name of names) for (const made of [sources, kept]) await write(join(made, name))
	await writeFile(join(module, "index.json"), JSON.stringify(makeIndex(names, destinations)))
	const runner = at("hotfix-runner.cjs")
	await copyFile(join(projectFolder, "dist/runner/hotfix-runner.cjs"), runner)
	const apply = ["apply", "--module", module, "--state", state, "--log", at("update.log")]
	return {
		module,
		sources,
		destinations,
		aside,
		runner,
		apply,
		reset: () => reset({ sources, kept, destinations, aside, state }),
	}
}

type Five = [string, string, string, string, string]

function makeIndex(names: string[], destinations: string) {
	const operations = names.map((name) => ({ target: name, destination: join(destinations, name) }))
	const pools = [{ id: "bench", description: "every file of the bench", operations, closure: ["true"] }]
	return { metadata: { schema_version: "1.0.0", description: "bench" }, pools }
}

async function reset(folders: Record<"sources" | "kept" | "destinations" | "aside" | "state", string>): Promise<void> {
	const { sources, kept, destinations, aside, state } = folders
	for (const made of [destinations, aside, state]) await rm(made, { recursive: true, force: true })
	await cp(kept, destinations, { recursive: true })
	await mkdir(aside)
	// Nothing is left to be written that a program which syncs would have to wait for; both find all they read in memory.
	await promisify(execFile)("sync", ["-f", destinations])
	for (const read of [sources, destinations]) await readAll(read)
}

async function readAll(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		for await (const _piece of createReadStream(join(folder, name), { highWaterMark: 1 << 20 }));
	}
}

/** Applies the module and makes sure that it was applied: each file begins as its source does. */
export async function timeApply({ runner, apply, sources, destinations }: Appliance): Promise<Sample> {
	const sample = await timeRunner(runner, apply)
	for (const name of await readdir(sources)) {
		const [wanted, found] = await Promise.all(
			[sources, destinations].map((folder) => readBeginning(join(folder, name))),
		)
		if (!wanted?.equals(found ?? Buffer.alloc(0))) throw new Error(`cannot trust the time: ${name} was not replaced`)
	}
	return sample
}

async function readBeginning(path: string): Promise<Buffer> {
	const file = await open(path)
	try {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
		return buffer.subarray(0, bytesRead)
	} finally {
		await file.close()
	}
}
