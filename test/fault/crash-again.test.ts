import { expect, test } from "vitest"
import { explore } from "./explore.ts"
import { failCommit } from "./faults.ts"
import { findTruth } from "./process.ts"
import { scenarios } from "./scenarios.ts"

/** Thousands of runs; a machine may be busy with other things. */
const LIMIT = 1_200_000

/** A kill that loses nothing yet, and a power cut that loses all that is not safe: the two ends of what a crash can do. */
const cuts = { first: ["killed", "all lost"], later: ["killed", "all lost"] } as const

test(
	"recovery cut short any number of times, until nothing new comes up",
	async () => {
		const { images, depth } = await explore(await findTruth(scenarios.tiny), cuts)
		console.info(`${scenarios.tiny.name}: ${images} appliances left, none new after ${depth} crashes`)
		expect(depth).toBeGreaterThan(3)
	},
	LIMIT,
)

/** Not to the end: of larger scenarios there are too many. */
test.each([scenarios.confirm, scenarios.failedRevert])(
	"$name, and its recovery cut short once",
	async (scenario) => {
		const { images } = await explore(await findTruth(scenario), { ...cuts, depth: 2 })
		console.info(`${scenario.name}: ${images} appliances left by two crashes`)
		expect(images).toBeGreaterThan(500)
	},
	LIMIT,
)

test(
	"the first run killed before it began, and asked for again",
	async () => {
		const again = { first: ["killed"], later: ["all lost"], depth: 2, asksAgain: true } as const
		const { images } = await explore(await findTruth(scenarios.firstRun), again)
		expect(images).toBeGreaterThan(100)
	},
	LIMIT,
)

/** Whatever becomes of the record, the journal and the files say the same, wherever the power is cut afterwards. */
test.each(
	["pool-open", "backup-complete", "pool-closed", "run-closed"].flatMap((type) =>
		(["write", "sync"] as const).map((call) => [type, call] as const),
	),
)(
	"%s: the %s of its commit fails, and then the power is cut",
	async (type, call) => {
		const options = { depth: 1, singles: true, failing: () => failCommit(type, call) }
		const { images } = await explore(await findTruth(scenarios.firstRun), options)
		expect(images).toBeGreaterThan(50)
	},
	LIMIT,
)
