import { apply, emptyInodes, makeFolders, times, writeSources } from "../../fault/appliance.ts"
import { createSimulatedHost } from "../../fault/simulated-host.ts"
import type { Bench } from "../bench.ts"

const pools = ["web", "backend", "cron"].map((id) => ({
	id,
	files: Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`${id}/${index}`, `${id} ${index}`])),
}))
const module = { version: "1.0.0", pools }

/** How often one run of 3 pools and 21 files waits for the disk to have written; on a disk in memory, so the same each time. */
export const bench: Bench = {
	name: "syncs",
	pairs: 1,
	targets: [{ committed: "syncs" }],
	setUp: async () => ({ reset: async () => {}, ours: async () => ({ syncs: await countSyncs() }) }),
}

async function countSyncs(): Promise<number> {
	let syncs = 0
	const count = () => {
		syncs++
		return false
	}
	const host = createSimulatedHost(emptyInodes(), { now: times.step, ignores: count })
	for (const { id } of pools) await makeFolders(host.disk, `/srv/${id}`)
	await writeSources(host.disk, [module])
	syncs = 0
	const result = await apply(host, module, "run")
	if (!("outcome" in result) || result.outcome !== "applied")
		throw new Error(`cannot trust the count: ${JSON.stringify(result)}`)
	return syncs
}
