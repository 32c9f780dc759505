import { FailureError } from "../schema/failure.ts"
import { type Budget, type Gate, type RolloutPolicy, rolloutPolicySchema, type WaveSize } from "../schema/rollout.ts"
import { defaultPolicy } from "../schema/rollout-words.ts"

export interface PolicyOptions {
	wave?: string[]
	/** Appliances that come first. */
	canary?: string[]
	gate?: string
	atOnce?: number
	perJump?: number
	stopAfter?: string
	stopWaveAfter?: string
	unreachable?: string
	retryEvery?: number
	giveUpAfter?: number
}

/** The policy that the options of `hotfix rollout start` describe. Fails with `bad-request`. */
export function readPolicy(options: PolicyOptions): RolloutPolicy {
	const { waves, gate, atOnce, perJump, budget, unreachable } = defaultPolicy
	const policy = {
		waves: options.wave?.map(readWave) ?? [...firstWave(options), ...waves.slice(1)],
		gate: options.gate === undefined ? gate : readGate(options.gate),
		atOnce: options.atOnce ?? atOnce,
		perJump: options.perJump ?? perJump,
		budget: {
			wave: readBudget(options.stopWaveAfter, budget.wave),
			whole: readBudget(options.stopAfter, budget.whole),
		},
		unreachable: {
			budget: readBudget(options.unreachable, unreachable.budget),
			retrySeconds: options.retryEvery ?? unreachable.retrySeconds,
			expireSeconds: options.giveUpAfter ?? unreachable.expireSeconds,
		},
	} satisfies RolloutPolicy
	const { error } = rolloutPolicySchema.safeParse(policy)
	if (error)
		throw bad(
			`cannot use these limits: ${error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`,
		)
	return policy
}

/** Whoever is named to come first is all of it. */
function firstWave({ canary }: PolicyOptions): WaveSize[] {
	return canary ? [{ count: canary.length }] : defaultPolicy.waves.slice(0, 1)
}

function readWave(text: string): WaveSize {
	const size = readNumber(text)
	if (size) return size
	throw bad(`cannot read the wave ${JSON.stringify(text)}: a number of appliances or a percentage is needed, 1 or 5%`)
}

function readGate(text: string): Gate {
	if (text === "none" || text === "person") return { kind: text }
	const size = readNumber(text)
	if (size && "count" in size) return { kind: "soak", seconds: size.count }
	throw bad(`cannot read the gate ${JSON.stringify(text)}: none, person or a number of seconds is needed`)
}

/** `3`, `5%`, `3,5%`, `never`; `otherwise` where nothing is said. */
function readBudget(text: string | undefined, otherwise: Budget): Budget {
	if (text === undefined) return otherwise
	if (text === "never") return {}
	const parts = text.split(",").map(readNumber)
	if (parts.length <= 2 && parts.every((part) => part !== undefined)) return Object.assign({}, ...parts)
	throw bad(`cannot read the limit ${JSON.stringify(text)}: a number, a percentage or both are needed, 3,5%, or never`)
}

function readNumber(text: string): WaveSize | undefined {
	const [, digits = "", percent] = /^(\d{1,6}(?:\.\d+)?)(%)?$/.exec(text.trim()) ?? []
	const number = Number(digits)
	if (digits === "" || number <= 0) return undefined
	if (percent) return number <= 100 ? { percent: number } : undefined
	return Number.isSafeInteger(number) ? { count: number } : undefined
}

function bad(reason: string): FailureError {
	return new FailureError("bad-request", { reason })
}
