import { plainText } from "../schema/plain-text.ts"
import type { Preparation, PreparedFile, PreparedVariant } from "../schema/rollout-prepare.ts"
import {
	canaryWords,
	featureWords,
	findingWords,
	isTheirs,
	originWords,
	readyWords,
	reasonWords,
	runWords,
	theirsWords,
	weightOf,
} from "../schema/rollout-prepare-words.ts"
import { someOf } from "../schema/some-of.ts"
import { badLine, doubtLine, plainLine, strongLine, type ToneLine } from "../schema/tone-line.ts"

/** Names that stand in a line; `--json` has them all. */
const NAMES = 8
/** Variants of one file; the others are said to be there. */
export const VARIANTS = 20
const DIFF_LINES = 40

/** What a preparation found out, for a person. `diffs`: of variants against ours, by `diffKey`. */
export function prepareLines(whole: Preparation, diffs: ReadonlyMap<string, string>): ToneLine[] {
	const { module, files, left } = whole
	return [
		strongLine(plainText(`${module.name} ${module.version}: ${readyWords(whole)}`)),
		...findingLines(whole),
		...files.flatMap((file, index) => fileLines(whole, file, index, diffs)),
		...(left > 0 ? [doubtLine(`${left} more destinations were not looked at`)] : []),
		...canaryLines(whole),
	]
}

export function diffKey(file: number, variant: number): string {
	return `${file} ${variant}`
}

function findingLines(whole: Preparation): ToneLine[] {
	return whole.findings.flatMap(({ finding, places }) => {
		const { what, next } = findingWords(finding)
		const weight = weightOf(finding)
		const head = `${places.length} x ${what}`
		return [
			plainLine(""),
			weight === "stops" ? badLine(head) : weight === "mind" ? doubtLine(head) : plainLine(head),
			plainLine(`    ${next}`),
			plainLine(`    ${namesOf(whole, places)}`),
		]
	})
}

function fileLines(
	whole: Preparation,
	file: PreparedFile,
	index: number,
	diffs: ReadonlyMap<string, string>,
): ToneLine[] {
	const { destination, variants } = file
	const theirs = theirsWords(file)
	const rest = variants.length - VARIANTS
	return [
		plainLine(""),
		strongLine(`${plainText(destination)}${theirs === undefined ? "" : `: ${theirs}`}`),
		...variants
			.slice(0, VARIANTS)
			.flatMap((variant, place) => [
				...variantLines(whole, variant, place),
				...diffLines(diffs.get(diffKey(index, place))),
			]),
		...(rest > 0 ? [plainLine(`  ${rest} more variants: --json has them all`)] : []),
	]
}

function variantLines(whole: Preparation, variant: PreparedVariant, place: number): ToneLine[] {
	const { origin, places } = variant
	const head = `  variant ${place + 1}, on ${places.length}: ${originWords(origin).replace(/\.$/, "")}`
	return [
		isTheirs(origin) || origin.kind === "refused" ? doubtLine(head) : plainLine(head),
		plainLine(`    ${namesOf(whole, places)}`),
		plainLine(`    ${runWords(variant)}`),
	]
}

function diffLines(diff: string | undefined): ToneLine[] {
	if (diff === undefined) return []
	const lines = diff.replace(/\n$/, "").split("\n")
	const rest = lines.length - DIFF_LINES
	return [
		...lines.slice(0, DIFF_LINES).map((line) => plainLine(`    ${plainText(line)}`)),
		...(rest > 0 ? [plainLine(`    … ${rest} more lines`)] : []),
	]
}

function canaryLines(whole: Preparation): ToneLine[] {
	const { appliances, files } = whole
	const { chosen, uncovered } = whole.canary
	if (chosen.length === 0) return [plainLine(""), doubtLine("no canary: no appliance is ready for a run")]
	return [
		plainLine(""),
		strongLine(`canary: ${canaryWords(whole)}`),
		...chosen.map(({ place, covers }) =>
			plainLine(`  ${plainText(appliances[place]?.name ?? "")}: ${reasonWords(covers, files)}`),
		),
		...uncovered
			.slice(0, VARIANTS)
			.map((one) => doubtLine(`  not covered: ${featureWords(one, files)}, on ${one.on} where no run can begin now`)),
	]
}

function namesOf({ appliances }: Preparation, places: readonly number[]): string {
	return someOf(places, NAMES, (place) => plainText(appliances[place]?.name ?? ""))
}
