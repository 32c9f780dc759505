import type { z } from "zod"
import { type Draft, faultAt, MAX_FINDINGS, makeFindings, nearestNode } from "../draft.ts"
import type { Finding } from "../finding.ts"
import {
	childOf,
	type Found,
	type JsonNode,
	type JsonPath,
	type JsonText,
	nodesAt,
	parseJsonText,
	pathAt,
	plainValue,
} from "../json-text.ts"
import { checkShape } from "../module-checks.ts"
import { readIndex } from "../module-index.ts"
import { MAX_SECONDS } from "../module-rules.ts"
import { quoted } from "../plain-text.ts"
import {
	type OperationsIndex,
	operationsIndexSchema,
	type PoolsIndex,
	poolsIndexSchema,
	type TargetsIndex,
	targetsIndexSchema,
} from "./legacy-index.ts"
import { findTextFault, isTimeLimit } from "./value-fault.ts"

/** A legacy index without fault, by what its list is called. */
export type LegacyIndex =
	| { variant: "operations"; index: OperationsIndex }
	| { variant: "targets"; index: TargetsIndex }
	| { variant: "pools"; index: PoolsIndex }

/** `legacy` is there exactly when `findings`, its faults, are none. */
export interface LegacyReading {
	json: JsonText
	legacy?: LegacyIndex
	findings: Finding[]
}

/** Reads the text of a legacy `index.json`: every fault at once, in the order of the file. Never throws. */
export function readLegacy(text: string): LegacyReading {
	const json = parseJsonText(text)
	const syntax = json.faults
		.slice(0, MAX_FINDINGS + 1)
		.map((fault): Draft => ({ ...fault, severity: "fault", path: pathAt(json.root, fault.offset), end: fault.offset }))
	if (!json.root) return { json, findings: makeFindings(json, syntax) }
	const { variant, legacy, drafts } = parseVariant(json.root)
	const faults = [...syntax, ...drafts.filter(({ end }) => end <= json.trustedEnd)]
	const findings = makeFindings(json, faults)
	// The pool variant is the present format and more, so the present rules tell its faults, at the same places.
	if (variant === "pools") findings.push(...newFaults(text, findings))
	return legacy && findings.length === 0 ? { json, legacy, findings } : { json, findings }
}

function newFaults(text: string, known: Finding[]): Finding[] {
	const places = new Set(known.map(({ path, rule }) => `${rule} ${path}`))
	return readIndex(text).findings.filter(
		({ severity, path, rule }) => severity === "fault" && !places.has(`${rule} ${path}`),
	)
}

function parseVariant(root: JsonNode): { variant?: Variant; legacy?: LegacyIndex; drafts: Draft[] } {
	const found = variants.filter((variant) => childOf(root, variant))
	const [variant, second] = found
	if (!variant) return { drafts: [faultAt(root, [], "no-legacy-module", noVariant.message, noVariant.remedy)] }
	if (second) {
		const message = `${quoted(variant)} and ${quoted(second)} both stand here, and they belong to different formats`
		return { drafts: [faultAt(nearestNode(root, [second]), [second], "two-formats", message, "keep one of the two")] }
	}
	const parsed = parsers[variant](plainValue(root))
	const drafts = [...checkShape(root, parsed.issues, remedyFor), ...checkLegacyValues(root, variant)]
	return parsed.legacy ? { variant, legacy: parsed.legacy, drafts } : { variant, drafts }
}

const variants = ["operations", "targets", "pools"] as const
type Variant = (typeof variants)[number]

const noVariant = {
	message: 'there is no "operations", "targets" or "pools", so this is no legacy module',
	remedy: "choose the folder whose index.json has one of them",
}

interface Parsed {
	legacy?: LegacyIndex
	issues: z.core.$ZodIssue[]
}

const parsers: Record<Variant, (value: unknown) => Parsed> = {
	operations: (value) => {
		const { data, error } = operationsIndexSchema.safeParse(value)
		return { issues: error?.issues ?? [], ...(data && { legacy: { variant: "operations", index: data } }) }
	},
	targets: (value) => {
		const { data, error } = targetsIndexSchema.safeParse(value)
		return { issues: error?.issues ?? [], ...(data && { legacy: { variant: "targets", index: data } }) }
	},
	pools: (value) => {
		const { data, error } = poolsIndexSchema.safeParse(value)
		return { issues: error?.issues ?? [], ...(data && { legacy: { variant: "pools", index: data } }) }
	},
}

/** What no schema says: values that the legacy program itself could not have used. */
function* checkLegacyValues(root: JsonNode, variant: string): Generator<Draft> {
	if (variant !== "pools") yield* checkText(root, ["metadata", "schema_version"], ["metadata", "schema_version"])
	if (variant !== "operations") return
	for (const list of ["pre_checks", "post_checks"]) {
		yield* checkText(root, ["validation", list, "*", "command"], ["finalClosure", "*"])
		for (const { node, path } of nodesAt(root, ["validation", list, "*", "expected_exit_code"])) {
			if (node.type !== "number" || (Number.isInteger(node.value) && node.value >= -64 && node.value <= 255)) continue
			const message = `no program can end with ${node.value}`
			yield faultAt(node, path, "exit-code-out-of-range", message, "give a whole number from 0 to 255")
		}
	}
	yield* checkSeconds(root, ["config", "validation_timeout"])
	yield* checkSeconds(root, ["operations", "*", "timeout"])
	for (const found of nodesAt(root, ["operations", "*"])) yield* checkTarget(found)
	yield* checkSize(root)
}

function* checkText(root: JsonNode, at: JsonPath, as: JsonPath): Generator<Draft> {
	for (const { node, path } of nodesAt(root, at)) {
		const fault = node.type === "string" ? findTextFault(as, node.value) : undefined
		if (fault) yield faultAt(node, path, "value-not-allowed", fault.message, fault.remedy)
	}
}

function* checkSeconds(root: JsonNode, at: JsonPath): Generator<Draft> {
	for (const { node, path } of nodesAt(root, at)) {
		if (node.type !== "number" || isTimeLimit(node.value)) continue
		const message = `${node.value} is no number of seconds that can be waited for`
		yield faultAt(
			node,
			path,
			"seconds-out-of-range",
			message,
			`give a number above 0 and at most ${MAX_SECONDS} (7 days)`,
		)
	}
}

function* checkTarget({ node, path }: Found): Generator<Draft> {
	if (!/^(copy|append|symlink)$/.test(String(childOf(node, "type")?.value)) || childOf(node, "target")) return
	yield faultAt(node, [...path, "target"], "missing", '"target" is missing', remedyFor("target"))
}

/** Each check may go into each pool; the new index has a limit of its own. */
const MAX_COMMANDS = 50_000

function* checkSize(root: JsonNode): Generator<Draft> {
	const count = (path: JsonPath) => [...nodesAt(root, [...path, "*"])].length
	const checks = count(["validation", "pre_checks"]) + count(["validation", "post_checks"])
	if (checks * count(["operations"]) <= MAX_COMMANDS) return
	const node = nearestNode(root, ["validation"])
	const message = `${checks} checks for ${count(["operations"])} operations are too many`
	yield faultAt(node, ["validation"], "too-many-checks", message, "split the module into several")
}

const remedies: Record<string, string> = {
	metadata: 'add "metadata": {"schema_version": "1.0.0"}',
	schema_version: 'add "schema_version": "1.0.0"',
	id: 'add "id", a short name',
	type: 'add "type": copy, append, symlink or execute',
	source: 'add "source", the file in src/',
	target: 'add "target", the absolute path on the appliance',
	command: 'add "command"',
	version_check: 'add "version_check": {"type": "always"}',
}

function remedyFor(key: string): string {
	return remedies[key] ?? `add ${quoted(key)}`
}
