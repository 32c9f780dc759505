import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Bench, Figure, ReadyBench, Sample, Target } from "./bench.ts"

interface Pair {
	ours: Sample
	other?: Sample
}

/** Runs a bench in a folder of its own below `below`; one figure for each of its targets. */
export async function measure(bench: Bench, below: string): Promise<Figure[]> {
	const folder = await mkdtemp(join(below, "hotfix-bench-"))
	let ready: ReadyBench | undefined
	try {
		ready = await bench.setUp(folder)
		await runPair(ready)
		const pairs: Pair[] = []
		for (let index = 0; index < bench.pairs; index++) pairs.push(await runPair(ready))
		return bench.targets.map((target) => makeFigure(bench, target, pairs))
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

function makeFigure({ name, other }: Bench, target: Target, pairs: Pair[]): Figure {
	if ("peakMemoryMiB" in target) {
		const peaks = pairs.map((pair) => pair.ours.peakMemoryMiB ?? Number.POSITIVE_INFINITY)
		const ours = Math.max(...peaks)
		const atMost = target.peakMemoryMiB
		const each = peaks.map((peak) => [peak])
		return { bench: name, measure: "memory", unit: "MiB", ours, atMost, passed: ours <= atMost, pairs: each }
	}
	if ("roundTrips" in target) {
		const counts = pairs.map((pair) => pair.ours.roundTrips ?? Number.POSITIVE_INFINITY)
		const [ours, atMost, each] = [median(counts), target.roundTrips, counts.map((count) => [count])]
		return { bench: name, measure: "waiting", unit: "round trips", ours, atMost, passed: ours <= atMost, pairs: each }
	}
	if ("kibibytes" in target) {
		const [size] = pairs.map((pair) => pair.ours.kibibytes ?? Number.POSITIVE_INFINITY)
		const [ours, atMost] = [size ?? Number.NaN, target.kibibytes]
		return { bench: name, measure: "size", unit: "KiB", ours, atMost, passed: ours <= atMost, pairs: [[ours]] }
	}
	const each = pairs.map((pair) => [pair.ours, pair.other].flatMap((sample) => sample?.milliseconds ?? []))
	const ours = median(pairs.map((pair) => pair.ours.milliseconds))
	const base = { bench: name, measure: "time", unit: "ms", ours, pairs: each } as const
	if ("milliseconds" in target) {
		return { ...base, atMost: target.milliseconds, passed: ours <= target.milliseconds }
	}
	const others = pairs.map((pair) => pair.other?.milliseconds ?? 0)
	const ratio = median(pairs.map((pair, index) => pair.ours.milliseconds / (others[index] ?? 0)))
	const compared = { what: other ?? "", median: median(others) }
	return { ...base, other: compared, ratio, atMost: target.times, passed: ratio <= target.times }
}

export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b)
	const middle = sorted.length >> 1
	const upper = sorted[middle] ?? Number.NaN
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
