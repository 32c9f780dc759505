import { expect, test } from "vitest"
import { kill } from "./disk/crash.ts"
import { explore } from "./explore.ts"
import { fsyncs } from "./fsyncs.ts"
import { Broken } from "./invariants.ts"
import { findTruth, type Moment, type ProcessSync, runRecovery, runStep } from "./process.ts"
import { scenarios } from "./scenarios.ts"

/** A machine may be busy with other things. */
const LIMIT = 1_200_000

/** A kill every so many changes of the disk brings up every sync that recovery has. */
const EVERY = 7

test.each(fsyncs.flatMap((fsync) => (fsync.caughtBy ? [[fsync.what, fsync.isIt, fsync.caughtBy] as const] : [])))(
	"%s: without its sync a promise is broken",
	async (_, isIt, { scenario, breaks, cuts }) => {
		const truth = await findTruth(scenarios[scenario])
		const first = ["all lost", "all kept", "names kept, content lost", "content kept, names lost"] as const
		const broken = await explore(truth, { first, depth: 1, ...cuts, ignores: isIt }).catch((error: unknown) => error)
		expect(broken).toBeInstanceOf(Broken)
		expect((broken as Broken).message).toMatch(breaks)
	},
	LIMIT,
)

test(
	"every sync of every scenario, and of recoveries, is one of them",
	async () => {
		const used = new Set<string>()
		const ignores = (sync: ProcessSync) => {
			const found = fsyncs.filter(({ isIt }) => isIt(sync)).map(({ what }) => what)
			const { path, phase, process, nth, names } = sync
			expect(found, JSON.stringify({ path, phase, process, nth, names })).toHaveLength(1)
			for (const what of found) used.add(what)
			return false
		}
		for (const scenario of Object.values(scenarios)) {
			const { prepared } = await findTruth(scenario)
			const moments: Moment[] = []
			const onMoment = (moment: Moment) => moments.push(moment)
			await runStep(scenario, { inodes: prepared, told: new Map() }, { ignores, onMoment })
			for (const { inodes, told } of moments.filter((_, index) => index % EVERY === 0)) {
				await runRecovery(scenario, { inodes: kill(inodes), told }, { ignores })
			}
		}
		const ordinary = fsyncs.filter(({ caughtBy }) => !caughtBy?.cuts?.failing)
		expect([...used].sort()).toEqual(ordinary.map(({ what }) => what).sort())
	},
	LIMIT,
)
