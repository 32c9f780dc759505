import type { Random } from "../../soak/random.ts"
import type { Cut, CutWay, Direction } from "../../support/cutting-proxy.ts"

/** Everything that goes over the wire for one run, in order. */
export const PHASES = [
	"key-exchange",
	"sign-in",
	"runner-upload",
	"contents-upload",
	"start",
	"preflight",
	"baseline",
	"backup",
	"apply",
	"closure",
	"checks",
	"confirm",
	"restore",
	"reclosure",
	"final-closure",
] as const
export type CutPhase = (typeof PHASES)[number]

/** Before these are over the desktop has not been told that a run began. */
export const BEFORE_RUN: readonly CutPhase[] = PHASES.slice(0, 5)
/** A run only has these when a pool fails. */
export const ON_WAY_BACK: readonly CutPhase[] = ["restore", "reclosure"]

/** Bytes of the parts of a connection, as they were measured on one that nobody cut. */
export type Measured = Record<"keyExchange" | "signIn", Record<Direction, number>> & {
	runner: number
	contents: number
}

const WAYS: readonly CutWay[] = ["fin", "rst", "silent"]
/** Once more each, where most can go wrong. */
const AGAIN: readonly CutPhase[] = ["runner-upload", "contents-upload", "start", "closure", "confirm"]
/** What a phase of the run says of itself in any case, bytes. */
const TOLD = 1500
/** Phases of a run are over soon: then the cut comes although fewer bytes have passed. */
const AT_LATEST_MS = 250

/** Fifty cuts: every phase by every way, and some once more. */
export function makeCutCases(random: Random): { phase: CutPhase; way: CutWay }[] {
	const each = PHASES.flatMap((phase) => WAYS.map((way) => ({ phase, way })))
	return [...each, ...AGAIN.map((phase) => ({ phase, way: random.pick(WAYS) }))]
}

/** The byte at which to cut, counted from the beginning of the connection, or of the phase where that can be told. */
export function chooseCut(random: Random, phase: CutPhase, way: CutWay, measured: Measured): Cut {
	const direction = random.pick<Direction>(["up", "down"])
	const { keyExchange, signIn } = measured
	const common = { way, awayMs: random.below(1500) }
	switch (phase) {
		case "key-exchange":
			return { ...common, direction, after: random.below(keyExchange[direction]) }
		case "sign-in":
			return { ...common, direction, after: keyExchange[direction] + random.below(signIn[direction]) }
		case "runner-upload":
			return { ...common, direction: "up", after: keyExchange.up + signIn.up + random.below(measured.runner) }
		case "contents-upload":
			return { ...common, direction: "up", after: random.below(measured.contents) }
		case "start":
			return { ...common, direction, after: random.below(direction === "up" ? TOLD : 60), atLatestMs: AT_LATEST_MS }
		// The confirmation is a connection of its own.
		case "confirm":
			return { ...common, direction, after: random.below(6000), atLatestMs: AT_LATEST_MS }
		default:
			return { ...common, direction: "down", after: random.below(TOLD), atLatestMs: AT_LATEST_MS }
	}
}
