import type { Appliance, SignIn } from "./appliance.ts"

/** The columns of a fleet as a table, in the order in which they are written. */
export const FLEET_COLUMNS = ["name", "host", "port", "user", "sign-in", "become", "jump", "tags", "notes"] as const
export type FleetColumn = (typeof FLEET_COLUMNS)[number]

/**
 * What a spreadsheet would take for a formula. Such a cell gets an apostrophe more, and one that has apostrophes before it
 * already as well: so reading can take exactly one away again.
 */
const FORMULA = /^'*\s*[=+\-@＝＋－＠]/
const GUARDED = /^'+\s*[=+\-@＝＋－＠]/

/** The appliances as CSV (RFC 4180), which the import reads back exactly. */
export function fleetCsv(appliances: readonly Appliance[]): string {
	const lines = appliances.map((appliance) => FLEET_COLUMNS.map((column) => csvCell(cellOf(appliance, column))))
	return [FLEET_COLUMNS, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("")
}

/** A cell's text without what guards it in a spreadsheet. */
export function readGuarded(cell: string): string {
	return GUARDED.test(cell) ? cell.slice(1) : cell
}

function cellOf(appliance: Appliance, column: FleetColumn): string {
	if (column === "sign-in") return signInText(appliance.signIn)
	if (column === "tags") return appliance.tags.map(tagText).join(",")
	return String(appliance[column] ?? "")
}

/** `agent`, `password`, or `key:` and the path. */
export function signInText(signIn: SignIn): string {
	return signIn.method === "key" ? `key:${signIn.path}` : signIn.method
}

/** Tags stand in their cell as cells in a line. */
function tagText(tag: string): string {
	return /[",;]/.test(tag) || tag !== tag.trim() ? quoted(tag) : tag
}

function csvCell(text: string): string {
	const guarded = FORMULA.test(text) ? `'${text}` : text
	return /[",;\t\r\n]/.test(guarded) || guarded !== guarded.trim() ? quoted(guarded) : guarded
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
