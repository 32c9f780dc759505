import type { RunRequest } from "../../protocol/runner-calls.ts"
import type { Appliance } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Plan } from "../../schema/plan.ts"
import type { PreparedFinding } from "../../schema/rollout-prepare.ts"
import type { Contacts } from "../services/contacts.ts"
import { failureOf } from "../services/failure-of.ts"
import type { Questions } from "../services/questions-service.ts"
import type { QuestionBody } from "../services/types.ts"
import { createSlots, untilAborted, within } from "../services/waiting.ts"
import { createTurns } from "../ssh/turns.ts"
import { boundText } from "./bounds.ts"
import { commonFailure, findingsOf } from "./findings.ts"
import { createStoodFiles, type Looked } from "./variants.ts"

/** Appliances that are looked at side by side, and those among them behind one jump host. */
const AT_ONCE = 16
const PER_JUMP = 8
/** Seconds an appliance may take to answer: every destination is read twice. */
const LOOK_SECONDS = 300

type HostKeyQuestion = Extract<QuestionBody, { kind: "host-key" }>

/** What became of one look. `asks`: a host key that somebody must judge first. */
export type Look =
	| { kind: "seen"; place: number; os: string; node: string; looked: Looked; findings: PreparedFinding[] }
	| { kind: "failed"; place: number; findings: PreparedFinding[] }
	| AskingLook
export type AskingLook = { kind: "asks"; place: number; question: HostKeyQuestion; findings: PreparedFinding[] }

interface Deps {
	contacts: Pick<Contacts, "open">
	questions: Pick<Questions, "ask">
}

/** What is asked of each. */
interface Asked {
	request: RunRequest
	destinations: string[]
	/** The first jump host on the way to each, by place. */
	jumps: readonly (string | undefined)[]
}

/** Looks at appliances, each on a connection of its own, and at no file of theirs but the destinations. */
export function createLooking({ contacts, questions }: Deps, { request, destinations, jumps }: Asked) {
	const trusted = new Set<string>()
	const slot = createSlots(AT_ONCE)
	const turns = createTurns(PER_JUMP)
	const stood = createStoodFiles()

	/** A person is asked about host keys later, about all at once; about everything else now. */
	const askFor = (found: HostKeyQuestion[]) => (question: QuestionBody, gone?: AbortSignal) => {
		if (question.kind !== "host-key") return questions.ask(question, gone)
		if (trusted.has(keyOf(question))) return Promise.resolve({ kind: "trust" as const })
		found.push(question)
		return Promise.resolve({ kind: "refuse" as const })
	}

	async function see(
		place: number,
		appliance: Appliance,
		found: HostKeyQuestion[],
		signal: AbortSignal,
	): Promise<Look> {
		if (signal.aborted) throw new FailureError("cancelled", { what: "the look" })
		const { port, hello } = await contacts.open(appliance, { signal, ask: askFor(found) })
		try {
			const answer = Promise.all([port.plan(request), port.statFiles(destinations)])
			const [plan, seen] = await untilAborted(within(LOOK_SECONDS, "answer", answer), signal, "the look")
			if (seen.length !== destinations.length)
				throw new FailureError("runner-incompatible", { reason: "not every destination was answered" })
			const [os, node] = [boundText(hello.os), boundText(hello.node)]
			const looked = { place, os, seen: seen.map((file) => stood(file, place)), applies: appliedBy(plan) }
			return { kind: "seen", place, os, node, looked, findings: findingsOf(plan) }
		} finally {
			await port.close()
		}
	}

	return {
		/** Never fails. */
		async look(place: number, appliance: Appliance, signal: AbortSignal): Promise<Look> {
			const found: HostKeyQuestion[] = []
			const inSlot = () => slot(() => see(place, appliance, found, signal))
			try {
				// A jump host's turn first: those who wait for it take no slot from the others.
				const jump = jumps[place]
				return await (jump === undefined ? inSlot() : turns.take(jump, signal, inSlot))
			} catch (error) {
				const failure = failureOf(error)
				const findings: PreparedFinding[] = [{ kind: "failure", failure: commonFailure(failure) }]
				const question = failure.code === "host-key-unknown" ? found.at(-1) : undefined
				return question ? { kind: "asks", place, question, findings } : { kind: "failed", place, findings }
			}
		},
		/** The places of those whose key a person trusts now. */
		async judge(asking: readonly AskingLook[], signal?: AbortSignal): Promise<Set<number>> {
			const answers = await Promise.all(asking.map(({ question }) => questions.ask(question, signal)))
			const good = asking.filter((_, index) => answers[index]?.kind === "trust")
			for (const { question } of good) trusted.add(keyOf(question))
			return new Set(good.map(({ place }) => place))
		},
	}
}

/** How many different keys those are. */
export function countKeys(asking: readonly AskingLook[]): number {
	return new Set(asking.map(({ question }) => keyOf(question))).size
}

function keyOf({ host, port, keyType, fingerprint }: HostKeyQuestion): string {
	return JSON.stringify([host, port, keyType, fingerprint])
}

function appliedBy({ refusal, pools }: Plan): ReadonlySet<string> {
	return new Set(refusal === undefined ? pools.flatMap(({ pool, would }) => (would === "apply" ? [pool] : [])) : [])
}
