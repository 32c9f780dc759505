/** One figure of one call. */
export interface Sample {
	milliseconds: number
	/** Of the largest moment of the runner itself; the tools that it starts are not in it. */
	peakMemoryMiB?: number
	/** How often the far side was waited for. */
	roundTrips?: number
	/** What is loaded, as it goes over a line. */
	kibibytes?: number
}

/** What may be at most, for the bench to pass: so many times the other's, or a figure of its own. */
export type Target =
	| { times: number }
	| { milliseconds: number }
	| { peakMemoryMiB: number }
	| { roundTrips: number }
	| { kibibytes: number }

/** A bench that is set up. The two are called in turn. */
export interface ReadyBench {
	/** Makes everything as it was before the first call, page cache included; not measured. */
	reset(): Promise<void>
	ours(): Promise<Sample>
	other?(): Promise<Sample>
	/** Ends what `setUp` began. */
	end?(): Promise<void>
}

type Able = { ok: true } | { ok: false; why: string }

/** What each file in `benches/` exports as `bench`. */
export interface Bench {
	name: string
	/** What ours is compared with. */
	other?: string
	/** How often the two are called in turn, after one pair that is not counted. */
	pairs: number
	targets: Target[]
	/** Whether this machine has what the bench needs; it does when absent. */
	able?(): Able | Promise<Able>
	/** `folder` is new and is removed afterwards. */
	setUp(folder: string): Promise<ReadyBench>
}

/** One line of the table. */
export interface Figure {
	bench: string
	measure: "time" | "memory" | "waiting" | "size"
	unit: "ms" | "MiB" | "round trips" | "KiB"
	/** Median. */
	ours: number
	other?: { what: string; median: number }
	/** Median of the pairs' ratios. */
	ratio?: number
	atMost: number
	passed: boolean
	/** Each pair as it was measured, ours first. */
	pairs: number[][]
}
