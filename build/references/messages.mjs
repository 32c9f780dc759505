import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { failureCodeSchema } from "../../core/schema/failure.ts"
import { sentenceOf } from "../../core/schema/sentences.ts"
import { sampleFindings } from "./findings.mjs"
import { code, makePage, makeTable } from "./page.mjs"

export function messagesPage() {
	return makePage(
		"Reference: messages",
		"Everything that can be told of, with what to do. Words in capitals stand for what a message names: `HOST`, `PATH`. By symptom: " +
			"[troubleshooting](../troubleshooting.md).",
		"## Failures",
		"The name is what `--json` and the log say; the sentences are what people see.",
		...failureCodeSchema.options.flatMap(failureParts),
		"## Findings in a module",
		"What `hotfix validate` and `hotfix lint`, the editor and every run say of `index.json` and the files in `src/`. A fault keeps the " +
			"module from being run, a warning does not.",
		makeTable(
			["finding", "", "it says, for example", "what would be right"],
			sampleFindings().map(({ rule, severity, message, remedy }) => [
				code(rule),
				severity,
				plain(message),
				plain(remedy),
			]),
		),
	)
}

function failureParts(failure) {
	const { what, next } = tell(failure, {})
	const variants = reasonsOf(failure).flatMap((reason) => variantRow(failure, reason))
	return [
		`### ${code(failure)}`,
		`${plain(what)} **${plain(next)}**`,
		...(variants.length > 0 ? [makeTable(["", "it says", "what to do"], variants)] : []),
	]
}

/** What is told with this reason, where that is more than the reason's own name; what to do, where that is something else. */
function variantRow(failure, [fact, word]) {
	const usual = tell(failure, { [fact]: "REASON" })
	const { what, next } = tell(failure, { [fact]: word })
	if (what === usual.what.replace("REASON", word) && next === usual.next) return []
	const when = fact === "reason" ? word : `${fact}: ${word}`
	return [[code(when), plain(what), next === tell(failure, {}).next ? "" : plain(next)]]
}

function tell(failure, facts) {
	return sentenceOf({ code: failure, data: { ...namesOf(failure), ...facts } })
}

/** The facts that make a sentence's subject, by their names in capitals; what only some failures have is left out. */
function namesOf(failure) {
	const known = factsOf(failure)
	return Object.fromEntries(SUBJECTS.filter((name) => known.includes(name)).map((name) => [name, name.toUpperCase()]))
}

const SUBJECTS = [
	"host",
	"path",
	"module",
	"version",
	"pool",
	"run",
	"user",
	"id",
	"paths",
	"target",
	"kind",
	"architecture",
]
/** Facts whose value decides how a sentence goes on. */
const DECIDING = ["reason", "phase", "temporary", "certAuthority", "began", "kind"]

function reasonsOf(failure) {
	const facts = factsOf(failure)
	return DECIDING.filter((fact) => facts.includes(fact)).flatMap((fact) => WORDS.map((word) => [fact, word]))
}

const source = (file) => readFileSync(fileURLToPath(new URL(`../../core/schema/${file}`, import.meta.url)), "utf8")

/** Every word that a sentence may know, for the few that each does. */
const WORDS = [
	...new Set(
		[...source("sentences.ts").matchAll(/^\t{3,}"?([a-z0-9-]+)"?: |=== "([a-z-]+)"/gm)].map(([, a, b]) => a ?? b),
	),
]

const FACTS = source("failure-data.ts")

/** Names of the facts that a failure takes. */
function factsOf(failure) {
	const from = FACTS.search(new RegExp(`^\\t"?${failure}"?: `, "m"))
	const text = FACTS.slice(from).split(/\n\t(?="|\/\*\*|[a-z-]+:|\n)/)[0]
	const own = [...text.matchAll(/([A-Za-z]+)\?: Fact/g)].map(([, name]) => name)
	return /Endpoint|HostKey/.test(text) ? ["host", ...own, ...(text.includes("HostKey") ? ["certAuthority"] : [])] : own
}

/** As code where markdown would take a part of it for its own. */
function plain(text) {
	return /[$<*]/.test(text) ? code(text) : text
}
