import { type ChildProcess, spawn } from "node:child_process"
import { mkdir, readFile, stat, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { callRunner } from "../../../support/in-process.ts"
import { makeFolder } from "./place.ts"

/** The bundle that is uploaded; `node build/build.mjs runner` makes it. */
const bundle = new URL("../../../../dist/runner/hotfix-runner.cjs", import.meta.url).pathname

export interface Ended {
	exit: number | null
	stdout: string
	stderr: string
}

/** A pool by its files: content by name below the appliance's folder. */
export interface SamplePool {
	id: string
	files: Record<string, string>
	closure: string[]
}

/** An appliance of this test's own: a folder for destinations, a state folder, modules beside them. */
export async function makeAppliance() {
	const base = await makeFolder()
	const folder = join(base, "appliance")
	await mkdir(folder)
	const common = ["--state", join(base, "state"), "--log", join(base, "update.log")]

	function start(...args: string[]) {
		const child = spawn(process.execPath, [bundle, ...args, ...common], { cwd: base })
		return { child, ended: collect(child) }
	}

	return {
		base,
		folder,
		state: join(base, "state"),
		at: (name: string) => join(folder, name),
		read: (name: string) => readFile(join(folder, name), "utf8"),
		write: (name: string, text: string) => writeFile(join(folder, name), text),
		has: (name: string) => isThere(join(folder, name)),
		log: () => readFile(join(base, "update.log"), "utf8"),
		start,
		run: (...args: string[]) => start(...args).ended,
		/** The same command line in this process: for many small cases. */
		call: (...args: string[]): Promise<Ended> => callRunner([...args, ...common]),
		/** A module folder; `files` by destination below the appliance's folder. */
		async module(version: string, pools: SamplePool[], finalClosure: string[] = []) {
			const place = join(base, `module-${version}`, "sample")
			const index = {
				metadata: { schema_version: version, description: "a sample" },
				pools: await Promise.all(
					pools.map(async ({ id, files, closure }) => ({
						id,
						description: "",
						operations: await Promise.all(
							Object.entries(files).map(async ([name, content]) => {
								const target = `${id}-${basename(name)}`
								await mkdir(join(place, "src"), { recursive: true })
								await writeFile(join(place, "src", target), content)
								return { target, destination: join(folder, name) }
							}),
						),
						closure,
					})),
				),
				finalClosure,
			}
			await writeFile(join(place, "index.json"), JSON.stringify(index, null, 2))
			return place
		},
		/** A module folder with this very text as its index. */
		async brokenModule(text: string) {
			const place = join(base, "broken")
			await mkdir(join(place, "src"), { recursive: true })
			await writeFile(join(place, "index.json"), text)
			return place
		},
	}
}

export async function isThere(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false,
	)
}

export async function until(what: () => Promise<boolean>): Promise<void> {
	for (let turn = 0; turn < 750; turn++) {
		if (await what()) return
		await sleep(20)
	}
	throw new Error("what was waited for never came")
}

function collect(child: ChildProcess): Promise<Ended> {
	let stdout = ""
	let stderr = ""
	child.stdout?.setEncoding("utf8").on("data", (text) => {
		stdout += text
	})
	child.stderr?.setEncoding("utf8").on("data", (text) => {
		stderr += text
	})
	return new Promise((resolve, reject) => {
		child.on("error", reject)
		child.on("close", (exit) => resolve({ exit, stdout, stderr }))
	})
}

/** The JSON objects of a text, one a line. */
export function jsonLines(text: string): unknown[] {
	return text
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line))
}
