/** Hosts that one pattern stands for at most. */
const MAX_HOSTS = 10_000
const MAX_RANGES = 4
/** In the order in which a range counts them. */
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
/** Characters; above what a name or an address can have. */
const MAX_PATTERN = 300
const RANGE = /\[([0-9]{0,9}|[A-Za-z]):([0-9]{1,9}|[A-Za-z])(?::([0-9]{1,5}))?\]/g

interface Range {
	first: number
	step: number
	count: number
	text(value: number): string
}

/**
 * The host names that an inventory's pattern stands for: `web[01:50].example`, `db-[a:f]`, `[1:9:2]`, `[:9]`. A sentence where a
 * range makes no sense, or would be too many. Pure; never throws.
 */
export function expandHosts(pattern: string): string[] | string {
	if (pattern.length > MAX_PATTERN) return `it is longer than ${MAX_PATTERN} characters`
	const matches = [...pattern.matchAll(RANGE)]
	const ends = matches.map((match) => match.index + match[0].length)
	const [before = "", ...behind] = [0, ...ends].map((start, at) => pattern.slice(start, matches[at]?.index))
	if (/[[\]]/.test(before + behind.join(""))) return "the range in brackets is not understood: [01:50] or [a:f]"
	if (matches.length > MAX_RANGES) return `it has more than ${MAX_RANGES} ranges`
	const ranges: Range[] = []
	for (const [, from, to = "", step = "1"] of matches) {
		const range = readRange(from || "0", to, Number(step))
		if (typeof range === "string") return range
		ranges.push(range)
	}
	// Counted before anything is made: what is too much is never held.
	if (ranges.reduce((product, { count }) => product * count, 1) > MAX_HOSTS)
		return `the range stands for more than ${MAX_HOSTS} hosts`
	return ranges.reduce((names, range, at) => extend(names, range, behind[at] ?? ""), [before])
}

function extend(names: string[], { first, step, count, text }: Range, end: string): string[] {
	return names.flatMap((name) => Array.from({ length: count }, (_, at) => `${name}${text(first + at * step)}${end}`))
}

function readRange(from: string, to: string, step: number): Range | string {
	const isNumber = /^\d/.test(from)
	if (isNumber !== /^\d/.test(to)) return "the range goes from a number to a letter"
	// As Ansible reads it: what is written with leading zeros is as wide throughout.
	if (isNumber && /^0./.test(from) && from.length !== to.length) return "the ends of the range are not as wide"
	const [first, last] = isNumber ? [Number(from), Number(to)] : [LETTERS.indexOf(from), LETTERS.indexOf(to)]
	if (step < 1 || last < first) return "the range goes backwards"
	const width = isNumber && from.startsWith("0") ? from.length : 0
	const text = (value: number) => (isNumber ? String(value).padStart(width, "0") : LETTERS.charAt(value))
	return { first, step, count: Math.floor((last - first) / step) + 1, text }
}

/** A pattern and the port behind it; an IPv6 address with a port stands in brackets. Pure; never throws. */
export function splitPort(word: string): { pattern: string; port?: string } {
	const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::(\d+))?$/.exec(word)
	const plain = isV6(bracketed?.[1] ?? "") ? bracketed : /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(word)
	if (!plain) return { pattern: word }
	return { pattern: plain[1] ?? "", ...(plain[2] !== undefined && { port: plain[2] }) }
}

/** Told from a range of numbers or letters: shortened, or whole. */
const isV6 = (text: string) => text.includes("::") || /^(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}$/.test(text)
