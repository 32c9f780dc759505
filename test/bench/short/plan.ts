import { planModule } from "../../../core/engine/plan.ts"
import { emptyInodes, makeModule, options, times, write, writeSources } from "../../fault/appliance.ts"
import { createSimulatedHost } from "../../fault/simulated-host.ts"
import type { Bench } from "../bench.ts"
import { workOf } from "../processor.ts"

const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const
const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`file-${index}`, makeText(index)]))
const module = { version: "1.0.0", pools: [{ id: "plan", files }] }

/** What a run would do to 100 files of 4 KiB that all differ, on a disk in memory. */
export const bench: Bench = {
	name: "plan",
	other: "their lines counted, 8 times",
	pairs: 80,
	targets: [{ committed: "processorMs" }],
	async setUp() {
		const host = createSimulatedHost(emptyInodes(), { now: times.step })
		await writeSources(host.disk, [module])
		for (const [name, text] of Object.entries(files)) await write(host.disk, `/srv/${name}`, `theirs\n${text}`)
		const onHost = makeModule(module)
		return {
			reset: async () => {},
			ours: () =>
				workOf(async () => {
					const { pools } = await planModule(host, options, onHost, request)
					const count = pools[0]?.operations.length
					if (count !== 100) throw new Error(`cannot trust the figure: ${count} files were planned`)
				}),
			other: () =>
				workOf(() => {
					for (let time = 0; time < 8; time++) for (const text of Object.values(files)) countLines(text)
				}),
		}
	},
}

/** JavaScript as planning is: against `JSON.parse` the same code is three times as slow on another processor. */
function countLines(text: string): number {
	const counts = new Map<string, number>()
	for (const line of text.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1)
	return counts.size
}

function makeText(file: number): string {
	return Array.from({ length: 80 }, (_, line) => `setting_${line} = "${file}" # as it has to be there\n`).join("")
}
