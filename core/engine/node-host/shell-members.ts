import { readdirSync, readFileSync } from "node:fs"

/** One living program as /proc shows it; `started` tells it from a later one with the same number. */
interface Member {
	pid: number
	parent: number
	group: number
	session: number
	started: string
}

/** Whom a search is for: the shell's number where one is known, and a text that its environment must hold. */
export interface Sought {
	leader?: number
	/** `NAME=value`, or `NAME=prefix` with `isPrefix`. */
	mark: string
	isPrefix?: boolean
}

/**
 * Everything that belongs to a command: its shell's process group and session, all that descends from the shell, and
 * what left all of those but carries the mark in its environment. Remembers what it saw, because descent is lost when
 * a parent dies. Without /proc only the group is known.
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
		const targets = members.map(({ pid, group }) => (group === this.#sought.leader ? -group : pid))
		for (const signal of signals) for (const target of new Set(targets)) send(target, signal)
		return members.length
	}

	#find(): Member[] {
		const all = readAll()
		if (!all) return this.#findGroup()
		for (const member of all) if (this.#isDirect(member)) this.#seen.set(member.pid, member.started)
		this.#addDescendants(all)
		return all.filter((member) => this.#seen.get(member.pid) === member.started)
	}

	#isDirect(member: Member): boolean {
		const { leader } = this.#sought
		if (leader !== undefined && (member.group === leader || member.session === leader)) return true
		return hasMark(member.pid, this.#sought)
	}

	#addDescendants(all: Member[]): void {
		const startOf = new Map(all.map(({ pid, started }) => [pid, started]))
		for (let before = -1; before < this.#seen.size; ) {
			before = this.#seen.size
			for (const { pid, parent, started } of all) {
				const isChild = startOf.has(parent) && this.#seen.get(parent) === startOf.get(parent)
				if (isChild) this.#seen.set(pid, started)
			}
		}
	}

	#findGroup(): Member[] {
		const { leader } = this.#sought
		if (leader === undefined || !send(-leader, 0)) return []
		return [{ pid: leader, parent: 0, group: leader, session: leader, started: "" }]
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
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
		// The name in parentheses may itself hold spaces and parentheses.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
		if (fields[0] === "Z" || fields[0] === "X") return []
		const [parent, group, session] = fields.slice(1, 4).map(Number) as [number, number, number]
		return { pid, parent, group, session, started: fields[19] ?? "" }
	} catch {
		return []
	}
}

function hasMark(pid: number, { mark, isPrefix }: Sought): boolean {
	try {
		const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0")
		return variables.some((variable) => (isPrefix ? variable.startsWith(mark) : variable === mark))
	} catch {
		// Gone by now, or another user's: not ours.
		return false
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
