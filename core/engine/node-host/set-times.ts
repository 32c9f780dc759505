import * as fs from "node:fs/promises"
import type { Disk } from "../host.ts"
import { runTool } from "./run-tool.ts"

type Times = Parameters<Disk["setTimes"]>[0]

/** Paths for one call of the shell, well below the limit on a command line's length. */
const AT_ONCE = 200

/**
 * Trap: JavaScript's own call takes seconds as a floating point number and is off by up to 240 ns for today's dates.
 * `touch` sets the modification time exactly; where there is no such `touch`, the microsecond stays right.
 */
export async function setTimes(times: Times): Promise<void> {
	for (const { path, atimeNs, mtimeNs } of times) await fs.lutimes(path, seconds(atimeNs), seconds(mtimeNs))
	const inexact: Times = []
	for (const wanted of times) {
		const stat = await fs.lstat(wanted.path, { bigint: true })
		if (stat.mtimeNs !== wanted.mtimeNs && wanted.mtimeNs > 0n) inexact.push(wanted)
	}
	const script = 'while [ $# -gt 0 ]; do touch -c -h -m -d "$1" -- "$2" || exit 1; shift 2; done'
	for (let from = 0; from < inexact.length; from += AT_ONCE) {
		const pairs = inexact.slice(from, from + AT_ONCE).flatMap(({ path, mtimeNs }) => [`@${decimal(mtimeNs)}`, path])
		await runTool("sh", ["-c", script, "sh", ...pairs])
	}
}

function seconds(ns: bigint): number {
	return Number(ns / 1000n) / 1e6
}

function decimal(ns: bigint): string {
	return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, "0")}`
}
