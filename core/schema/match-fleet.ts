import { z } from "zod"
import { type ApplianceState, type DesktopRun, desktopRunSchema } from "./desktop.ts"
import type { Comparison, FilterTerm, FleetFilter, LastOutcome, ModuleAt, Reach } from "./fleet-filter.ts"
import { compareVersions, isVersion } from "./version.ts"

/** What this desktop's history says of an appliance. */
export const standingOfSchema = z.object({
	applianceId: z.string(),
	/** The newest run that had a part in a pool there; of its pools only what tells why it ended so. */
	lastRun: desktopRunSchema.optional(),
	/** Versions at which pools of a module stand applied, as far as is known here. */
	modules: z.array(z.object({ name: z.string(), versions: z.array(z.string()) })),
})
export type ApplianceStanding = z.infer<typeof standingOfSchema>

/** An appliance with everything that a filter asks for. */
export interface FleetMember {
	appliance: ApplianceState
	standing?: ApplianceStanding | undefined
	/** The newest run there, of those under way too. */
	lastRun?: DesktopRun | undefined
}

/** Each appliance with what is known of it; `runs` newest first, those under way too. */
export function membersOf(
	appliances: readonly ApplianceState[],
	standings: readonly ApplianceStanding[],
	runs: readonly DesktopRun[],
): FleetMember[] {
	const standingOf = new Map(standings.map((one) => [one.applianceId, one]))
	const newest = new Map(runs.toReversed().map((run) => [run.applianceId, run]))
	return appliances.map((appliance) => {
		const standing = standingOf.get(appliance.id)
		return { appliance, standing, lastRun: newest.get(appliance.id) ?? standing?.lastRun }
	})
}

/** Whether an appliance fits all conditions; `now` in milliseconds since 1970. Pure. */
export function matchesFilter(filter: FleetFilter, member: FleetMember, now: number): boolean {
	return filter.every((term) => fits(term, member, now) !== term.isNot)
}

function fits(term: FilterTerm, member: FleetMember, now: number): boolean {
	const { appliance, standing } = member
	switch (term.kind) {
		case "any":
			return true
		case "text":
			return holds(textOf(appliance), term.values)
		case "name":
			return holds(appliance.name.toLowerCase(), term.values)
		case "host":
			return holds(
				`${appliance.user}@${appliance.host}:${appliance.port} ${appliance.jump ?? ""}`.toLowerCase(),
				term.values,
			)
		case "os":
			return holds(appliance.facts?.os.toLowerCase() ?? "", term.values)
		case "tag":
			return appliance.tags.some((tag) => term.values.includes(tag.toLowerCase()))
		case "node": {
			const node = appliance.facts?.node.replace(/^v/, "")
			return node !== undefined && term.values.some(({ compare, version }) => compareNumbers(node, compare, version))
		}
		case "module":
			return term.values.some((value) => standsAt(standing, value))
		case "outcome":
			return term.values.includes(outcomeOf(member.lastRun))
		case "is":
			return term.values.includes(reachOf(appliance))
		case "seen":
			return term.values.some((value) => {
				if (appliance.lastSeen === undefined) return value.never || value.isOlder
				return !value.never && now - Date.parse(appliance.lastSeen) > value.ms === value.isOlder
			})
	}
}

const texts = new WeakMap<ApplianceState, string>()

/** What a word is looked for in; kept, because every key that is typed asks it of thousands. */
function textOf(appliance: ApplianceState): string {
	const known = texts.get(appliance)
	if (known !== undefined) return known
	const { name, user, host, jump = "", tags, notes } = appliance
	const text = [name, `${user}@${host}`, jump, ...tags, notes].join("\n").toLowerCase()
	texts.set(appliance, text)
	return text
}

function holds(text: string, values: string[]): boolean {
	return values.some((value) => text.includes(value))
}

/** How the last run came out. */
export function outcomeOf(run: DesktopRun | undefined): LastOutcome {
	if (!run) return "none"
	if (run.state === "lost" || run.state === "not-started") return run.state
	return run.state === "finished" ? (run.outcome ?? "none") : "running"
}

/** How an appliance stood at the last contact; nothing of it is a promise. */
export function reachOf({ lastFailure, facts }: Pick<ApplianceState, "lastFailure" | "facts">): Reach {
	if (lastFailure) return "unreachable"
	return facts ? "reachable" : "untested"
}

function standsAt(standing: ApplianceStanding | undefined, { name, compare, version }: ModuleAt): boolean {
	const found = standing?.modules.find((one) => one.name.toLowerCase() === name.toLowerCase())
	if (!found || version === undefined) return found !== undefined
	return found.versions.some((one) => {
		if (!isVersion(one) || !isVersion(version)) return compareNumbers(one, compare, version)
		return holdsFor(compareVersions(one, version), compare)
	})
}

/** Versions of numbers alone, of any length; `=` holds where the shorter one is its beginning: `18` is any 18. */
function compareNumbers(actual: string, compare: Comparison, wanted: string): boolean {
	const [a, b] = [actual, wanted].map((text) => text.split(".").map((part) => Number.parseInt(part, 10))) as [
		number[],
		number[],
	]
	const width = compare === "=" ? b.length : Math.max(a.length, b.length)
	for (let at = 0; at < width; at++) {
		const difference = (a[at] ?? 0) - (b[at] ?? 0)
		if (difference !== 0) return holdsFor(difference, compare)
	}
	return holdsFor(0, compare)
}

function holdsFor(order: number, compare: Comparison): boolean {
	if (order === 0) return compare.includes("=")
	return order < 0 ? compare.startsWith("<") : compare.startsWith(">")
}
