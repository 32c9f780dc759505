import type { WaveSize } from "../../schema/rollout.ts"

/** The wave of each of `total` appliances, in their order: waves of these sizes, then one of whoever is left. */
export function makeWaves(sizes: readonly WaveSize[], total: number): number[] {
	const waves: number[] = []
	let wave = 0
	for (const size of sizes) {
		const count = "count" in size ? size.count : Math.max(1, Math.round((total * size.percent) / 100))
		const taken = Math.min(count, total - waves.length)
		if (taken === 0) break
		waves.push(...Array<number>(taken).fill(wave++))
	}
	return [...waves, ...Array<number>(total - waves.length).fill(wave)]
}
