import { type ChildProcess, execFile } from "node:child_process"
import { promisify } from "node:util"

/** How a command ended. `status` is null when a signal or the time limit ended it. */
export type CommandResult = { status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }

const execute = promisify(execFile)

/** Runs a program and returns its standard output; throws with the command line and what it said. */
export async function run(
	program: string,
	args: string[],
	options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
	try {
		const { stdout } = await execute(program, args, { ...options, maxBuffer: 64 << 20 })
		return stdout
	} catch (error) {
		const said = (error as { stderr?: string }).stderr?.trim() || String(error)
		throw new Error(`cannot run ${program} ${args.join(" ")}: ${said}`)
	}
}

/** Collects what a started process prints until it ends. */
export function collectOutput(child: ChildProcess): Promise<CommandResult> {
	const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
	child.stdout?.on("data", (data: Buffer) => output.stdout.push(data))
	child.stderr?.on("data", (data: Buffer) => output.stderr.push(data))
	return new Promise((resolve, reject) => {
		child.on("error", reject)
		child.on("close", (status, signal) => {
			const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString()
			resolve({ status, signal, stdout: text(output.stdout), stderr: text(output.stderr) })
		})
	})
}

/** Asks again every `everyMs` until the answer is not undefined; throws after the time limit. */
export async function poll<T>(
	what: string,
	seconds: number,
	ask: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
	const end = performance.now() + seconds * 1000
	for (;;) {
		const answer = await ask()
		if (answer !== undefined) return answer
		if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`)
		await new Promise((resolve) => setTimeout(resolve, 25))
	}
}
