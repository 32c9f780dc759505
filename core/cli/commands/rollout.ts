import type { Services } from "../../fleet/services/types.ts"
import type { Appliance } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import { EXIT } from "../../schema/outcome.ts"
import {
	type Rollout,
	type RolloutSummary,
	type RolloutTarget,
	type RolloutWish,
	rolloutRequestSchema,
} from "../../schema/rollout.ts"
import { goesOn, goOnFrom, isSkippable, type StandingWord, standingWord } from "../../schema/rollout-words.ts"
import { type ApplianceOptions, chooseAppliances } from "../appliance-options.ts"
import { findNamed } from "../find-named.ts"
import { createLeaving } from "../leave-rollout.ts"
import { isAgreed } from "../person-at-terminal.ts"
import { printUnexpected } from "../print-failure.ts"
import { awayWords, createRolloutDisplay, listLine, nextWords, previewLines, summaryLine } from "../rollout-display.ts"
import { type PolicyOptions, readPolicy } from "../rollout-policy.ts"
import { startQuestion, wishQuestion } from "../rollout-questions.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"

interface FollowOptions extends ApplianceOptions {
	/** Wait for those who are away, without a terminal too. */
	wait?: boolean
}

interface StartOptions extends FollowOptions, PolicyOptions {
	force?: boolean
	allowDowngrade?: boolean
	preview?: boolean
	yes?: boolean
}

interface TellOptions extends FollowOptions {
	yes?: boolean
}

/** `hotfix rollout start MODULE`: one module version to many appliances in waves, followed until a person is needed. */
export function startRollout(options: StartOptions, folder: string): Promise<number> {
	const policy = readPolicy(options)
	return withServices(options, async (services) => {
		const chosen = await chooseAppliances(services, options)
		const first = findCanary(chosen, options.canary)
		const appliances = [...new Set([...first, ...chosen])]
		const { pool: pools, force, allowDowngrade, json } = options
		const applianceIds = appliances.map(({ id }) => id)
		const request = rolloutRequestSchema.parse({ folder, applianceIds, pools, force, allowDowngrade, policy })
		const planned = await services.rollouts.preview(request)
		if (options.preview) {
			console.log(json ? JSON.stringify(planned) : previewLines(planned).join("\n"))
			return EXIT.ok
		}
		if (!json) console.log(previewLines(planned).join("\n"))
		if (!(await hasYes(options, startQuestion(planned)))) return EXIT.badInput
		const rollout = await services.rollouts.start({ ...request, digest: planned.module.digest })
		if (!json) console.log(`  rollout ${rollout.id}`)
		return followRollout(services, rollout.id, options)
	})
}

/** Whoever is named to come first. Fails where two names are one appliance: the first wave would be larger than was said. */
function findCanary(chosen: readonly Appliance[], names: readonly string[] = []): Appliance[] {
	const found = names.map((name) => findNamed(chosen, ({ id }) => id, name))
	const twice = found.find((one, index) => found.indexOf(one) !== index)
	if (twice) throw new FailureError("bad-request", { reason: `--canary names ${twice.name} twice` })
	return found
}

/** `hotfix rollout status [ROLLOUT]`: how it stands, or all of them. */
export function rolloutStatus(options: ApplianceOptions, id?: string): Promise<number> {
	return withServices(options, async ({ rollouts }) => {
		const all = rollouts.list()
		const found = (id === undefined ? all : [findRollout(all, id)]).map((one) => rollouts.get(one.id))
		for (const rollout of found) console.log(options.json ? JSON.stringify(rollout) : listLine(rollout))
		if (found.length === 0 && !options.json) console.log("no rollouts yet: `hotfix rollout start MODULE` begins one")
		return found[0] && id !== undefined ? exitOfRollout(found[0]) : EXIT.ok
	})
}

/** `hotfix rollout pause|resume|halt|retry|undo|skip ROLLOUT`: a person's word; what goes on then is followed. */
export function tellRollout(options: TellOptions, wish: RolloutWish, id: string): Promise<number> {
	return withServices(options, async (services) => {
		const { rollouts } = services
		const rollout = rollouts.get(findRollout(rollouts.list(), id).id)
		const said = readWish(rollout, wish)
		if (!(await hasYes(options, wishQuestion(rollout, wish)))) return EXIT.badInput
		if (!(await rollouts.ask(rollout.id, said))) {
			process.stderr.write(
				"nobody has heard it yet: it is written down, and heard by whoever goes on with the rollout\n",
			)
			return EXIT.busy
		}
		return followRollout(services, rollout.id, options)
	})
}

/** Whether a person says yes, by option or at the terminal, where there is anything to ask. */
async function hasYes({ yes }: { yes?: boolean }, question: string | undefined): Promise<boolean> {
	if (yes || question === undefined || (await isAgreed(question))) return true
	process.stderr.write("nothing was begun or changed\n")
	return false
}

/** A rollout by its id, or the beginning of one that means only it. */
export function findRollout(rollouts: RolloutSummary[], id: string): RolloutSummary {
	const found = rollouts.filter((rollout) => rollout.id.startsWith(id))
	if (found.length === 1 && found[0]) return found[0]
	if (found.length > 1) throw new FailureError("bad-request", { reason: `${id} begins the ids of several rollouts` })
	throw new FailureError("not-found", { kind: "rollout", id })
}

/** What is said of a rollout as it stands; of names the appliances. Fails where one does not say which, or cannot be left out. */
function readWish(rollout: Rollout, wish: RolloutWish): RolloutWish {
	if (wish.type === "go-on") return goOnFrom(rollout)
	return wish.type === "skip"
		? { ...wish, applianceIds: wish.applianceIds.map((name) => skippedId(rollout, name)) }
		: wish
}

function skippedId({ targets }: Rollout, name: string): string {
	const target = findNamed(targets, ({ applianceId }) => applianceId, name)
	if (isSkippable(target)) return target.applianceId
	throw new FailureError("bad-request", {
		reason: `cannot leave out ${name}, which is ${standingWord(target)}: only one that has not begun, or whose run is lost, can be left out`,
	})
}

/**
 * Until nothing goes on by itself; without a terminal, until only those are left who are away. Interrupting (Ctrl-C) pauses
 * it: what runs on appliances goes on there.
 */
async function followRollout({ rollouts }: Services, id: string, options: FollowOptions): Promise<number> {
	const { json = false, wait = process.stdin.isTTY } = options
	const isToLeave = wait ? () => false : createLeaving()
	const display = createRolloutDisplay(json)
	let hasLeft = false
	const pause = () => {
		process.stderr.write("\npausing; once more to leave at once\n")
		rollouts
			.ask(id, { type: "pause" })
			.then(
				(isHeard) =>
					isHeard && process.stderr.write("paused: no more appliances are started; runs under way end on their own\n"),
				printUnexpected,
			)
	}
	process.once("SIGINT", pause)
	process.once("SIGTERM", pause)
	try {
		for await (const rollout of rollouts.follow(id)) {
			display.show(rollout)
			if (!goesOn(rollout)) break
			hasLeft = isToLeave(rollout, Date.now())
			if (hasLeft) break
		}
	} finally {
		display.close()
		process.off("SIGINT", pause)
		process.off("SIGTERM", pause)
	}
	const end = rollouts.get(id)
	if (!json) console.log(`${summaryLine(end)}\n${nextWords(end)}`)
	if (hasLeft) process.stderr.write(`${awayWords(end)}\n`)
	return exitOfRollout(end)
}

/** The worst of its appliances (DESIGN §6, §8); where it has not ended and nobody has failed, `busy`: a person is needed. */
function exitOfRollout(rollout: Rollout): number {
	const { state } = rollout.status
	const worst = worstExit(rollout.targets.map(state === "undone" ? exitOfUndone : exitOfTarget))
	return worst === EXIT.ok && state !== "finished" && state !== "undone" ? EXIT.busy : worst
}

/** What had failed, or was not reached, before anything was applied there left nothing to put back. */
function exitOfUndone(target: RolloutTarget): number {
	const words: StandingWord[] = ["degraded", "could not be put back", "end unknown"]
	return words.includes(standingWord(target)) ? exitOfTarget(target) : EXIT.ok
}

function exitOfTarget(target: RolloutTarget): number {
	switch (standingWord(target)) {
		case "degraded":
		case "could not be put back":
			return EXIT.degraded
		case "failed":
			return EXIT.failed
		case "end unknown":
		case "not reached":
		case "given up":
		case "connection lost":
			return EXIT.unreachable
		default:
			return EXIT.ok
	}
}
