import { readdirSync, readFileSync } from "node:fs"
import { MARK_VARIABLE } from "../closure/step.ts"
import { hasEnded, parseProcStat } from "./proc-stat.ts"

/** One living program as /proc shows it; `started` tells it from a later one with the same number. */
interface Member {
	pid: number
	parent: number
	group: number
	session: number
	started: string
}

/** Whom a search is for: one command of a list with its shell, or whatever carries the list's mark. */
export interface Sought {
	/** The list's mark. */
	mark: string
	/** One command of the list, by its number and the shell that runs it. */
	command?: { number: number; leader: number }
}

/**
 * Everything that belongs to a command: its shell's process group and session, all that descends from the shell, and
 * what left all of those but carries the command's mark in its environment; but not what left the group and carries the
 * mark of an earlier command. Remembers what it saw, because descent is lost when a parent dies. Without /proc only the
 * group is known.
 */
export class Members {
	readonly #sought: Sought
	readonly #seen = new Map<number, string>()

	constructor(sought: Sought) {
		this.#sought = sought
	}

	/** How many are alive now. */
	count(): number {
		return this.#find().length
	}

	/** Sends signals to all of them, one after the other; returns how many there were. */
	signal(...signals: NodeJS.Signals[]): number {
		const members = this.#find()
		// A group at one stroke and once: none of it can start another in between, no trap runs twice.
		const targets = members.map(({ pid, group }) => (group === this.#leader ? -group : pid))
		for (const signal of signals) for (const target of new Set(targets)) send(target, signal)
		return members.length
	}

	get #leader(): number | undefined {
		return this.#sought.command?.leader
	}

	#find(): Member[] {
		const all = readAll()
		if (!all) return this.#findGroup()
		const startOf = new Map(all.map(({ pid, started }) => [pid, started]))
		const isMember = (pid: number) => startOf.has(pid) && this.#seen.get(pid) === startOf.get(pid)
		const others = all.filter(({ pid }) => !isMember(pid))
		// Again and again, because a child may be listed before its parent.
		for (let before = -1; before < this.#seen.size; ) {
			before = this.#seen.size
			for (const member of others) if (this.#belongs(member, isMember)) this.#seen.set(member.pid, member.started)
		}
		return all.filter(({ pid }) => isMember(pid))
	}

	#belongs({ pid, parent, group, session }: Member, isMember: (pid: number) => boolean): boolean {
		const { mark, command } = this.#sought
		if (group === command?.leader) return true
		const number = readNumber(pid, mark)
		if (!command) return number !== undefined
		if (number === command.number) return true
		// 0 is the shell's own, which a child shows until it runs another program.
		return !number && (session === command.leader || isMember(parent))
	}

	#findGroup(): Member[] {
		const pid = this.#leader
		if (pid === undefined || !send(-pid, 0)) return []
		return [{ pid, parent: 0, group: pid, session: pid, started: "" }]
	}
}

/** Undefined where there is no /proc. Zombies are left out: they do nothing any more. */
function readAll(): Member[] | undefined {
	try {
		return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? readMember(Number(name)) : []))
	} catch {
		return undefined
	}
}

function readMember(pid: number): Member | [] {
	try {
		const stat = parseProcStat(readFileSync(`/proc/${pid}/stat`, "latin1"))
		if (hasEnded(stat)) return []
		const { parent, group, session, startTime: started } = stat
		return { pid, parent, group, session, started }
	} catch {
		return []
	}
}

/** Which command of a marked list a program belongs to. */
function readNumber(pid: number, mark: string): number | undefined {
	try {
		const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0")
		const start = `${MARK_VARIABLE}=${mark}.`
		const own = variables.find((variable) => variable.startsWith(start))
		return own === undefined ? undefined : Number(own.slice(start.length))
	} catch {
		// Gone by now, or another user's: not ours.
		return undefined
	}
}

/** Whether there was anybody to send it to. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
	try {
		process.kill(pid, signal)
		return true
	} catch {
		return false
	}
}
