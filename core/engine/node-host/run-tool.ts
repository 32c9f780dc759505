import { spawn } from "node:child_process"

/** More than this of a tool's output is an error: nothing the engine asks for is larger. */
const LIMIT = 16 << 20

export interface ToolResult {
	exit: number | undefined
	stdout: Buffer
	stderr: string
}

/** Runs a small tool in the C locale, standard input empty. Never rejects: a program that is missing has no exit status. */
export function runTool(program: string, args: string[]): Promise<ToolResult> {
	return new Promise((resolve) => {
		const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], cwd: "/", env: toolEnvironment() })
		const stdout: Buffer[] = []
		const stderr: Buffer[] = []
		let size = 0
		const collect = (into: Buffer[]) => (piece: Buffer) => {
			size += piece.length
			if (size > LIMIT) child.kill("SIGKILL")
			else into.push(piece)
		}
		child.stdout.on("data", collect(stdout))
		child.stderr.on("data", collect(stderr))
		child.on("error", (error) => resolve({ exit: undefined, stdout: Buffer.alloc(0), stderr: error.message }))
		child.on("close", (exit) =>
			resolve({ exit: exit ?? undefined, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
		)
	})
}

function toolEnvironment(): NodeJS.ProcessEnv {
	return { LC_ALL: "C", PATH: `${process.env.PATH ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin` }
}
