import type { Finding } from "../finding.ts"
import { type JsonNode, type JsonPath, type JsonText, plainValue } from "../json-text.ts"
import { readLintedIndex } from "../module-index.ts"
import { quoted } from "../plain-text.ts"
import { targetsOf } from "../targets.ts"
import { type Conversion, type LegacyFiles, makeItems, type Note, type Tell } from "./conversion.ts"
import { convertOperations } from "./convert-operations.ts"
import { convertPools } from "./convert-pools.ts"
import { tellSettings, tellUnknownKeys } from "./convert-settings.ts"
import { convertTargets } from "./convert-targets.ts"
import {
	legacyCheckSchema,
	legacyConfigSchema,
	legacyOperationSchema,
	legacyRollbackSchema,
	legacyTargetSchema,
	legacyValidationSchema,
	operationsIndexSchema,
	targetsIndexSchema,
	versionCheckSchema,
} from "./legacy-index.ts"
import type { SourceList } from "./operation-piece.ts"
import { type Converted, makePool } from "./pool-draft.ts"
import { type LegacyIndex, readLegacy } from "./read-legacy.ts"

/**
 * A legacy `index.json` (operations, targets, or pools with `has_run`) as a module of pools, with an account of every
 * part of it. `conversion` is there exactly when the legacy text has no fault; `findings` are its faults. Pure; never
 * throws, whatever the text.
 */
export function convertLegacy(text: string, files: LegacyFiles): { conversion?: Conversion; findings: Finding[] } {
	const { json, legacy, findings } = readLegacy(text)
	if (!legacy || !json.root) return { findings }
	return { conversion: convert(json, json.root, legacy, files), findings }
}

function convert(json: JsonText, root: JsonNode, legacy: LegacyIndex, files: LegacyFiles): Conversion {
	const notes: Note[] = []
	const tell: Tell = (note) => void notes.push(note)
	const { value, pools, grouping } = makeIndex(root, legacy, sourceList(files), tell)
	const index = `${JSON.stringify(value, null, 2)}\n`
	const { sources, aside } = shareFiles(index, files)
	tellFiles(files, aside, tell)
	return {
		index,
		pools,
		sources,
		aside,
		grouping,
		items: makeItems(json, notes),
		findings: readLintedIndex(index).findings,
	}
}

function sourceList({ present, problems }: LegacyFiles): SourceList {
	return { present: new Set(present), problems: new Map(problems.map((problem) => [problem.target, problem])) }
}

interface NewIndex {
	value: Record<string, unknown>
	pools: number
	grouping: string
}

function makeIndex(root: JsonNode, legacy: LegacyIndex, sources: SourceList, tell: Tell): NewIndex {
	const plain = plainValue(root) as Record<string, unknown>
	if (legacy.variant === "pools") {
		const value = convertPools(plain, legacy.index, tell)
		return { value, pools: legacy.index.pools.length, grouping: "the pools stay as they are" }
	}
	tellUnknownKeys(root, legacy.variant === "operations" ? operationKeys : targetKeys, tell)
	if (legacy.variant === "targets") return joinIndex(plain, convertTargets(legacy.index, sources, tell))
	tellSettings(root, legacy.index, tell)
	return joinIndex(plain, convertOperations(legacy.index, sources, tell))
}

/** `metadata` stays with all its keys. */
function joinIndex({ metadata }: Record<string, unknown>, { pools, finalClosure, grouping }: Converted): NewIndex {
	const value = { metadata, pools: pools.map(makePool), ...(finalClosure.length > 0 && { finalClosure }) }
	return { value, pools: pools.length, grouping }
}

function shareFiles(index: string, { present }: LegacyFiles): Pick<Conversion, "sources" | "aside"> {
	const used = new Set(targetsOf(index).map(({ target }) => target))
	return { sources: present.filter((file) => used.has(file)), aside: present.filter((file) => !used.has(file)) }
}

/** Told one by one at most so many times. */
const MAX_FILES = 20

function tellFiles({ problems }: LegacyFiles, aside: string[], tell: Tell): void {
	const whole = { kind: "file", at: [] } as const
	const kept = { outcome: "noted", message: "no pool uses it; it is kept aside in legacy/src/" } as const
	for (const file of aside.slice(0, MAX_FILES)) tell({ ...whole, name: quoted(`src/${file}`), ...kept })
	if (aside.length > MAX_FILES) tell({ ...whole, name: `${aside.length - MAX_FILES} further ones`, ...kept })
	for (const { target, message, remedy } of problems.slice(0, MAX_FILES))
		tell({ ...whole, name: quoted(`src/${target}`), outcome: "not-converted", message, remedy })
	if (problems.length > MAX_FILES) {
		const name = `${problems.length - MAX_FILES} further ones`
		tell({ ...whole, name, outcome: "not-converted", message: "they cannot be read as sources either" })
	}
}

const keysOf = (schema: { shape: object }): string[] => Object.keys(schema.shape)

const operationKeys: [JsonPath, string[]][] = [
	[[], keysOf(operationsIndexSchema)],
	[["config"], keysOf(legacyConfigSchema)],
	[["operations", "*"], keysOf(legacyOperationSchema)],
	[
		["operations", "*", "permissions"],
		["user", "group", "mode"],
	],
	[["validation"], keysOf(legacyValidationSchema)],
	[["validation", "pre_checks", "*"], keysOf(legacyCheckSchema)],
	[["validation", "post_checks", "*"], keysOf(legacyCheckSchema)],
	[["rollback"], keysOf(legacyRollbackSchema)],
]
const targetKeys: [JsonPath, string[]][] = [
	[[], keysOf(targetsIndexSchema)],
	[["targets", "*"], keysOf(legacyTargetSchema)],
	[["targets", "*", "version_check"], keysOf(versionCheckSchema)],
]
