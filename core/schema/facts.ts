import type { Failure } from "./failure.ts"
import { plainText } from "./plain-text.ts"

/** The facts of a failure as text that is safe to show; what is empty or of another kind counts as not known. */
export function readFacts(data: Failure["data"]): Record<string, string> {
	const facts = Object.entries(data).map(([key, value]) => [key, plainText(printFact(value))] as const)
	return Object.fromEntries(facts.filter(([, text]) => text.trim() !== ""))
}

/** `10.0.0.5`, or with its port where that is not SSH's own. */
export function endpoint({ host, port }: { host?: string; port?: string }): string {
	if (host === undefined) return "the appliance"
	return port === undefined || port === "22" ? host : `${host} port ${port}`
}

/** Bytes for people, in powers of 1024: `1.5 GiB`. */
export function size(bytes: string | undefined): string | undefined {
	const count = Number(bytes)
	if (bytes === undefined || !Number.isFinite(count) || count < 0) return undefined
	const units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
	const power = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), units.length - 1)
	return `${Math.round((count / 1024 ** power) * 10) / 10} ${units[power]}`
}

/** A clause that stands only when its fact is known: `when(user, (name) => ` as ${name}`)`. */
export function when(fact: string | undefined, clause: (fact: string) => string): string {
	return fact === undefined ? "" : clause(fact)
}

/** What somebody said, at the end of a sentence. */
export function saying(text: string | undefined): string {
	return when(text, (words) => `, saying “${words}”`)
}

function printFact(value: unknown): string {
	if (Array.isArray(value)) return value.map(printFact).join(", ")
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}
