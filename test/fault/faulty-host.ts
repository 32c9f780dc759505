import type { Host } from "../../core/engine/host.ts"
import { createNodeHost } from "../../core/engine/node-host/node-host.ts"
import { type BeforeCall, failAt as failCallAt, withFaults } from "./faults.ts"

/** What becomes of the calls to the disk: counted from 1 in the order they are made. */
export interface Fault {
	/** Throws for a call that shall fail; nothing for one that shall pass. */
	before: BeforeCall
}

export interface FaultyHost extends Host {
	/** Calls so far. */
	readonly calls: number
}

/** A pid that no process can have: whoever looks finds the holder of its lock dead. */
const NO_PID = 2 ** 22 + 1

/**
 * The real disk, with a fault before any of its calls. Commands are answered by `run` in this process, and syncs are
 * calls that do nothing, so that hundreds of runs cost little; extended attributes have tests of their own.
 */
export function createFaultyHost(fault: Fault, run: (command: string) => number): FaultyHost {
	const host = createNodeHost()
	let calls = 0
	const open: Host["disk"]["open"] = async (...args) => ({ ...(await host.disk.open(...args)), sync: noSync })
	const faulty = withFaults(
		{
			...host,
			self: { ...host.self, pid: NO_PID },
			disk: { ...host.disk, open, syncFolder: noSync },
			attributes: { ...host.attributes, missing: async () => undefined, find: async () => new Map() },
			shell: {
				open: async () => ({
					run: async (command: string) => ({ endedShell: false, exit: run(command) }),
					end: async () => 0,
					close: async () => {},
				}),
				endMarked: async () => 0,
			},
		},
		(call, name, path) => {
			calls = call
			fault.before(call, name, path)
		},
	)
	return {
		...faulty,
		get calls() {
			return calls
		},
	}
}

/** Fails one call with a system error; all others pass. */
export function failAt(call: number, code: string): Fault {
	return { before: failCallAt(call, code) }
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

async function noSync(): Promise<void> {}
