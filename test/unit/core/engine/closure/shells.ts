import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { type CommandsResult, runCommands } from "../../../../../core/engine/closure/run-commands.ts"
import type { OutputStream, ShellClock } from "../../../../../core/engine/closure/shell-port.ts"
import { createShellPort } from "../../../../../core/engine/node-host/shell.ts"
import type { ShellProgram } from "../../../../../core/engine/node-host/shell-environment.ts"
import type { Secrets } from "../../../../../core/engine/redact/secrets.ts"

const ALL: { name: string; program: ShellProgram }[] = [
	{ name: "bash", program: { path: "/bin/bash", args: ["--norc", "--noprofile", "-s"] } },
	{ name: "dash", program: { path: "/bin/dash", args: ["-s"] } },
	{ name: "ash", program: { path: "/bin/busybox", args: ["ash", "-s"] } },
]

export const SHELLS = ALL.map((shell) =>
	isInstalled(shell)
		? shell
		: { ...shell, name: `${shell.name} (skipped: no ${shell.program.path} here, install bash, dash, busybox)` },
)

export function isInstalled({ program }: { program: ShellProgram }): boolean {
	return existsSync(program.path)
}

export const clock: ShellClock = {
	monotonic: () => performance.now(),
	after: (milliseconds, call) => {
		const timer = setTimeout(call, milliseconds)
		return () => clearTimeout(timer)
	},
}

export interface Ran {
	result: CommandsResult
	/** All that was reported of a command, by index. */
	stdout: string[]
	stderr: string[]
	/** In order: `start 0`, `stdout 0`, `finish 0` ... */
	order: string[]
	mark: string
}

export interface Settings {
	timeoutSeconds?: number
	signal?: AbortSignal
	env?: Record<string, string>
	secrets?: Secrets
	graceMilliseconds?: number
	onOutput?: (index: number, text: string) => void
	onFinished?: (index: number) => void
}

/** Runs commands in one shell and gathers what is told. */
export async function runIn(shell: ShellProgram, commands: string[], settings: Settings = {}): Promise<Ran> {
	const { timeoutSeconds = 10, graceMilliseconds = 150, signal, env, secrets, onOutput, onFinished } = settings
	const ran = {
		stdout: commands.map(() => ""),
		stderr: commands.map(() => ""),
		order: [] as string[],
		mark: randomUUID(),
	}
	const take = (index: number, stream: OutputStream, text: string, cutBytes = 0) => {
		const cut = cutBytes > 0 ? `<cut ${cutBytes}>` : ""
		ran[stream][index] += cut + text
		ran.order.push(`${stream} ${index}`)
		onOutput?.(index, text)
	}
	const result = await runCommands({ shell: createShellPort({ shell, graceMilliseconds }), clock }, commands, {
		timeoutSeconds,
		mark: ran.mark,
		signal,
		env,
		secrets,
		started: (index) => void ran.order.push(`start ${index}`),
		output: take,
		finished: (command) => {
			ran.order.push(`finish ${command.index}`)
			onFinished?.(command.index)
		},
	})
	return { ...ran, result }
}
