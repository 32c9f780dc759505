import { type ChildProcess, spawn } from "node:child_process"
import { closeSync } from "node:fs"
import type { ShellOptions, ShellPort } from "../closure/shell-port.ts"
import { MARK_VARIABLE, makeCommandMark, makeSetup, STATUS_DESCRIPTOR, type Telling } from "../closure/step.ts"
import { endMembers } from "./shell-end.ts"
import { findShell, makeShellEnvironment, type ShellProgram } from "./shell-environment.ts"
import { createShellPipes, removeForsaken, type ShellPipe } from "./shell-pipe.ts"
import { NodeShell } from "./shell-process.ts"
import { ShellVariables } from "./shell-variables.ts"

export interface ShellPortOptions {
	/** bash where it is, else sh. */
	shell?: ShellProgram
	/** Over the shell's own environment, for every list. */
	env?: Record<string, string>
	/** `/` unless an embedded appliance stands in a folder of its own. */
	cwd?: string
	/** Between TERM and KILL; 2 s by default. */
	graceMilliseconds?: number
}

/** Shells of this host. */
export function createShellPort(options: ShellPortOptions = {}): ShellPort {
	const grace = options.graceMilliseconds ?? 2000
	return {
		open: (list) => openShell(options, list, grace),
		endMarked: async (mark) => {
			await removeForsaken()
			return endMembers({ mark }, grace)
		},
	}
}

async function openShell(options: ShellPortOptions, list: ShellOptions, grace: number): Promise<NodeShell> {
	if (!/^[A-Za-z0-9-]+$/.test(list.mark)) throw new Error(`cannot mark a list with ${JSON.stringify(list.mark)}`)
	const program = options.shell ?? findShell()
	const pipes = await createShellPipes([
		(bytes) => list.onOutput("stdout", bytes),
		(bytes) => list.onOutput("stderr", bytes),
	])
	const env = {
		...makeShellEnvironment(program),
		...options.env,
		...list.env,
		[MARK_VARIABLE]: makeCommandMark(list.mark, 0),
	}
	let variables: ShellVariables | undefined
	try {
		variables = list.names?.length ? await ShellVariables.create(list.names) : undefined
		const child = await startShell(program, { cwd: options.cwd ?? "/", env, pipes, telling: variables?.telling })
		return new NodeShell(child, pipes, list.mark, grace, variables)
	} catch (error) {
		for (const pipe of pipes) pipe.close()
		variables?.close()
		throw new Error(`cannot start the shell ${program.path}: ${(error as Error).message}`, { cause: error })
	}
}

interface Around {
	cwd: string
	env: Record<string, string>
	pipes: [ShellPipe, ShellPipe]
	telling: Telling | undefined
}

/** Resolves once it runs. `detached`: a session and a process group of its own. */
async function startShell(program: ShellProgram, { cwd, env, pipes, telling }: Around): Promise<ChildProcess> {
	const stdio: ("pipe" | "ignore" | number)[] = ["pipe", pipes[0].writeEnd, pipes[1].writeEnd]
	// From 3 on "ignore" opens nothing at all.
	while (stdio.length < STATUS_DESCRIPTOR) stdio.push("ignore")
	stdio.push("pipe")
	try {
		const child = spawn(program.path, program.args, { cwd, env, stdio, detached: true })
		await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject))
		child.stdin?.write(makeSetup(telling))
		return child
	} finally {
		for (const pipe of pipes) closeSync(pipe.writeEnd)
	}
}
