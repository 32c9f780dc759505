import { JOURNAL, textAt } from "./appliance.ts"
import { digestOf } from "./digest.ts"
import { crash, kill, powerCuts, singleChanges } from "./disk/crash.ts"
import type { Inodes } from "./disk/inode.ts"
import type { BeforeCall } from "./faults.ts"
import { Broken, checkAfterCrash, checkAppliance, checkTold, type Truth } from "./invariants.ts"
import { checkNext, type Moment, type ProcessSync, runRecovery, runStep } from "./process.ts"

export interface ExploreOptions {
	/** How often a crash may follow upon a crash; without end when absent. */
	depth?: number
	/** Also each unsynced change alone lost and alone kept, after the first crash. */
	singles?: boolean
	ignores?(sync: ProcessSync): boolean
	/** Calls of the step that fail before it is cut short; a pool may be degraded then. */
	failing?: () => BeforeCall
	/** Which crashes come first, and which upon them; all, and the usual ones, when absent. */
	first?: readonly CutName[]
	later?: readonly CutName[]
	/** Whoever asked asks again, where the run had not even begun; else only recovery comes. */
	asksAgain?: boolean
}

export interface Explored {
	/** Moments at which a process was cut short. */
	moments: number
	/** What the crashes left, all different, each recovered from and each cut short again. */
	images: number
	/** Most crashes upon each other before nothing new came up. */
	depth: number
	/** Different appliances that recoveries came to. */
	ends: number
}

interface Image extends Moment {
	/** How it came about, for a person. */
	story: string
	depth: number
}

/** `killed`: the system lives on, and nothing is lost before a later power cut. */
export type CutName = "killed" | keyof typeof powerCuts

const all = ["killed", ...Object.keys(powerCuts)] as CutName[]
/** Upon the first crash only these: with every other one as well there would be no end. */
const usual: CutName[] = ["killed", "all lost"]

/**
 * Cuts a scenario short before every single change of the disk, in every way; recovers from what is left; cuts the
 * recovery short likewise, and so on until nothing new comes up. Every end must keep every promise. Throws `Broken`.
 */
export async function explore(truth: Truth, options: ExploreOptions = {}): Promise<Explored> {
	const { scenario, prepared } = truth
	const {
		depth: limit = Number.POSITIVE_INFINITY,
		singles = false,
		ignores,
		first = all,
		later = usual,
		asksAgain = false,
		failing,
	} = options
	const seen = new Set<string>()
	const ends = new Set<string>()
	const images: Image[] = []
	let moments = 0
	let deepest = 0
	const add = (moment: Moment, story: string, depth: number) => {
		const digest = digestOf(moment)
		if (seen.has(digest)) return
		seen.add(digest)
		images.push({ ...moment, story, depth })
	}
	const cut = ({ inodes, told }: Moment, story: string, depth: number) => {
		moments++
		const at = `${story}, cut short at change ${moments}`
		for (const [name, left] of cutsOf(inodes, depth === 1 ? first : later, depth === 1 && singles)) {
			add({ inodes: left, told }, `${at}: ${name}`, depth)
		}
	}
	const process = (story: string, depth: number) => ({
		onMoment: (moment: Moment) => cut(moment, story, depth),
		...(ignores ? { ignores } : {}),
	})
	const atEnd = async (moment: Moment, story: string, depth: number) => {
		if (depth <= limit) cut(moment, `${story}, to its end`, depth)
		const digest = digestOf(moment)
		await told(story, async () => {
			checkTold(moment.inodes, moment.told)
			if (ends.has(digest)) return
			await checkAppliance(truth, moment.inodes, moment.told, failing !== undefined)
			await checkNext(truth, moment)
		})
		ends.add(digest)
	}
	const faults = failing ? { beforeCall: failing() } : {}
	const start = { inodes: prepared, told: new Map() }
	const done = await runStep(scenario, start, { ...process("the step", 1), ...faults })
	// With a failing call there may be something left for recovery to do.
	if (failing) cut(done, "the step, to its end", 1)
	else await atEnd(done, "the step", 1)
	for (let image = images.shift(); image; image = images.shift()) {
		const { story, depth } = image
		const found = image
		deepest = Math.max(deepest, depth)
		await told(story, async () => {
			// A run whose end could not be recorded is told, and left to recovery.
			if (!failing) await checkAfterCrash(found.inodes, found.told)
			const next = depth < limit ? process(`${story}; recovery`, depth + 1) : ignores ? { ignores } : {}
			const isBegun = !asksAgain || textAt(found.inodes, JOURNAL) !== undefined
			const goOn = isBegun ? runRecovery : runStep
			await atEnd(await goOn(scenario, found, next), `${story}; recovery`, depth + 1)
		})
	}
	return { moments, images: seen.size, depth: deepest, ends: ends.size }
}

function cutsOf(inodes: Inodes, names: readonly CutName[], singles: boolean): [string, Inodes][] {
	const whole = names.map((name): [string, Inodes] => [
		name,
		name === "killed" ? kill(inodes) : crash(inodes, powerCuts[name]),
	])
	const single = singles ? singleChanges(inodes) : []
	return [...whole, ...single.map(([name, choose]): [string, Inodes] => [name, crash(inodes, choose)])]
}

async function told(story: string, check: () => Promise<void>): Promise<void> {
	try {
		await check()
	} catch (error) {
		if (error instanceof Error && error.message.startsWith("after ")) throw error
		const message = `after ${story}: ${error instanceof Error ? error.message : error}`
		throw error instanceof Broken ? new Broken(message) : new Error(message, { cause: error })
	}
}
