import type { ChildProcess } from "node:child_process"
import type { Readable } from "node:stream"
import { setTimeout as wait } from "node:timers/promises"
import type { CommandEnd, ShellProcess } from "../closure/shell-port.ts"
import { makeCommandMark, makeStep, STATUS_DESCRIPTOR, TOLD } from "../closure/step.ts"
import { endMembers } from "./shell-end.ts"
import type { ShellPipe } from "./shell-pipe.ts"
import type { ShellVariables } from "./shell-variables.ts"

/** How long a shell's EXIT trap may take. */
const CLOSE_LIMIT_MS = 5000

/** One running shell: `idle -> running -> idle ... -> ended`. */
export class NodeShell implements ShellProcess {
	readonly #child: ChildProcess
	readonly #pipes: ShellPipe[]
	/** Its descriptor to us. */
	readonly #statusPipe: Readable
	readonly #mark: string
	readonly #grace: number
	readonly #variables: ShellVariables | undefined
	readonly #exited: Promise<void>
	/** Commands run so far; the one that runs has this number. */
	#number = 0
	#status = ""
	/** Of a command that has ended, while its shell still tells its variables. */
	#exit: number | undefined
	#ended: CommandEnd | undefined
	#settle: ((end: CommandEnd) => void) | undefined

	constructor(child: ChildProcess, pipes: ShellPipe[], mark: string, grace: number, variables?: ShellVariables) {
		this.#child = child
		this.#pipes = pipes
		this.#mark = mark
		this.#grace = grace
		this.#variables = variables
		// A shell that died cannot be written to; `exit` says so.
		child.stdin?.on("error", () => undefined)
		const streams: readonly unknown[] = child.stdio
		this.#statusPipe = streams[STATUS_DESCRIPTOR] as Readable
		this.#statusPipe.on("error", () => undefined)
		this.#statusPipe.setEncoding("latin1").on("data", (text: string) => this.#readStatus(text))
		this.#exited = new Promise((resolve) => {
			child.once("exit", (code, signal) => {
				this.#endShell(code === null ? { endedShell: true, signal: String(signal) } : { endedShell: true, exit: code })
				resolve()
			})
		})
	}

	run(command: string): Promise<CommandEnd> {
		this.#number++
		return new Promise((resolve) => {
			if (this.#ended) return resolve(this.#ended)
			this.#settle = resolve
			this.#variables?.clear()
			const mark = makeCommandMark(this.#mark, this.#number)
			this.#child.stdin?.write(makeStep(command, mark, this.#variables?.telling))
		})
	}

	async end(): Promise<number> {
		const command = { number: this.#number, leader: this.#child.pid as number }
		const left = await endMembers({ mark: this.#mark, command }, this.#grace)
		// One that hangs in the kernel gives no exit; nobody may wait for it.
		if (left > 0) this.#endShell({ endedShell: true, signal: "SIGKILL" })
		await Promise.race([this.#exited, wait(CLOSE_LIMIT_MS, undefined, { ref: false })])
		this.#flush()
		return left
	}

	async close(): Promise<void> {
		this.#child.stdin?.end()
		const isOver = await Promise.race([this.#exited.then(() => true), wait(CLOSE_LIMIT_MS, false, { ref: false })])
		if (!isOver) this.#child.kill("SIGKILL")
		for (const pipe of this.#pipes) pipe.close()
		this.#variables?.close()
		this.#statusPipe.destroy()
		this.#child.unref()
	}

	#readStatus(text: string): void {
		const lines = (this.#status + text).split("\n")
		this.#status = lines.pop() ?? ""
		for (const line of lines) {
			if (/^\d{1,3}$/.test(line)) this.#exit = Number(line)
			const isOver = this.#variables ? line === TOLD : true
			if (this.#exit === undefined || !isOver) continue
			this.#finish({ endedShell: false, exit: this.#exit })
			this.#exit = undefined
		}
	}

	#endShell(end: CommandEnd): void {
		this.#ended ??= end
		this.#finish(this.#ended)
	}

	#finish(end: CommandEnd): void {
		this.#flush()
		const settle = this.#settle
		this.#settle = undefined
		const variables = settle && this.#variables?.read()
		settle?.(variables ? { ...end, variables } : end)
	}

	#flush(): void {
		for (const pipe of this.#pipes) pipe.flush()
	}
}
