import { EXIT } from "../schema/outcome.ts"

/** From worst to best: a person must look; not reached; refused; busy; put back; final closure failed; fine. */
const ORDER: readonly number[] = [
	EXIT.degraded,
	EXIT.unreachable,
	EXIT.badInput,
	EXIT.busy,
	EXIT.failed,
	EXIT.finalClosureFailed,
	EXIT.ok,
]

/** The exit code of several appliances: the worst one (DESIGN §8). */
export function worstExit(exits: number[]): number {
	return ORDER.find((code) => exits.includes(code)) ?? EXIT.ok
}
