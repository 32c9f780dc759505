import { digestOf } from "./digest.ts"
import type { BeforeCall } from "./faults.ts"
import { checkAppliance, checkTold, type Truth } from "./invariants.ts"
import { checkNext, type Moment, runRecovery, runStep } from "./process.ts"

/** Fails the 1st, 2nd, 3rd ... call, or every so many of them, until none is needed; how many there were. */
export async function failEach(truth: Truth, failing: (call: number) => BeforeCall, every = 1): Promise<number> {
	const seen = new Set<string>()
	for (let call = 1; ; call += every) {
		let calls = 0
		let failed = ""
		const fail = failing(call)
		const beforeCall: BeforeCall = (now, name, path) => {
			calls = now
			if (now === call) failed = `${name} ${path}`
			fail(now, name, path)
		}
		const start = { inodes: truth.prepared, told: new Map() }
		try {
			await checkEnd(truth, await runStep(truth.scenario, start, { beforeCall }), seen)
		} catch (error) {
			throw new Error(`call ${call}, ${failed}: ${error instanceof Error ? error.message : error}`, { cause: error })
		}
		if (calls < call) return call
	}
}

/** What is recorded at the end and what the next recovery makes of the rest keeps every promise. */
async function checkEnd(truth: Truth, end: Moment, seen: Set<string>): Promise<void> {
	const digest = digestOf(end)
	if (seen.has(digest)) return checkTold(end.inodes, end.told)
	seen.add(digest)
	const recovered = await runRecovery(truth.scenario, end)
	await checkAppliance(truth, recovered.inodes, recovered.told, true)
	await checkNext(truth, recovered)
}
