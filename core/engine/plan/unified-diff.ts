/** More differing lines than this are shown as one block: a person reads no further, and time stays bounded. */
const MAX_EDITS = 2000
const CONTEXT = 3

type Edit = { kind: " " | "-" | "+"; line: string }

/** A unified diff of two texts; empty when they are the same. */
export function unifiedDiff(before: string, after: string, names: { before: string; after: string }): string {
	if (before === after) return ""
	const hunks = makeHunks(makeEdits(before.split("\n"), after.split("\n")))
	return [`--- ${names.before}`, `+++ ${names.after}`, ...hunks, ""].join("\n")
}

/** Shortest edit script after Myers, "An O(ND) Difference Algorithm" (1986), between the common head and tail. */
function makeEdits(before: string[], after: string[]): Edit[] {
	let head = 0
	while (head < before.length && head < after.length && before[head] === after[head]) head++
	let tail = 0
	const isSameTail = () => before[before.length - 1 - tail] === after[after.length - 1 - tail]
	while (tail < Math.min(before.length, after.length) - head && isSameTail()) tail++
	const keep = (lines: string[]): Edit[] => lines.map((line) => ({ kind: " ", line }))
	const a = before.slice(head, before.length - tail)
	const b = after.slice(head, after.length - tail)
	return [
		...keep(before.slice(0, head)),
		...(findPath(a, b) ?? replaceAll(a, b)),
		...keep(before.slice(before.length - tail)),
	]
}

function replaceAll(a: string[], b: string[]): Edit[] {
	return [...a.map((line) => ({ kind: "-" as const, line })), ...b.map((line) => ({ kind: "+" as const, line }))]
}

function findPath(a: string[], b: string[]): Edit[] | undefined {
	const trace: Map<number, number>[] = []
	let furthest = new Map([[1, 0]])
	for (let edits = 0; edits <= Math.min(a.length + b.length, MAX_EDITS); edits++) {
		trace.push(furthest)
		const next = new Map(furthest)
		for (let k = -edits; k <= edits; k += 2) {
			let x = startOf(furthest, k, edits)
			while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
			next.set(k, x)
			if (x >= a.length && x - k >= b.length) return walkBack(trace, a, b)
		}
		furthest = next
	}
	return undefined
}

function startOf(furthest: Map<number, number>, k: number, edits: number): number {
	const down = furthest.get(k + 1) ?? -1
	const right = furthest.get(k - 1) ?? -1
	return k === -edits || (k !== edits && right < down) ? down : right + 1
}

function walkBack(trace: Map<number, number>[], a: string[], b: string[]): Edit[] {
	const edits: Edit[] = []
	let x = a.length
	let y = b.length
	for (let step = trace.length - 1; step >= 0; step--) {
		const furthest = trace[step] as Map<number, number>
		const k = x - y
		const isDown = k === -step || (k !== step && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1))
		const fromK = isDown ? k + 1 : k - 1
		const fromX = furthest.get(fromK) ?? 0
		const fromY = fromX - fromK
		while (x > fromX && y > fromY && x > 0 && y > 0) {
			edits.push({ kind: " ", line: a[--x] as string })
			y--
		}
		if (step === 0) break
		if (isDown) edits.push({ kind: "+", line: b[--y] as string })
		else edits.push({ kind: "-", line: a[--x] as string })
	}
	return edits.reverse()
}

/** Changes with three lines around them; blocks whose surroundings meet are one. */
function makeHunks(edits: Edit[]): string[] {
	const lines: string[] = []
	for (const { from, to } of ranges(edits)) {
		const hunk = edits.slice(from, to)
		const count = (kinds: string, list: Edit[]) => list.filter(({ kind }) => kinds.includes(kind)).length
		const start = (kinds: string) => {
			const length = count(kinds, hunk)
			return `${count(kinds, edits.slice(0, from)) + (length === 0 ? 0 : 1)},${length}`
		}
		lines.push(`@@ -${start(" -")} +${start(" +")} @@`, ...hunk.map(({ kind, line }) => `${kind}${line}`))
	}
	return lines
}

function ranges(edits: Edit[]): { from: number; to: number }[] {
	const found: { from: number; to: number }[] = []
	for (const [index, { kind }] of edits.entries()) {
		if (kind === " ") continue
		const range = { from: Math.max(0, index - CONTEXT), to: Math.min(edits.length, index + CONTEXT + 1) }
		const last = found.at(-1)
		if (last && range.from <= last.to) last.to = range.to
		else found.push(range)
	}
	return found
}
