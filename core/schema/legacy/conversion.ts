import { z } from "zod"
import type { Finding } from "../finding.ts"
import { type JsonPath, type JsonText, nodeAt, printPath } from "../json-text.ts"

/** What became of one part of a legacy module, at its place in the legacy `index.json`. */
export const conversionItemSchema = z.object({
	kind: z.enum(["operation", "target", "pool", "check", "condition", "setting", "key", "file"]),
	/** As the legacy file calls it. */
	name: z.string(),
	/** `noted`: converted, and a person should know how the new meaning differs. */
	outcome: z.enum(["converted", "noted", "not-converted"]),
	/** JSON path, and 1-based place. */
	path: z.string(),
	line: z.number().int(),
	column: z.number().int(),
	/** What became of it, or why nothing did; lowercase, no full stop. */
	message: z.string(),
	/** What a person can do. */
	remedy: z.string().optional(),
})
export type ConversionItem = z.infer<typeof conversionItemSchema>

/** What lies in a legacy module's `src/`, by normal path below it. */
export interface LegacyFiles {
	present: string[]
	/** What cannot be a source, and why. */
	problems: { target: string; message: string; remedy: string }[]
}

/** A legacy module as a module of pools; nothing is written yet. */
export interface Conversion {
	/** Text of the new `index.json`. */
	index: string
	pools: number
	/** Files below `src/` that the new module uses. */
	sources: string[]
	/** Files below `src/` that no pool uses: kept beside the module, not in it. */
	aside: string[]
	/** How the pools were made. */
	grouping: string
	/** By place in the legacy file; every operation, target or pool once. */
	items: ConversionItem[]
	/** What the validator says of the new `index.json`; a fault only when no pool could be made. */
	findings: Finding[]
}

/** What is said of one part, before its place is counted out. */
export interface Note extends Omit<ConversionItem, "path" | "line" | "column"> {
	at: JsonPath
}

/** Says what became of a part. */
export type Tell = (note: Note) => void

/** Notes with their places, in the order of the file. */
export function makeItems(json: JsonText, notes: Note[]): ConversionItem[] {
	const placed = notes.map(({ at, ...note }) => {
		const node = nodeAt(json.root, at)
		// Of what has a key, the place of the key.
		const offset = (node?.parent?.type === "property" ? node.parent : node)?.offset ?? 0
		return { offset, item: { ...note, path: printPath(at), ...json.placeAt(offset) } }
	})
	return placed.sort((a, b) => a.offset - b.offset).map(({ item }) => item)
}

/** One item as the command line prints it. */
export function printItem({ kind, name, outcome, path, line, column, message, remedy }: ConversionItem): string {
	const words = { converted: "converted", noted: "converted with a note", "not-converted": "not converted" }
	const told = `index.json:${line}:${column}: ${path}: ${kind} ${name}: ${words[outcome]}: ${message}`
	return remedy === undefined ? told : `${told}: ${remedy}`
}
