import type { PhaseView, PoolView } from "./run-view.ts"

/** One phase on a pool's line of time; shares of the whole, 0 to 1. */
export interface PhaseTime {
	view: PhaseView
	from: number
	share: number
	/** Milliseconds after the pool's own beginning. */
	startMs: number
}

/** When each phase of a pool began and how long it took. `now` ends the open one; clocks that disagree never turn time round. */
export function phaseTimes({ phases, startedAt }: PoolView, now: number): PhaseTime[] {
	const first = startedAt ?? phases[0]?.startedAt
	if (first === undefined) return []
	const base = Date.parse(first)
	const spans = phases.map((view) => {
		const start = Math.max(0, Date.parse(view.startedAt) - base)
		const length = view.durationMs ?? (view.ok === undefined ? Math.max(0, now - base - start) : 0)
		return { view, start, end: start + length }
	})
	const whole = Math.max(1, ...spans.map(({ end }) => end))
	return spans.map(({ view, start, end }) => ({
		view,
		from: start / whole,
		share: (end - start) / whole,
		startMs: start,
	}))
}
