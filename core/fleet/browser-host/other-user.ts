import { readFileSync } from "node:fs"
import type { Socket } from "node:net"

/** Connections of this machine, by the ports of both ends; a socket for IPv6 can speak IPv4 too. */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"]

/**
 * Whether another user of this machine, who is not root, is at the far end of a connection on loopback. False where the
 * system does not tell: the token is what keeps strangers out; this keeps out who has read a code from a command line.
 */
export function isOtherUser({ remotePort = 0, localPort = 0 }: Socket, readTable = readText): boolean {
	const self = process.getuid?.()
	if (self === undefined) return false
	const users = TABLES.flatMap((table) => usersOf(readTable(table), remotePort, localPort))
	return users.some((user) => user !== self && user !== 0)
}

/**
 * Owners of the sockets on `port` that lead to `to`. There are several where somebody uses another address of loopback:
 * nobody may hide behind an honest one.
 */
function usersOf(table: string, port: number, to: number): number[] {
	const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, "0")
	const row = new RegExp(`^ *\\d+: \\w+:${hex(port)} \\w+:${hex(to)} \\w+ \\S+ \\S+ \\w+ +(\\d+) `, "gm")
	return [...table.matchAll(row)].map(([, user]) => Number(user))
}

function readText(path: string): string {
	try {
		return readFileSync(path, "latin1")
	} catch {
		return "" // Not Linux.
	}
}
