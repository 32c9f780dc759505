import { failureErrorOf } from "../../protocol/messages.ts"
import { FailureError } from "../../schema/failure.ts"
import { EXIT, exitOf } from "../../schema/outcome.ts"
import { createContentStore } from "../contents/content-store.ts"
import { countFailedStartsFromNow } from "../failed-starts.ts"
import { type HandOver, makeHandOver, type Word } from "../jobs/hand-over.ts"
import { type Job, runJob, startResultOf } from "../jobs/job.ts"
import { ownProgram } from "../own-program.ts"
import { prunePrograms } from "../prune-programs.ts"
import { printFailure } from "../text/output.ts"
import { flag, makeCommand, type Surroundings, value } from "./command.ts"

/**
 * Hidden: does the job that `serve` handed over, in a process of its own that outlives the connection. `--ahead`: it is
 * handed over later, or not at all.
 */
export const worker = makeCommand({ run: value, ahead: flag }, async ({ run, ahead }, surroundings) => {
	const handOver = makeHandOver(surroundings, run)
	// Asked once a process; a failure is met again where it matters.
	if (ahead) surroundings.host.attributes.missing().catch(() => undefined)
	const job = await (ahead ? handOver.awaitJob(surroundings.signal) : handOver.takeJob())
	if (job) return workOn(job, handOver, surroundings)
	// Another one has it, who alone may say anything.
	return ahead ? EXIT.ok : printFailure(surroundings.output, new FailureError("unknown-run", { run }).failure)
})

async function workOn(job: Job, handOver: HandOver, surroundings: Surroundings): Promise<number> {
	const { run } = job
	const voice = createVoice(handOver)
	try {
		if (await handOver.isWithdrawn()) throw new FailureError("unknown-run", { run })
		countFailedStartsFromNow()
		const onEvent = () => void voice.say({ result: { state: "started", run } })
		const result = await runJob(surroundings, job, { onEvent, signal: surroundings.signal })
		await voice.say({ result: startResultOf(result) })
		await createContentStore(surroundings).prune()
		await prunePrograms(surroundings.options.stateFolder, { program: ownProgram() })
		return result.state === "finished" ? exitOf(result.outcome, result.finalClosure) : EXIT.badInput
	} catch (error) {
		await voice.say({ failure: failureErrorOf(error).failure })
		throw error
	}
}

/** Says the first word only, and goes on where it cannot be heard: the run matters more. */
function createVoice(handOver: HandOver) {
	let said: Promise<void> | undefined
	const sayOnce = async (word: Word) => {
		try {
			await handOver.sayWord(word)
		} finally {
			await handOver.leave()
		}
	}
	return {
		say(word: Word): Promise<void> {
			said ??= sayOnce(word).catch((error) => console.error(`cannot say how the run began: ${error.message}`))
			return said
		},
	}
}
