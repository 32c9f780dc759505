import { setTimeout as sleep } from "node:timers/promises"
import type { Bench } from "../bench.ts"
import { longestFrame, startLiveRun } from "../live-page.ts"

const LINES_A_SECOND = 50_000
const SECONDS = 4
/** As a pipe that is read often gives them. */
const LINES_A_PIECE = 50
/** How far the page may be behind when the last line was printed, milliseconds. */
const BEHIND_MS = 1500

/**
 * 50,000 lines of output a second, for 4 seconds, over services and contract into the page that shows and follows them:
 * the longest frame. It fails where the page comes to the last line late.
 */
export const bench: Bench = {
	name: "output",
	pairs: 5,
	targets: [{ milliseconds: 100 }],
	async setUp(folder) {
		const run = await startLiveRun(folder)
		let lines = 0
		const piece = () => {
			const from = lines
			lines += LINES_A_PIECE
			return Array.from(
				{ length: LINES_A_PIECE },
				(_, at) => `${from + at} [info] compiling src/components/page.tsx\n`,
			).join("")
		}
		return {
			reset: async () => void (await longestFrame(run.page).catch(() => undefined)),
			async ours() {
				const start = performance.now()
				const before = lines
				for (let now = 0; now < SECONDS * 1000; now = performance.now() - start) {
					while (lines - before < (LINES_A_SECOND * now) / 1000) run.print(piece())
					await sleep(5)
				}
				const printed = performance.now()
				await run.seen(lines)
				const behind = performance.now() - printed
				if (behind > BEHIND_MS)
					throw new Error(`cannot take the output in: the page is ${Math.round(behind)} ms behind`)
				return { milliseconds: (await longestFrame(run.page)).longest }
			},
			end: run.close,
		}
	},
}
