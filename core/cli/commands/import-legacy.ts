import { type LegacyModule, readLegacyModule, writeConverted } from "../../fleet/library/import-legacy.ts"
import { type Finding, printFinding } from "../../schema/finding.ts"
import { type Conversion, type ConversionItem, printItem } from "../../schema/legacy/conversion.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { paint } from "../terminal.ts"

export interface ImportOptions {
	to: string
	strict?: boolean
	json?: boolean
}

/**
 * `hotfix import-legacy FOLDER --to FOLDER`: a legacy module as a new one of pools. Exit 2, and nothing is written, where
 * the legacy module is at fault, nothing of it can be a pool, or with `--strict` something is not converted.
 */
export async function importLegacy(options: ImportOptions, folder: string): Promise<number> {
	const legacy = await readLegacyModule(folder)
	printFaults(legacy.findings, options)
	if (!legacy.conversion) return EXIT.badInput
	for (const item of legacy.conversion.items) printOne(item, options)
	const refusal = refusalOf(legacy.conversion, options)
	const written = refusal === undefined ? await writeConverted(legacy, legacy.conversion, options.to) : undefined
	printSummary(legacy, legacy.conversion, written, options)
	if (refusal !== undefined) process.stderr.write(`${refusal}\n`)
	return refusal === undefined ? EXIT.ok : EXIT.badInput
}

function refusalOf({ items, findings }: Conversion, { strict }: ImportOptions): string | undefined {
	if (findings.some(({ severity }) => severity === "fault"))
		return "nothing of this module can be a pool, so nothing was written"
	if (strict && items.some(({ outcome }) => outcome === "not-converted"))
		return "not everything is converted, so with --strict nothing was written"
	return undefined
}

function printFaults(findings: Finding[], { json }: ImportOptions): void {
	for (const finding of findings) {
		if (json) console.log(JSON.stringify(finding))
		else process.stderr.write(`${printFinding(finding)}\n`)
	}
}

const TONES = { converted: "green", noted: "yellow", "not-converted": "red" } as const

function printOne(item: ConversionItem, { json }: ImportOptions): void {
	console.log(json ? JSON.stringify(item) : paint(TONES[item.outcome], printItem(item)))
}

function printSummary(
	{ folder }: LegacyModule,
	{ pools, sources, grouping, findings, items }: Conversion,
	written: string | undefined,
	{ json }: ImportOptions,
): void {
	const counts = countOutcomes(items)
	const summary = { pools, files: sources.length, ...counts, warnings: findings.length }
	const told = json
		? [JSON.stringify({ from: folder, ...(written && { to: written }), grouping, ...summary })]
		: [
				`\npools: ${pools}, files: ${sources.length}: ${grouping}`,
				`converted: ${counts.converted}, with a note: ${counts.noted}, not converted: ${counts["not-converted"]}`,
				...(written === undefined
					? []
					: [`written to ${plainText(written)}, the old index.json and this report into legacy/`]),
			]
	for (const line of told) console.log(line)
}

function countOutcomes(items: ConversionItem[]): Record<ConversionItem["outcome"], number> {
	const counts = { converted: 0, noted: 0, "not-converted": 0 }
	for (const { outcome } of items) counts[outcome] += 1
	return counts
}
