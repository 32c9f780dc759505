import type { Secrets } from "../redact/secrets.ts"
import { CommandOutput } from "./command-output.ts"
import { type CommandResult, isPassed } from "./command-result.ts"
import { createIntake, type Intake } from "./intake.ts"
import type { CommandEnd, OutputStream, ShellClock, ShellPort, ShellProcess } from "./shell-port.ts"

/** `commands`: every command that ran, the failed one last. */
export type CommandsResult =
	| { ok: true; commands: CommandResult[] }
	| { ok: false; failed: CommandResult; commands: CommandResult[] }

/** What is told while the commands run, in order. */
export interface CommandEvents {
	started?(index: number, command: string): void
	/** `cutBytes`: bytes of this stream left out before `text`. */
	output?(index: number, stream: OutputStream, text: string, cutBytes?: number): void
	finished?(result: CommandResult): void
}

export interface RunCommandsOptions extends CommandEvents {
	/** Time limit of each command. */
	timeoutSeconds: number
	/** See `ShellOptions.mark`. */
	mark: string
	env?: Record<string, string>
	/** Aborting ends the running command as its time limit would. */
	signal?: AbortSignal
	/** Masked in all output before anything else sees it. */
	secrets?: Secrets
}

export interface CommandsHost {
	shell: ShellPort
	clock: ShellClock
}

/** Timers of common hosts take no more, and fire at once instead. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Runs a whole list in one shell (DESIGN §4, phase 5); the first failure ends the list. Whatever a command does is its
 * result; this rejects only with what a callback threw, after the shell has ended.
 */
export async function runCommands(
	host: CommandsHost,
	commands: string[],
	options: RunCommandsOptions,
): Promise<CommandsResult> {
	const results: CommandResult[] = []
	if (commands.length === 0) return { ok: true, commands: results }
	const list = new CommandList(host, options)
	try {
		for (const [index, command] of commands.entries()) {
			const ran = await list.run(index, command, index === commands.length - 1)
			const result = ran.cancelled ? await list.endAll(ran) : ran
			results.push(result)
			options.finished?.(result)
			if (!isPassed(result)) return { ok: false, failed: result, commands: results }
		}
		return { ok: true, commands: results }
	} finally {
		await list.close()
	}
}

/** One list under way: its shell, opened with the first command, and the command that output belongs to. */
class CommandList {
	readonly #host: CommandsHost
	readonly #options: RunCommandsOptions
	#shell: ShellProcess | undefined
	#intake: Intake | undefined
	/** What a callback threw while output came; kept until the command has ended. */
	#thrown: { error: unknown } | undefined

	constructor(host: CommandsHost, options: RunCommandsOptions) {
		this.#host = host
		this.#options = options
	}

	async run(index: number, command: string, isLast: boolean): Promise<CommandResult> {
		const startedAt = this.#host.clock.monotonic()
		const output = new CommandOutput((stream, text, cut) => this.#options.output?.(index, stream, text, cut))
		const intake = createIntake(output, this.#options.secrets)
		this.#intake = intake
		this.#options.started?.(index, command)
		const { variables, ...end } = await this.#runInShell(command)
		if (this.#thrown) throw this.#thrown.error
		intake.end(variables)
		const cutBytes = output.finish()
		const durationMs = Math.round(this.#host.clock.monotonic() - startedAt)
		const result: CommandResult = { index, command, ...end, durationMs, lastOutput: output.last(), cutBytes }
		// Only of interest where it would otherwise pass for a success.
		if (isLast || result.exit !== 0) delete result.endedShell
		return result
	}

	/** Whoever cancels wants none of it: also what earlier commands left behind ends. The way back starts it again. */
	async endAll(cancelled: CommandResult): Promise<CommandResult> {
		if (!this.#shell) return cancelled
		const survivors = await this.#host.shell.endMarked(this.#options.mark)
		return survivors === 0 ? cancelled : { ...cancelled, survivors }
	}

	async close(): Promise<void> {
		this.#intake = undefined
		await this.#shell?.close()
	}

	async #runInShell(command: string): Promise<Ended> {
		if (this.#options.signal?.aborted) return { cancelled: true }
		if (command.includes("\0")) return { notStarted: "a command cannot hold a NUL character" }
		try {
			this.#shell ??= await this.#host.shell.open({
				mark: this.#options.mark,
				env: this.#options.env,
				names: this.#options.secrets?.names,
				onOutput: (stream, bytes) => this.#take(stream, bytes),
			})
		} catch (error) {
			return { notStarted: error instanceof Error ? error.message : String(error) }
		}
		return await this.#runLimited(this.#shell, command)
	}

	/** Runs one command until its end, its time limit or the cancel, whichever is first. */
	async #runLimited(shell: ShellProcess, command: string): Promise<Ended> {
		const { timeoutSeconds, signal } = this.#options
		const cut: { timedOut?: true; cancelled?: true } = {}
		let ending: Promise<number> | undefined
		const endFor = (why: "timedOut" | "cancelled") => {
			if (ending) return
			cut[why] = true
			ending = shell.end()
		}
		const cancel = () => endFor("cancelled")
		const stopTimer = this.#host.clock.after(Math.min(timeoutSeconds * 1000, LONGEST_TIMER), () => endFor("timedOut"))
		signal?.addEventListener("abort", cancel, { once: true })
		// The signal may have been given while the shell was opened.
		if (signal?.aborted) cancel()
		const end = await shell.run(command)
		stopTimer()
		signal?.removeEventListener("abort", cancel)
		const survivors = await ending
		return { ...describeEnd(end), ...cut, ...(survivors ? { survivors } : {}) }
	}

	#take(stream: OutputStream, bytes: Uint8Array): void {
		try {
			this.#intake?.push(stream, bytes)
		} catch (error) {
			this.#thrown ??= { error }
		}
	}
}

/** How a command ended, and what its shell told of its variables. */
type Ended = Partial<CommandResult> & Pick<CommandEnd, "variables">

function describeEnd(end: CommandEnd): Ended {
	const how = "signal" in end ? { signal: end.signal } : { exit: end.exit }
	const told = end.variables ? { variables: end.variables } : {}
	return end.endedShell ? { ...how, ...told, endedShell: true } : { ...how, ...told }
}
