import { type Appliance, createAppliance } from "./appliance.ts"
import { createClock } from "./clock.ts"
import { createModel } from "./model.ts"
import { createRandom } from "./random.ts"
import { runRound, type Soak } from "./round.ts"
import { createTally, type Tally } from "./tally.ts"
import { Violation } from "./violation.ts"

export interface SoakOptions {
	/** SIGKILLs to be dealt, to runs and recoveries alike. */
	kills: number
	seed: number
	/** Called after each round. */
	onRound?(tally: Tally): void
}

export type SoakResult =
	| { ok: true; tally: Tally }
	/** `folder`: the appliance as it was found, kept. */
	| { ok: false; tally: Tally; folder: string; report: string[] }

/** Rounds on one appliance: enough for ten backups of each pool to be outgrown. */
const ROUNDS = 40
/** Of what was done before a violation. */
const LAST_SAID = 30

/** Kills the bundled runner again and again, until so many kills are dealt or something is found that must never be. */
export async function runSoak({ kills, seed, onRound }: SoakOptions): Promise<SoakResult> {
	const tally = createTally()
	const clock = createClock()
	for (let number = 0; tally.kills < kills; number++) {
		const random = createRandom(seed + number * 7919)
		const appliance = createAppliance(random)
		const soak = { appliance, model: createModel(appliance.look()), random, clock, tally, said: [] }
		const report = await runRounds(soak, () => {
			onRound?.(tally)
			return tally.kills < kills
		})
		if (report) return { ok: false, tally, folder: appliance.folder, report }
		await endAppliance(appliance)
	}
	return { ok: true, tally }
}

async function runRounds(soak: Soak, goesOn: () => boolean): Promise<string[] | undefined> {
	try {
		for (let round = 0; round < ROUNDS; round++) {
			await runRound(soak)
			if (!goesOn()) break
		}
		return undefined
	} catch (error) {
		const lines =
			error instanceof Violation ? error.lines : [error instanceof Error ? (error.stack ?? "") : String(error)]
		return [...soak.said.slice(-LAST_SAID), ...lines]
	}
}

/** What a killed runner's closure left running ends by itself soon; its folder must outlive it. */
async function endAppliance(appliance: Appliance): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, 100))
	appliance.remove()
}
