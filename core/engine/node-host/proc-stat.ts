/** What `/proc/PID/stat` says of a program. */
export interface ProcStat {
	/** `Z` and `X`: it has ended, only its number is still taken. */
	state: string
	parent: number
	group: number
	session: number
	/** Tells it from a later program with the same number. */
	startTime: string
}

/** Fields after the program's name, which is in brackets and may itself hold brackets and blanks. */
export function parseProcStat(text: string): ProcStat {
	const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
	const [parent = 0, group = 0, session = 0] = fields.slice(1, 4).map((field) => Number(field) || 0)
	return { state: fields[0] ?? "", parent, group, session, startTime: fields[19] ?? "" }
}

/** Whether it will never do anything again. */
export function hasEnded({ state }: Pick<ProcStat, "state">): boolean {
	return state === "Z" || state === "X"
}
