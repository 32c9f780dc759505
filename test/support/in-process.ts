import { vi } from "vitest"
import { runCommandLine as runHotfix } from "../../core/cli/command-line.ts"
import { runCommandLine as runRunner } from "../../core/runner/command-line.ts"

/** How a command line that ran in this very process ended, and what it printed. */
export interface Called {
	exit: number
	stdout: string
	stderr: string
}

/** `hotfix-runner` without a process of its own: for many small cases. */
export async function callRunner(args: string[]): Promise<Called> {
	const stdout: string[] = []
	const stderr: string[] = []
	const output = { line: (text: string) => void stdout.push(text), complain: (text: string) => void stderr.push(text) }
	const exit = await runRunner(args, output, new AbortController().signal)
	return { exit, stdout: printed(stdout), stderr: printed(stderr) }
}

/** `hotfix`; one call at a time, because it prints where every program does. */
export async function callHotfix(args: string[]): Promise<Called> {
	const stdout: string[] = []
	const stderr: string[] = []
	const log = vi.spyOn(console, "log").mockImplementation((line) => void stdout.push(String(line)))
	const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => stderr.push(String(text)) > 0)
	try {
		return { exit: await runHotfix(args), stdout: printed(stdout), stderr: stderr.join("") }
	} finally {
		log.mockRestore()
		write.mockRestore()
	}
}

function printed(lines: string[]): string {
	return lines.map((line) => `${line}\n`).join("")
}
