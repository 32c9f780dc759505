import { runSoak } from "./soak.ts"
import type { Tally } from "./tally.ts"

const USAGE = "usage: npm run soak -- [KILLS] [SEED]"
/** Progress is told so often, in milliseconds. */
const EVERY_MS = 5000

const [kills = "2000", seed = String(Date.now() % 1_000_000), ...more] = process.argv.slice(2)
if (more.length > 0 || ![kills, seed].every((text) => /^\d{1,9}$/.test(text))) {
	console.error(USAGE)
	process.exit(2)
}

console.log(`killing the runner ${kills} times, seed ${seed}`)
const startedAt = Date.now()
let toldAt = startedAt
const result = await runSoak({ kills: Number(kills), seed: Number(seed), onRound: tell })
const seconds = (Date.now() - startedAt) / 1000
console.log(result.tally.print().join("\n"))
if (result.ok) {
	const each = Math.round((seconds / result.tally.rounds) * 1000)
	console.log(
		`${result.tally.kills} kills in ${Math.round(seconds)} s (${each} ms a round), no violation, seed ${seed}`,
	)
} else {
	console.error(result.report.join("\n"))
	console.error(
		`a violation after ${result.tally.kills} kills, seed ${seed}; the appliance is kept in ${result.folder}`,
	)
	process.exitCode = 1
}

function tell(tally: Tally): void {
	if (Date.now() - toldAt < EVERY_MS) return
	toldAt = Date.now()
	console.log(`${tally.kills}/${kills} kills, ${tally.rounds} rounds`)
}
