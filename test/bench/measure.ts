import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Bench, Committed, Figure, ReadyBench, Sample, Target } from "./bench.ts"

interface Pair {
	ours: Sample
	other?: Sample
}

/** How much worse than the committed figure a bench may be; what is the same each time may not be worse at all. */
const WORSE = { processorMs: 2, kibibytes: 1.25, syncs: 1 }

/** Runs a bench in a folder of its own below `below`; one figure for each of its targets. */
export async function measure(bench: Bench, below: string, committed: Committed = {}): Promise<Figure[]> {
	const folder = await mkdtemp(join(below, "hotfix-bench-"))
	let ready: ReadyBench | undefined
	try {
		ready = await bench.setUp(folder)
		await runPair(ready)
		const pairs: Pair[] = []
		for (let index = 0; index < bench.pairs; index++) pairs.push(await runPair(ready))
		return bench.targets.map((target) => makeFigure(bench, target, pairs, committed))
	} finally {
		await ready?.end?.()
		await rm(folder, { recursive: true, force: true })
	}
}

/** In turn, so that whatever else the machine does meets both alike. */
async function runPair(ready: ReadyBench): Promise<Pair> {
	await ready.reset()
	const ours = await ready.ours()
	if (!ready.other) return { ours }
	await ready.reset()
	return { ours, other: await ready.other() }
}

/** How each figure of a sample is told, and which of many calls stands for all. */
const KINDS = {
	milliseconds: { measure: "time", unit: "ms", of: median },
	peakMemoryMiB: { measure: "memory", unit: "MiB", of: most },
	roundTrips: { measure: "waiting", unit: "round trips", of: median },
	kibibytes: { measure: "size", unit: "KiB", of: most },
	syncs: { measure: "syncs", unit: "syncs", of: most },
	/** Whatever else goes on only adds to it. */
	processorMs: { measure: "processor", unit: "ms", of: least },
} as const satisfies Record<keyof Sample, object>

function makeFigure(bench: Bench, target: Target, pairs: Pair[], committed: Committed): Figure {
	const key = keyOf(target)
	const { measure, unit, of } = KINDS[key]
	const ours = pairs.map((pair) => pair.ours[key] ?? Number.POSITIVE_INFINITY)
	const limit = limitOf(bench, target, committed)
	if (!isCompared(bench, target)) {
		return judge({ bench: bench.name, measure, unit, ours: of(ours), pairs: ours.map((one) => [one]) }, limit)
	}
	// What was not measured is never a reason to pass.
	const others = pairs.map(({ other }) => other?.[key] ?? 0)
	const each = ours.map((one, index) => [one, others[index] ?? 0] as const)
	const ratio = of === median ? median(each.map(([one, other]) => one / other)) : of(ours) / of(others)
	const other = { what: bench.other ?? "", value: of(others) }
	return judge({ bench: bench.name, measure, unit, ours: of(ours), other, ratio, pairs: each }, limit)
}

function isCompared({ other }: Bench, target: Target): boolean {
	return "times" in target || ("committed" in target && other !== undefined)
}

function keyOf(target: Target): keyof Sample {
	if ("times" in target) return "milliseconds"
	if ("committed" in target) return target.committed
	return Object.keys(target)[0] as keyof Sample
}

function limitOf(bench: Bench, target: Target, committed: Committed): number | undefined {
	if (!("committed" in target)) return Object.values(target)[0]
	const before = committed[bench.name]
	return before === undefined ? undefined : before * WORSE[target.committed]
}

function judge(figure: Omit<Figure, "atMost" | "passed">, atMost: number | undefined): Figure {
	return { ...figure, atMost, passed: atMost !== undefined && worthOf(figure) <= atMost }
}

/** What a figure is judged by. */
export function worthOf({ ratio, ours }: Pick<Figure, "ratio" | "ours">): number {
	return ratio ?? ours
}

export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b)
	const middle = sorted.length >> 1
	const upper = sorted[middle] ?? Number.NaN
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

function most(values: number[]): number {
	return Math.max(...values)
}

function least(values: number[]): number {
	return Math.min(...values)
}
