import { digestOf } from "./digest.ts"
import { crash, kill, powerCuts, singleChanges } from "./disk/crash.ts"
import type { Inodes } from "./disk/inode.ts"
import type { Sync } from "./disk/simulated-disk.ts"
import { Broken, checkAfterCrash, checkAppliance, checkTold, type Truth } from "./invariants.ts"
import { checkNext, type Moment, runRecovery, runStep } from "./process.ts"

export interface ExploreOptions {
	/** How often a crash may follow upon a crash; without end when absent. */
	depth?: number
	/** Also each unsynced change alone lost and alone kept, after the first crash. */
	singles?: boolean
	ignores?(sync: Sync): boolean
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

/** Power cuts that are tried at every moment of every recovery; at the scenario's own moments, all of them are. */
const always = (globalThis.process.env.ALWAYS ?? "all lost").split(",")

/**
 * Cuts a scenario short before every single change of the disk, in every way; recovers from what is left; cuts the
 * recovery short likewise, and so on until nothing new comes up. Every end must keep every promise. Throws `Broken`.
 */
export async function explore(truth: Truth, options: ExploreOptions = {}): Promise<Explored> {
	const { scenario, prepared } = truth
	const { depth: limit = Number.POSITIVE_INFINITY, singles = false, ignores } = options
	const seen = new Set<string>()
	const ends = new Set<string>()
	const images: Image[] = []
	let moments = 0
	let deepest = 0
	let n = 0
	const process0 = globalThis.process
	const add = (moment: Moment, story: string, depth: number) => {
		const digest = digestOf(moment)
		if (seen.has(digest)) return
		seen.add(digest)
		images.push({ ...moment, story, depth })
	}
	const cut = ({ inodes, told }: Moment, story: string, depth: number) => {
		moments++
		const at = `${story}, cut short at change ${moments}`
		add({ inodes: kill(inodes), told }, `${at}: killed`, depth)
		for (const [name, left] of powerCutsOf(inodes, depth === 1, depth === 1 && singles)) {
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
			await checkAppliance(truth, moment.inodes, moment.told)
			await checkNext(truth, moment)
		})
		ends.add(digest)
	}
	const done = await runStep(scenario, { inodes: prepared, told: new Map() }, process("the step", 1))
	await atEnd(done, "the step", 1)
	for (let image = images.shift(); image; image = images.shift()) {
		if (process0.env.VERBOSE && ++n % 500 === 0)
			console.log(n, image.depth, images.length, moments, seen.size, ends.size)
		const { story, depth } = image
		const found = image
		deepest = Math.max(deepest, depth)
		await told(story, async () => {
			await checkAfterCrash(found.inodes, found.told)
			const next = depth < limit ? process(`${story}; recovery`, depth + 1) : ignores ? { ignores } : {}
			await atEnd(await runRecovery(scenario, found, next), `${story}; recovery`, depth + 1)
		})
	}
	return { moments, images: seen.size, depth: deepest, ends: ends.size }
}

function powerCutsOf(inodes: Inodes, isFirst: boolean, singles: boolean): [string, Inodes][] {
	const names = isFirst ? Object.keys(powerCuts) : always
	const choices = [...names.map((name) => [name, powerCuts[name]] as const), ...(singles ? singleChanges(inodes) : [])]
	return choices.flatMap(([name, choose]) => (choose ? [[name, crash(inodes, choose)] as [string, Inodes]] : []))
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
