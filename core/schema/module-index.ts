import { type Draft, MAX_FINDINGS, makeFindings, nearestNode } from "./draft.ts"
import type { Finding } from "./finding.ts"
import type { SyntaxFault } from "./json-syntax.ts"
import { type JsonText, parseJsonText, pathAt, plainValue } from "./json-text.ts"
import { type Advice, lintModule } from "./lint.ts"
import { type Module, moduleSchema } from "./module.ts"
import { checkDestinations, checkKeys, checkPoolIds, checkShape, checkValues } from "./module-checks.ts"
import type { RuleOptions } from "./module-rules.ts"
import { DEFAULT_STATE_FOLDER } from "./state-folder.ts"

/** `module` is there exactly when no finding is a fault. */
export interface IndexReading {
	module?: Module
	findings: Finding[]
}

/**
 * Reads the text of an `index.json`: every fault and warning at once, in the order of the file (DESIGN §3). Never
 * throws, whatever the text. Advice on commands is `readLintedIndex`'s.
 */
export function readIndex(text: string, options: RuleOptions = {}): IndexReading {
	const { json, module, drafts } = parseIndex(text, options)
	return withModule(module, makeFindings(json, drafts))
}

/**
 * As `readIndex`, and a module without fault is linted too. What everything that shows a module to a person calls.
 * `more`: advice that takes an appliance to know.
 */
export function readLintedIndex(text: string, options: RuleOptions = {}, more: Advice[] = []): IndexReading {
	const { json, module, drafts } = parseIndex(text, options)
	const advice = module && json.root ? adviceDrafts([...lintModule(module), ...more], json.root) : []
	return withModule(module, makeFindings(json, [...drafts, ...advice]))
}

/** Every fault, warning and advice on the text of an `index.json`, in the order of the file. */
export function findingsOf(text: string, options: RuleOptions = {}): Finding[] {
	return readLintedIndex(text, options).findings
}

function parseIndex(text: string, options: RuleOptions): { json: JsonText; module?: Module; drafts: Draft[] } {
	const json = parseJsonText(text)
	const drafts = json.faults.slice(0, MAX_FINDINGS + 1).map((fault) => syntaxDraft(json, fault))
	if (!json.root) return { json, drafts }
	const parsed = moduleSchema.safeParse(plainValue(json.root))
	for (const draft of checks(json.root, parsed.error?.issues ?? [], options)) {
		if (draft.end <= json.trustedEnd) drafts.push(draft)
	}
	const isFaulty = drafts.some((draft) => draft.severity === "fault")
	return parsed.success && !isFaulty ? { json, module: parsed.data, drafts } : { json, drafts }
}

function syntaxDraft(json: JsonText, fault: SyntaxFault): Draft {
	return { ...fault, severity: "fault", path: pathAt(json.root, fault.offset), end: fault.offset }
}

function* checks(root: Root, issues: Issues, { stateFolder = DEFAULT_STATE_FOLDER }: RuleOptions): Generator<Draft> {
	yield* checkShape(root, issues)
	yield* checkValues(root, { stateFolder })
	yield* checkPoolIds(root)
	yield* checkDestinations(root)
	yield* checkKeys(root)
}

type Root = NonNullable<JsonText["root"]>
type Issues = Parameters<typeof checkShape>[1]

function adviceDrafts(given: Advice[], root: Root): Draft[] {
	return given.map((advice) => {
		const node = nearestNode(root, advice.path)
		return { ...advice, severity: "warning", offset: node.offset, end: node.offset + node.length }
	})
}

function withModule(module: Module | undefined, findings: Finding[]): IndexReading {
	return module ? { module, findings } : { findings }
}
