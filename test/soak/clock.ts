import type { Ended, Moment } from "../support/killed-process.ts"
import type { Random } from "./random.ts"

interface Measured {
	/** Milliseconds to the end, and to the first line; of late. */
	ms: number
	firstLineMs: number
	lines: number
}

/** Of those that are killed before they have begun: it is as long as the rest, and much less happens. */
const EARLY = 0.08

/** How long each kind of call takes, so that the moments of its kills are spread over all of it. */
export interface Clock {
	moment(kind: string, random: Random): Moment
	learn(kind: string, ended: Ended): void
}

export function createClock(): Clock {
	const measured = new Map<string, Measured>()
	return {
		moment(kind, random) {
			const { ms, firstLineMs, lines } = measured.get(kind) ?? { ms: 300, firstLineMs: 80, lines: 20 }
			if (random.chance(EARLY)) return { afterMs: random.unit() * firstLineMs }
			// Half by time, half by what it has just said: phases that are short are met as often as long ones.
			if (lines === 0 || random.chance(0.5)) return { afterMs: firstLineMs + random.unit() * (ms * 1.05 - firstLineMs) }
			return { line: 1 + random.below(lines), thenMs: random.unit() * 8 }
		},
		learn(kind, { killed, ms, firstLineMs = ms, stdout }) {
			if (killed) return
			const lines = stdout.length
			const before = measured.get(kind) ?? { ms, firstLineMs, lines }
			// Forgets slowly: a machine may have been busy for a while.
			measured.set(kind, {
				ms: Math.max(ms, before.ms * 0.9),
				firstLineMs: (before.firstLineMs + firstLineMs) / 2,
				lines: Math.max(lines, before.lines - 1),
			})
		},
	}
}
