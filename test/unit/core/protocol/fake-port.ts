import type { Content, RunnerPort } from "../../../../core/protocol/runner-port.ts"
import { type FailureCode, FailureError } from "../../../../core/schema/failure.ts"

const refuse = (code: FailureCode) => async () => {
	throw new FailureError(code)
}

/** A port that answers what it is told to; every method not given fails with `internal`. */
export function fakePort(methods: Partial<RunnerPort> = {}): RunnerPort {
	return {
		hello: refuse("internal"),
		status: refuse("internal"),
		history: refuse("internal"),
		plan: refuse("internal"),
		listFolder: refuse("internal"),
		readFile: refuse("internal"),
		readContent: refuse("internal"),
		statFiles: refuse("internal"),
		missing: refuse("internal"),
		supply: refuse("internal"),
		start: refuse("internal"),
		revert: refuse("internal"),
		started: refuse("unknown-run"),
		prepare: refuse("internal"),
		recover: refuse("internal"),
		// biome-ignore lint/correctness/useYield: it fails before it has anything
		attach: async function* () {
			throw new FailureError("unknown-run")
		},
		cancel: refuse("unknown-run"),
		confirm: refuse("unknown-run"),
		close: async () => {},
		...methods,
	}
}

export const HELLO = {
	protocol: 1,
	runnerVersion: "0.1.0",
	node: "v18.20.0",
	hostname: "box",
	os: "Debian",
	root: true,
	systemd: true,
}

export async function sizeOf(content: Content): Promise<number> {
	let size = 0
	for await (const piece of content) size += piece.length
	return size
}

export async function codeOf(promise: Promise<unknown>): Promise<FailureCode | "none"> {
	try {
		await promise
		return "none"
	} catch (error) {
		if (error instanceof FailureError) return error.failure.code
		throw error
	}
}
