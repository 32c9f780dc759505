import type { Ended, Moment } from "../support/killed-process.ts"
import type { Random } from "./random.ts"

interface Measured {
	/** Milliseconds to the end, and to the first line; of late. */
	ms: number
	firstLineMs: number
	lines: number
	/** How often each phase began. */
	phases: Map<string, number>
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
			const { ms, firstLineMs, lines, phases } = measured.get(kind) ?? unknown
			if (random.chance(EARLY)) return { afterMs: random.unit() * firstLineMs }
			// Some by time, some by what it has just said, some by phase: those that are short are met as often as long ones.
			if (phases.size > 0 && random.chance(0.45)) {
				const [phase, count] = random.pick([...phases])
				return { lines: 1 + random.below(count), with: phaseStart(phase), thenMs: random.unit() * 12 }
			}
			if (lines > 0 && random.chance(0.55))
				return { lines: 1 + random.below(lines), with: "", thenMs: random.unit() * 8 }
			return { afterMs: firstLineMs + random.unit() * (ms * 1.05 - firstLineMs) }
		},
		learn(kind, { killed, ms, firstLineMs = ms, stdout }) {
			const before = measured.get(kind) ?? unknown
			const phases = new Map(before.phases)
			for (const [phase, count] of countPhases(stdout)) phases.set(phase, Math.max(count, phases.get(phase) ?? 0))
			const lines = stdout.length
			// Forgets slowly: a machine may have been busy for a while.
			const whole = {
				ms: Math.max(ms, before.ms * 0.9),
				firstLineMs: (before.firstLineMs + firstLineMs) / 2,
				lines: Math.max(lines, before.lines - 1),
			}
			measured.set(kind, { ...before, ...(killed ? {} : whole), phases })
		},
	}
}

const unknown: Measured = { ms: 300, firstLineMs: 80, lines: 20, phases: new Map() }

/** How an event says that a phase begins. */
function phaseStart(phase: string): string {
	return `"phase":"${phase}"}`
}

function countPhases(lines: string[]): Map<string, number> {
	const counts = new Map<string, number>()
	for (const line of lines.filter((text) => text.includes('"phase-started"'))) {
		const phase = /"phase":"([a-z-]+)"/.exec(line)?.[1] ?? ""
		counts.set(phase, (counts.get(phase) ?? 0) + 1)
	}
	return counts
}
