import { MAX_STATED_FILES } from "../../protocol/file-calls.ts"
import type { RunRequest } from "../../protocol/runner-calls.ts"
import type { Appliance } from "../../schema/appliance.ts"
import type { AskedFile } from "../../schema/appliance-compare.ts"
import type { Canary, Preparation, PreparedFile, Preparing } from "../../schema/rollout-prepare.ts"
import { weightOf } from "../../schema/rollout-prepare-words.ts"
import { answersOf } from "../appliance-files/answers.ts"
import { destinationsOf } from "../appliance-files/compare.ts"
import type { LibraryService } from "../library/types.ts"
import type { Contacts } from "../services/contacts.ts"
import { readRunnableModule } from "../services/module-folder.ts"
import type { Questions } from "../services/questions-service.ts"
import { makeRequest } from "../services/runs-service.ts"
import type { SshConfig } from "../ssh/config/ssh-config.ts"
import { findFirstHops } from "../ssh/route.ts"
import { chooseCanary, featuresOf } from "./canary.ts"
import { groupFindings } from "./findings.ts"
import { type AskingLook, countKeys, createLooking, type Look } from "./look.ts"
import { type KnownContents, mapVariants } from "./variants.ts"

/** What is known so far is told so often, milliseconds, and at most ten times: it is as large as the fleet. */
const TELL_MS = 2000
const TELLS = 10
/** Destinations of all appliances together: each is weighed on the one thread that serves everybody. */
const MAX_LOOKED = 500_000

export interface PrepareRequest {
	folder: string
	applianceIds: string[]
	pools?: string[] | undefined
	force?: boolean | undefined
	allowDowngrade?: boolean | undefined
}

export interface PrepareService {
	/**
	 * Looks at every appliance before a rollout, and writes nothing there but its own runner: whether a run could begin, how
	 * the destinations stand, which appliances would make a good canary. Host keys that are not known are asked about all at
	 * once. Fails with `module-faulty`, `unknown-pool` or `not-found` before it connects to any.
	 */
	prepare(request: PrepareRequest, signal?: AbortSignal): AsyncIterable<Preparing>
}

export interface PrepareDeps {
	contacts: Pick<Contacts, "open">
	questions: Pick<Questions, "ask">
	reach(id: string): Appliance
	library: Pick<LibraryService, "publishedContents">
	/** Null for none. */
	sshConfig: SshConfig | null
}

export function createPrepare(deps: PrepareDeps): PrepareService {
	return {
		async *prepare(request, signal) {
			const applianceIds = [...new Set(request.applianceIds)]
			const total = applianceIds.length
			yield { kind: "progress", done: 0, total }
			const job = await readJob(deps, { ...request, applianceIds }, signal)
			if (signal?.aborted) return
			const { appliances } = job
			const { look, judge } = createLooking(deps, job)
			const looks: Look[] = []
			let told = { at: Date.now(), done: 0 }
			let open = appliances.map((appliance, place) => ({ appliance, place }))
			while (open.length > 0) {
				const asking: AskingLook[] = []
				const lookAt = ({ appliance, place }: (typeof open)[number], either: AbortSignal) =>
					look(place, appliance, either)
				for await (const one of answersOf(open, lookAt, { atOnce: open.length, signal })) {
					if (signal?.aborted) return
					if (one.kind === "asks") asking.push(one)
					else looks.push(one)
					yield { kind: "progress", done: looks.length, total }
					if (!isTimeToTell(told, looks.length, total)) continue
					told = { at: Date.now(), done: looks.length }
					yield { kind: "prepared", preparation: makePreparation(job, looks, false) }
				}
				if (asking.length > 0) yield { kind: "asking", keys: countKeys(asking) }
				const trusted = await judge(asking, signal)
				if (signal?.aborted) return
				looks.push(...asking.filter(({ place }) => !trusted.has(place)))
				open = open.filter(({ place }) => trusted.has(place))
			}
			yield { kind: "prepared", preparation: makePreparation(job, looks, true) }
		},
	}
}

/** What all looks have in common. */
interface Job {
	appliances: Appliance[]
	/** The first jump host on the way to each. */
	jumps: (string | undefined)[]
	module: Preparation["module"]
	files: AskedFile[]
	left: number
	destinations: string[]
	known: KnownContents
	request: RunRequest
}

async function readJob(
	{ library, reach, sshConfig }: PrepareDeps,
	asked: PrepareRequest,
	signal: AbortSignal | undefined,
): Promise<Job> {
	const { folder, applianceIds, pools } = asked
	const appliances = applianceIds.map(reach)
	const { manifest, module } = await readRunnableModule(folder, pools)
	const wanted = module.pools.filter(({ id, enabled }) => enabled && (!pools || pools.includes(id))).map(({ id }) => id)
	const meant = destinationsOf(manifest.index).filter((file) => file.pools.some((pool) => wanted.includes(pool)))
	const files = meant.slice(0, limitFiles(appliances.length))
	const destinations = files.map(({ destination }) => destination)
	return {
		appliances,
		jumps: await findFirstHops(appliances, sshConfig),
		module: { name: manifest.name, version: module.metadata.schema_version, digest: manifest.digest },
		files,
		left: meant.length - files.length,
		destinations,
		known: {
			module: manifest.name,
			ours: new Map(manifest.sources.map(({ target, digest }) => [target, digest])),
			published: await library.publishedContents(folder, new Set(destinations), signal),
		},
		request: makeRequest(manifest, asked),
	}
}

/** How many destinations are looked at on each of so many appliances; what is left out is told. */
export function limitFiles(appliances: number): number {
	return Math.min(MAX_STATED_FILES, Math.max(1, Math.floor(MAX_LOOKED / Math.max(1, appliances))))
}

function isTimeToTell(told: { at: number; done: number }, done: number, total: number): boolean {
	return Date.now() - told.at >= TELL_MS && done - told.done >= total / TELLS && done < total
}

/** Before the end without a canary: the search for one takes long, and another answer changes it. */
function makePreparation(
	{ appliances, module, files, left, known }: Job,
	looks: readonly Look[],
	isWhole: boolean,
): Preparation {
	const inOrder = [...looks].sort((a, b) => a.place - b.place)
	const seen = inOrder.filter((look) => look.kind === "seen")
	const prepared = mapVariants(
		files,
		seen.map(({ looked }) => looked),
		known,
	)
	const isReady = ({ kind, findings }: Look) =>
		kind === "seen" && !findings.some((finding) => weightOf(finding) === "stops")
	return {
		module,
		appliances: appliances.map(({ id, name }) => ({ id, name })),
		done: looks.length,
		ready: looks.filter(isReady).length,
		files: prepared,
		left,
		findings: groupFindings(inOrder),
		canary: isWhole ? canaryOf(appliances, prepared, seen, isReady) : { chosen: [], uncovered: [], isSmallest: false },
	}
}

function canaryOf(
	appliances: readonly Appliance[],
	files: PreparedFile[],
	seen: readonly Extract<Look, { kind: "seen" }>[],
	isReady: (look: Look) => boolean,
): Canary {
	const features = featuresOf(files, new Map(seen.map(({ place, os, node }) => [place, { os, node }])))
	return chooseCanary(
		seen.map((look) => ({
			place: look.place,
			tags: appliances[look.place]?.tags ?? [],
			isReady: isReady(look),
			features: features.get(look.place) ?? [],
		})),
	)
}
