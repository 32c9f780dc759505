import { type ChildProcess, spawn } from "node:child_process"
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { AnyEvent } from "../../core/schema/event.ts"
import { collectOutput, poll } from "./appliances/command.ts"
import { projectFolder } from "./appliances/paths.ts"

/** What one call of the built command line printed and how it ended. */
export type HotfixResult = { status: number | null; stdout: string; stderr: string; events: AnyEvent[] }

const program = join(projectFolder, "dist/cli/hotfix.js")

/** Starts the built command line with a data folder of its own; for tests that cut or kill it. */
export function startHotfix(args: string[], data: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
	return spawn(process.execPath, [program, "--data", data, ...args], {
		stdio: ["ignore", "pipe", "pipe"],
		// A home of its own: nothing of the SSH configuration and keys of whoever runs the tests.
		env: { ...process.env, SSH_AUTH_SOCK: "", HOME: data, ...env },
	})
}

/** Runs the built command line to its end; lines of stdout that are JSON are its events. */
export async function hotfix(args: string[], data: string, env: NodeJS.ProcessEnv = {}): Promise<HotfixResult> {
	const { status, stdout, stderr } = await collectOutput(startHotfix(args, data, env))
	return { status, stdout, stderr, events: parseLines(stdout) }
}

/** The JSON objects of a text, one a line; other lines are passed over. */
export function parseLines<T = AnyEvent>(text: string): T[] {
	return text
		.split("\n")
		.filter((line) => line.startsWith("{"))
		.map((line) => JSON.parse(line))
}

/** Waits until a growing output holds a text. */
export async function waitForOutput(child: ChildProcess, text: string, seconds = 60): Promise<string> {
	let output = ""
	child.stdout?.on("data", (chunk) => (output += chunk))
	return poll(`output says ${text}`, seconds, () => (output.includes(text) ? output : undefined))
}

/** A copy of a fixture module, changed by `edit`, in a folder of the same name. */
export async function makeModule(fixture: string, edit: (index: ModuleIndex) => void): Promise<string> {
	const folder = join(await mkdtemp(join(tmpdir(), "hotfix-module-")), "homeserver-fix")
	await cp(join(projectFolder, "test/fixtures/modules", fixture), folder, { recursive: true })
	const index = JSON.parse(await readFile(join(folder, "index.json"), "utf8"))
	edit(index)
	await writeFile(join(folder, "index.json"), JSON.stringify(index, null, 2))
	return folder
}

type ModuleIndex = {
	metadata: { schema_version: string }
	pools: {
		id: string
		operations: { target: string; destination: string }[]
		closure: string[]
		checks?: string[]
		timeoutSeconds?: number
	}[]
	finalClosure: string[]
}
