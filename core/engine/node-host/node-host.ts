import type { Host } from "../host.ts"

/** The real disk, processes and clock of this machine. */
export function createNodeHost(): Host {
	throw new Error("cannot create a host yet")
}
