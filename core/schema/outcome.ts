import { z } from "zod"

/** The phases of a pool in the order of DESIGN §4; `checks` is the second run of the checks, after the closure. */
export const phaseSchema = z
	.enum([
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
	])
	.meta({ id: "phase" })
export type Phase = z.infer<typeof phaseSchema>

/** How a pool ended; the meaning of each is DESIGN §4, "Outcomes". Ordered from best to worst. */
export const poolOutcomeSchema = z
	.enum(["skipped", "unchanged", "applied", "failed", "degraded"])
	.meta({ id: "outcome" })
export type PoolOutcome = z.infer<typeof poolOutcomeSchema>

/** The worst of some outcomes; a run's own outcome is that of its pools. */
export function worstOutcome(outcomes: PoolOutcome[]): PoolOutcome {
	const order = poolOutcomeSchema.options
	return outcomes.reduce<PoolOutcome>((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), "skipped")
}

/** Why a pool failed, for a person: what failed, where, and the last thing it said. */
export const reasonSchema = z
	.object({
		phase: phaseSchema,
		message: z.string().describe("one sentence, lowercase, no full stop"),
		command: z.string().optional(),
		exit: z.number().int().optional(),
		signal: z.string().optional(),
		timedOut: z.boolean().optional(),
		output: z.string().optional().describe("the command's last output, at most 4 KiB"),
		details: z
			.array(z.string())
			.optional()
			.describe("further faults found at once (preflight), or what went wrong on the way back (`degraded`)"),
		left: z
			.number()
			.int()
			.positive()
			.optional()
			.describe("how many destinations somebody else changed before the pool came to them: they are as they left them"),
	})
	.meta({ id: "reason" })
export type Reason = z.infer<typeof reasonSchema>

export const finalClosureSchema = z
	.object({
		outcome: z.enum(["passed", "failed", "not-run"]),
		why: z.string().optional().describe("why it did not run"),
		reason: reasonSchema.optional(),
	})
	.meta({ id: "final closure result" })
export type FinalClosure = z.infer<typeof finalClosureSchema>

/** Exit codes of runner and command line (DESIGN §6, §8). */
export const EXIT = {
	ok: 0,
	failed: 1,
	badInput: 2,
	degraded: 3,
	busy: 4,
	finalClosureFailed: 5,
	unreachable: 6,
} as const

/** The exit code of one run (DESIGN §6). */
export function exitOf(outcome: PoolOutcome, finalClosure: FinalClosure): number {
	if (outcome === "degraded") return EXIT.degraded
	if (outcome === "failed") return EXIT.failed
	return finalClosure.outcome === "failed" ? EXIT.finalClosureFailed : EXIT.ok
}
