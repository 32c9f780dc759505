/** One call's figures, those that its bench has a target for. */
export interface Sample {
	milliseconds?: number
	/** What the processor worked, which other programs beside it lengthen less than they do the time. */
	processorMs?: number
	/** Of the largest moment of the runner itself; the tools that it starts are not in it. */
	peakMemoryMiB?: number
	/** How often the far side was waited for. */
	roundTrips?: number
	/** What is loaded, as it goes over a line. */
	kibibytes?: number
	/** How often it was waited for the disk to have written. */
	syncs?: number
}

/**
 * What may be at most, for the bench to pass: so many times the other's time, a figure of its own, or little more than the
 * committed figure (`measure.ts`): how many times the other's it was then, or where there is no other, how much.
 */
export type Target =
	| { times: number }
	| { milliseconds: number }
	| { peakMemoryMiB: number }
	| { roundTrips: number }
	| { kibibytes: number }
	| { committed: "processorMs" | "syncs" | "kibibytes" }

/** Figures to compare with, by the name of their bench. */
export type Committed = Readonly<Record<string, number>>

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
	measure: "time" | "memory" | "waiting" | "size" | "processor" | "syncs"
	unit: "ms" | "MiB" | "round trips" | "KiB" | "syncs"
	/** Median; the least of what the processor worked, the most of memory and counts. */
	ours: number
	other?: { what: string; value: number }
	/** Median of the pairs' ratios; of the processor's work the ratio of the two least. */
	ratio?: number
	/** Of the ratio where there is one; undefined where nothing is committed yet. */
	atMost: number | undefined
	passed: boolean
	/** Each pair as it was measured, ours first. */
	pairs: readonly (readonly number[])[]
}

/** A bench without figures, and why. */
export interface Missing {
	bench: string
	/** `unable`: not on this machine. `broken`: it ended with an error. */
	state: "unable" | "broken"
	why: string
}
