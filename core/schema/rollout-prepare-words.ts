import { plainText } from "./plain-text.ts"
import type {
	FeatureOn,
	Origin,
	Preparation,
	PreparedFile,
	PreparedFinding,
	PreparedVariant,
} from "./rollout-prepare.ts"
import { type Sentence, sentenceOf } from "./sentences.ts"
import { someOf } from "./some-of.ts"

/** How much a finding matters: no run could begin, look before you go on, good to know. */
export type Weight = "stops" | "mind" | "told"

export function weightOf({ kind }: PreparedFinding): Weight {
	if (kind === "failure" || kind === "refused" || kind === "blocked") return "stops"
	return kind === "nothing-to-do" ? "told" : "mind"
}

/** What was found, and what to do about it. */
export function findingWords(finding: PreparedFinding): Sentence {
	switch (finding.kind) {
		case "failure":
			return sentenceOf(finding.failure)
		case "refused":
			return { what: `A run would be refused: ${plainText(finding.reason)}`, next: "No pool would be touched there." }
		case "blocked":
			return {
				what: `Pool ${plainText(finding.pool)} would fail before anything is touched: ${plainText(finding.reason)}.`,
				next: "Mend it on the appliance, or change the destination in the module.",
			}
		case "warning":
			return {
				what: `${finding.pool === undefined ? "" : `Pool ${plainText(finding.pool)}: `}${plainText(finding.text)}.`,
				next: "Nothing is refused for it: have a look before the first wave.",
			}
		case "interrupted":
			return {
				what: "A run was cut short there.",
				next: "The next run puts back first what it left; until then the files may stand half-way.",
			}
		case "nothing-to-do":
			return { what: "Everything stands applied at this version.", next: "Nothing would be run there." }
	}
}

/** Whether somebody there made it what it is: their work, which a person should look at. */
export function isTheirs({ kind }: Origin): boolean {
	return kind === "changed" || kind === "own" || kind === "removed"
}

/** Whose content it is. */
export function originWords(origin: Origin): string {
	switch (origin.kind) {
		case "ours":
			return "ours already, as in this module"
		case "version":
			return plainText(`as ${origin.module} ${origin.version} wrote it`)
		case "changed":
			return "changed there since we wrote it"
		case "factory":
			return "as delivered: the same as on most"
		case "own":
			return "changed there: other than on most"
		case "unknown":
			return "never written by us"
		case "missing":
			return "not there"
		case "removed":
			return "taken away there since we wrote it"
		case "refused":
			return sentenceOf(origin.failure).what
	}
}

/** What a run would do with a variant. */
export function runWords({ origin, written, places }: PreparedVariant): string {
	if (origin.kind === "refused") return "A run would not touch it: its pool fails before."
	if (written === 0) return "A run would not touch it: the pool stands applied or is refused there."
	const where = written === places.length ? "" : ` on ${written} of them`
	if (origin.kind === "ours") return `A run writes the same content again${where}.`
	if (origin.kind === "missing" || origin.kind === "removed")
		return `A run makes it${where}; where the pool's commands fail then, it is taken away again.`
	return `A run keeps it in the backup and writes ours${where}; where the pool's commands fail then, it comes back.`
}

/** "/etc/auth.tsx variant 3, changed there", "Debian GNU/Linux 12", "Node 20.1.0". */
export function featureWords({ feature }: FeatureOn, files: readonly PreparedFile[]): string {
	if (feature.kind === "os") return plainText(feature.name)
	if (feature.kind === "node") return `Node ${plainText(feature.name.replace(/^v/, ""))}`
	const file = files[feature.file]
	const origin = file?.variants[feature.variant]?.origin
	const name = plainText(file?.destination.split("/").at(-1) ?? "")
	const which = (file?.variants.length ?? 0) > 1 ? ` variant ${feature.variant + 1}` : ""
	return origin ? `${name}${which} (${originWords(origin).replace(/\.$/, "")})` : name
}

/** Why an appliance is in the canary: the only one with something first, then what it stands for. */
export function reasonWords(covers: readonly FeatureOn[], files: readonly PreparedFile[]): string {
	const only = covers.filter(({ on }) => on === 1)
	const shared = covers.filter(({ on }) => on > 1)
	return [
		...(only.length > 0 ? [`the only one with ${someOf(only, 3, (one) => featureWords(one, files))}`] : []),
		...(shared.length > 0
			? [`stands for ${someOf(shared, 3, (one) => `${one.on} with ${featureWords(one, files)}`)}`]
			: []),
	].join("; ")
}

/** "987 of 1000 are ready; 13 are not." */
export function readyWords({ ready, done, appliances }: Preparation): string {
	const open = appliances.length - done
	const rest = [
		...(done > ready ? [`${done - ready} not`] : []),
		...(open > 0 ? [`${open} not looked at yet`] : []),
	].join(", ")
	return `${ready} of ${appliances.length} ${appliances.length === 1 ? "appliance" : "appliances"} ready for a run${rest === "" ? "" : `, ${rest}`}`
}

/** "12 appliances have changed auth.tsx": of each file that somebody there made another. */
export function theirsWords({ destination, variants }: PreparedFile): string | undefined {
	const theirs = variants.filter(({ origin }) => isTheirs(origin))
	const count = theirs.reduce((sum, { places }) => sum + places.length, 0)
	if (count === 0) return undefined
	const name = plainText(destination.split("/").at(-1) ?? destination)
	return `${count} ${count === 1 ? "appliance has" : "appliances have"} changed ${name}`
}

/** "2 of 8, and no fewer would do, cover every variant that can run now". */
export function canaryWords({ canary: { chosen, isSmallest }, appliances }: Preparation): string {
	const fewer = isSmallest && chosen.length > 1 ? ", and no fewer would do," : ""
	return `${chosen.length} of ${appliances.length}${fewer} ${chosen.length === 1 ? "covers" : "cover"} every variant that can run now`
}
