import { canBootSystemd } from "../../support/appliances/systemd.ts"
import type { Bench } from "../bench.ts"
import { createDesk } from "../fleet/desk.ts"

const ROUND_TRIP_MS = 50
/** Of so many the quickest counts on each side: what a busy machine adds is no waiting for the link. */
const TRIES = 5

/** How often the first event waits for the link, on a warm appliance that has all contents but new ones. */
export const bench: Bench = {
	name: "round-trips",
	able: canBootSystemd,
	pairs: 3,
	targets: [{ roundTrips: 12 }],
	async setUp(folder) {
		const desk = await createDesk(folder)
		const link = await desk.appliance.slowDown({ delayMs: 0, lossPercent: 0 })

		async function quickest(roundTripMs: number): Promise<number> {
			await link.set({ delayMs: roundTripMs / 2, lossPercent: 0 })
			const times: number[] = []
			while (times.length < TRIES) {
				await desk.renew()
				times.push((await desk.runToFirstEvent()).milliseconds)
			}
			return Math.min(...times)
		}
		return {
			reset: async () => {},
			/** The same path without delay first: what is left is waiting, and not work. */
			async ours() {
				const near = await quickest(0)
				const far = await quickest(ROUND_TRIP_MS)
				return { milliseconds: far, roundTrips: (far - near) / ROUND_TRIP_MS }
			},
			end: desk.end,
		}
	},
}
