import type { Sample } from "./bench.ts"

/** What the processor works for it, all threads of this process together. */
export async function workOf(work: () => unknown): Promise<Sample> {
	const before = process.cpuUsage()
	await work()
	const { user, system } = process.cpuUsage(before)
	return { processorMs: (user + system) / 1000 }
}
