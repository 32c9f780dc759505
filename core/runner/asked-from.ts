import { readFileSync } from "node:fs"
import { z } from "zod"
import { parseProcStat } from "../engine/node-host/proc-stat.ts"

/** What sshd says of a connection in the environment of a session: the client's address and port, then its own. */
const connectionSchema = z
	.string()
	.max(500)
	.transform((text) => text.split(" ")[0]?.replace(/%[A-Za-z0-9._-]{1,32}$/, ""))
	.pipe(z.union([z.ipv4(), z.ipv6()]))

/** Programs looked at, from this one upwards. */
const MOST_PARENTS = 64

/**
 * The address of the SSH client that this program was started through, as far as can be told; undefined at the machine's
 * own terminal. sudo drops the variable, so the programs above are asked too; the one nearest to sshd counts, as the
 * others may have been told anything. For people to read: whoever is root here can say what they like.
 */
export function askedFrom(proc = "/proc", pid: number | "self" = "self"): string | undefined {
	let from: string | undefined
	let next: string | number = pid
	for (let count = 0; count < MOST_PARENTS && next !== 0; count++) {
		from = parseConnection(readVariable(`${proc}/${next}/environ`)) ?? from
		next = parseProcStat(readText(`${proc}/${next}/stat`)).parent
	}
	return from
}

/** Undefined for anything that is no connection. */
export function parseConnection(text: string | undefined): string | undefined {
	return connectionSchema.safeParse(text).data
}

function readVariable(path: string): string | undefined {
	const start = "SSH_CONNECTION="
	const found = readText(path)
		.split("\0")
		.find((variable) => variable.startsWith(start))
	return found?.slice(start.length)
}

/** Empty where there is no such program any more, or it is another user's. */
function readText(path: string): string {
	try {
		return readFileSync(path, "latin1")
	} catch {
		return ""
	}
}
