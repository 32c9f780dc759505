import type { ShellPort } from "../../core/engine/closure/shell-port.ts"
import type { Host, OpenFile } from "../../core/engine/host.ts"
import { createNodeHost } from "../../core/engine/node-host/node-host.ts"

/** What becomes of the calls to the disk: counted from 1 in the order they are made. */
export interface Fault {
	/** Throws for a call that shall fail; nothing for one that shall pass. */
	before(call: number, name: string, path: string): void
}

export interface FaultyHost extends Host {
	/** Calls so far. */
	readonly calls: number
}

/** A pid that no process can have: whoever looks finds the holder of its lock dead. */
const NO_PID = 2 ** 22 + 1

/**
 * The real disk with a fault before any of its calls. Commands are answered by `run` in this process, so that thousands of
 * runs cost nothing; extended attributes have tests of their own.
 */
export function createFaultyHost(fault: Fault, run: (command: string) => number): FaultyHost {
	const host = createNodeHost()
	let calls = 0
	const pass = (name: string, path: string) => fault.before(++calls, name, path)
	const faulty: FaultyHost = {
		...host,
		get calls() {
			return calls
		},
		self: { ...host.self, pid: NO_PID },
		disk: wrap({ ...host.disk, syncFolder: noSync }, pass, (opened, path) =>
			wrap({ ...opened, sync: noSync }, (name) => pass(`file.${name}`, path)),
		),
		attributes: { ...host.attributes, missing: async () => undefined, find: async () => new Map() },
		shell: createFakeShell(run, (command) => pass("shell", command)),
	}
	return faulty
}

/** Fails one call with a system error; all others pass. */
export function failAt(call: number, code: string): Fault {
	return {
		before: (now, name, path) => {
			if (now === call) throw Object.assign(new Error(`${code}: ${name} ${path}`), { code })
		},
	}
}

/** From this call on nothing reaches the disk any more: the process is gone. */
export function crashAt(call: number): Fault {
	return {
		before: (now) => {
			if (now >= call) throw new Error("crashed")
		},
	}
}

export const noFault: Fault = { before: () => {} }

/** Syncs count as calls; doing them would only make thousands of runs slow. */
const noSync = async () => {}

function wrap<T extends object>(
	port: T,
	pass: (name: string, path: string) => void,
	opened?: (file: OpenFile, path: string) => OpenFile,
): T {
	const wrapped: Record<string, unknown> = {}
	for (const [name, method] of Object.entries(port)) {
		if (typeof method !== "function") {
			wrapped[name] = method
			continue
		}
		wrapped[name] = async (...args: unknown[]) => {
			try {
				pass(name, String(args[0]))
			} catch (error) {
				// The system closes the files of a process that is gone; this process lives on.
				if (name === "close") await method.apply(port, args)
				throw error
			}
			const result: unknown = await method.apply(port, args)
			return name === "open" && opened ? opened(result as OpenFile, String(args[0])) : result
		}
	}
	return wrapped as T
}

function createFakeShell(run: (command: string) => number, pass: (command: string) => void): ShellPort {
	return {
		open: async () => ({
			run: async (command) => {
				pass(command)
				return { endedShell: false, exit: run(command) }
			},
			end: async () => 0,
			close: async () => {},
		}),
		endMarked: async () => 0,
	}
}
