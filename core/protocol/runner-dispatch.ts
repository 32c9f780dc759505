import type { z } from "zod"
import { FailureError } from "../schema/failure.ts"
import { PROTOCOL_VERSION, type RunnerCall, runnerCalls } from "./runner-calls.ts"
import type { Content, RunnerPort } from "./runner-port.ts"

/** Calls with one answer; `attach` answers with a stream. */
export type PlainCall = Exclude<RunnerCall, "attach">
export type CallInput<C extends RunnerCall> = z.output<(typeof runnerCalls)[C]["input"]>
export type CallOutput<C extends RunnerCall> = z.output<(typeof runnerCalls)[C]["output"]>

type Methods = {
	[C in PlainCall]: (port: RunnerPort, input: CallInput<C>, content: Content) => Promise<CallOutput<C>>
}

/** Which method of the port answers which call. */
const methods: Methods = {
	hello: (port, { protocol }) => {
		if (protocol !== PROTOCOL_VERSION) throw incompatible(protocol, PROTOCOL_VERSION)
		return port.hello()
	},
	status: (port) => port.status(),
	history: (port, filter) => port.history(filter),
	plan: (port, request) => port.plan(request),
	listFolder: (port, request) => port.listFolder(request),
	readFile: (port, request) => port.readFile(request),
	readContent: (port, request) => port.readContent(request),
	statFiles: async (port, { destinations }) => ({ files: await port.statFiles(destinations) }),
	missing: async (port, { digests }) => ({ missing: await port.missing(digests) }),
	supply: async (port, { digest, size, packing }, content) => {
		await port.supply(digest, size, content, packing)
		return {}
	},
	prepare: async (port, { run }) => {
		await port.prepare(run)
		return {}
	},
	start: (port, request) => port.start(request),
	revert: (port, request) => port.revert(request),
	started: (port, { run }) => port.started(run),
	recover: (port) => port.recover(),
	cancel: async (port, { run }) => {
		await port.cancel(run)
		return {}
	},
	confirm: async (port, { run, pool }) => {
		await port.confirm(run, pool)
		return {}
	},
}

/** Desktop and runner speak different protocols: the desktop installs its own runner and dials again. */
export function incompatible(desktop: number, runner: number): FailureError {
	return new FailureError("runner-incompatible", { ours: desktop, theirs: runner })
}

export function isRunnerCall(call: string): call is RunnerCall {
	return Object.hasOwn(runnerCalls, call)
}

/** A call's input, parsed; fails with `bad-request` and what is wrong with it. */
export function parseInput<C extends RunnerCall>(call: C, input: unknown): CallInput<C> {
	const parsed = runnerCalls[call].input.safeParse(input)
	if (parsed.success) return parsed.data as CallInput<C>
	throw new FailureError("bad-request", { reason: `${call}: ${problemsOf(parsed.error)}` })
}

/** A call's answer, parsed; fails with `runner-incompatible`: only another version's runner answers otherwise. */
export function parseOutput<C extends RunnerCall>(call: C, output: unknown): CallOutput<C> {
	const parsed = runnerCalls[call].output.safeParse(output)
	if (parsed.success) return parsed.data as CallOutput<C>
	throw new FailureError("runner-incompatible", { call, reason: problemsOf(parsed.error) })
}

/** Parses the input, asks the port, checks the answer. */
export async function askPort<C extends PlainCall>(
	port: RunnerPort,
	call: C,
	input: unknown,
	content: Content,
): Promise<CallOutput<C>> {
	const output = await methods[call](port, parseInput(call, input), content)
	return parseOutput(call, output)
}

/** Characters of what is said of one problem; a path has names in it that the far side chose. */
const PROBLEM = 200

function problemsOf(error: z.ZodError): string {
	return error.issues
		.slice(0, 5)
		.map(
			(issue) => `${issue.path.map(String).join(".").slice(0, PROBLEM) || "input"}: ${issue.message.slice(0, PROBLEM)}`,
		)
		.join("; ")
}
