import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"

/** When a program is killed: so many milliseconds after its start, or after it wrote so many lines with a text. */
export type Moment = { afterMs: number } | { lines: number; with: string; thenMs: number }

export interface Ended {
	killed: boolean
	/** Null when it was killed. */
	exit: number | null
	stdout: string[]
	stderr: string
	ms: number
	/** When it wrote its first line; undefined when it wrote none. */
	firstLineMs: number | undefined
}

/** Runs a program to its end, or to the moment at which it gets SIGKILL; what it started lives on, as after a crash. */
export async function runKilled(program: string, args: string[], moment?: Moment): Promise<Ended> {
	const startedAt = performance.now()
	const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] })
	const timers: NodeJS.Timeout[] = []
	const killIn = (ms: number) => timers.push(setTimeout(() => child.kill("SIGKILL"), ms))
	if (moment && "afterMs" in moment) killIn(moment.afterMs)
	let firstLineMs: number | undefined
	let left = moment && "lines" in moment ? moment.lines : Number.POSITIVE_INFINITY
	const stdout = collect(child.stdout, (line) => {
		firstLineMs ??= performance.now() - startedAt
		if (!moment || !("lines" in moment) || !line.includes(moment.with)) return
		if (--left === 0) killIn(moment.thenMs)
	})
	const stderr = collect(child.stderr, () => {})
	const [exit, signal] = await endOf(child)
	for (const timer of timers) clearTimeout(timer)
	return {
		killed: signal === "SIGKILL",
		exit,
		stdout: stdout().split("\n").filter(Boolean),
		stderr: stderr(),
		ms: performance.now() - startedAt,
		firstLineMs,
	}
}

/** Of a program that was killed, its children may hold its output open for as long as they live. */
async function endOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
	const closed = once(child, "close")
	const [exit, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null]
	if (signal === null) await closed
	return [exit, signal]
}

function collect(stream: ChildProcess["stdout"], onLine: (line: string) => void): () => string {
	let all = ""
	let rest = ""
	stream?.setEncoding("utf8").on("data", (text: string) => {
		all += text
		const lines = (rest + text).split("\n")
		rest = lines.pop() ?? ""
		for (const line of lines) onLine(line)
	})
	return () => all
}
