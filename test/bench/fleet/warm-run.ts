import { canBootSystemd } from "../../support/appliances/systemd.ts"
import type { Bench } from "../bench.ts"
import { createDesk } from "./desk.ts"
import { timeTarOverSsh } from "./tar-over-ssh.ts"

/** A whole run on a warm appliance, this many milliseconds there and back away. */
export function createWarmRun(name: string, roundTripMs: number): Bench {
	return {
		name,
		able: canBootSystemd,
		other: "tar | ssh, and the closures",
		pairs: 7,
		targets: [{ times: 1.5 }],
		async setUp(folder) {
			const desk = await createDesk(folder)
			if (roundTripMs > 0) await desk.appliance.slowDown({ delayMs: roundTripMs / 2, lossPercent: 0 })
			return { reset: desk.renew, ours: desk.run, other: () => timeTarOverSsh(desk), end: desk.end }
		},
	}
}
