import type { Plan, PlannedPool } from "../../schema/plan.ts"
import type { Host } from "../host.ts"
import { Secrets } from "../redact/secrets.ts"

/** The plan with every secret masked that is known without running anything: commands and diffs are shown and sent. */
export function maskPlan(plan: Plan, host: Host, pools: { pool: string; redact: readonly string[] }[]): Plan {
	const entries = pools.flatMap(({ redact }) => redact)
	if (entries.length === 0) return plan
	const all = createMask(host, entries, plan.finalClosure)
	return {
		...plan,
		pools: plan.pools.map((planned) => {
			const redact = pools.flatMap(({ pool, redact }) => (pool === planned.pool ? redact : []))
			return maskPool(planned, createMask(host, redact, [...planned.checks, ...planned.closure]))
		}),
		finalClosure: plan.finalClosure.map(all),
		findings: plan.findings.map((finding) => ({ ...finding, message: all(finding.message) })),
	}
}

function maskPool(pool: PlannedPool, mask: (text: string) => string): PlannedPool {
	return {
		...pool,
		// The old text is left out: whoever compares it with the new one would show what stands in that.
		operations: pool.operations.map(({ before: _, ...operation }) =>
			operation.diff === undefined ? operation : { ...operation, diff: mask(operation.diff) },
		),
		checks: pool.checks.map(mask),
		closure: pool.closure.map(mask),
		warnings: pool.warnings.map(mask),
	}
}

function createMask(host: Host, redact: readonly string[], commands: readonly string[]): (text: string) => string {
	const secrets = new Secrets(redact, host.self.variable)
	secrets.learnFrom(commands)
	return (text) => secrets.maskText(text)
}
