import { readAddress } from "../../schema/address.ts"
import { becomeSchema, type SignIn } from "../../schema/appliance.ts"
import { FLEET_COLUMNS, type FleetColumn, readGuarded } from "../../schema/fleet-csv.ts"
import type { Said } from "../../schema/fleet-import.ts"
import { quoted } from "../../schema/plain-text.ts"
import { gatherProblems, type Parsed } from "./problems.ts"
import { type CsvRecord, splitCsv } from "./split-csv.ts"

/** Other names of columns, as people write them. */
const ALIASES: Readonly<Record<string, FleetColumn>> = {
	hostname: "host",
	address: "host",
	ip: "host",
	username: "user",
	signin: "sign-in",
	jumphost: "jump",
	proxyjump: "jump",
	tag: "tags",
	groups: "tags",
	note: "notes",
}

/** A fleet as CSV: a header row that names the columns, then an appliance a row. Pure; never throws. */
export function parseFleetCsv(given: string): Parsed {
	const problems = gatherProblems()
	const text = given.replace(/^\ufeff/, "")
	const records = splitCsv(text, separatorOf(text))
	const head = records.next().value as CsvRecord | undefined
	if (head === undefined) problems.add(undefined, "the table is empty")
	const found: Parsed["found"] = []
	const columns = head && readHead(head, problems.add)
	if (!head || !columns) return { found, problems: problems.list() }
	for (const record of records) {
		const fault = record.fault ?? (record.cells.length === head.cells.length ? undefined : wrongWidth(record, head))
		const said = fault === undefined ? readRow(record, columns) : fault
		if (typeof said === "string") problems.add(record.line, said)
		else found.push({ line: record.line, said })
	}
	return { found, problems: problems.list() }
}

/** The one of `,`, `;` and tab that is most in the first line. */
function separatorOf(text: string): string {
	const line = /^[^\r\n]*/.exec(text)?.[0] ?? ""
	const counts = [",", ";", "\t"].map((one) => ({ one, count: line.split(one).length }))
	return counts.reduce((most, next) => (next.count > most.count ? next : most)).one
}

type Columns = (FleetColumn | undefined)[]

function readHead(head: CsvRecord, tell: (line: number, text: string) => void): Columns | undefined {
	if (head.fault !== undefined) {
		tell(head.line, head.fault)
		return undefined
	}
	const columns = head.cells.map(columnOf)
	for (const [at, column] of columns.entries()) {
		if (column === undefined) tell(head.line, `column ${quoted(head.cells[at] ?? "")} is not known and is left out`)
		else if (columns.indexOf(column) !== at) {
			tell(head.line, `two columns are ${column}`)
			return undefined
		}
	}
	if (columns.includes("host")) return columns
	tell(head.line, `the first row must name the columns, among them host: ${FLEET_COLUMNS.join(", ")}`)
	return undefined
}

function columnOf(cell: string): FleetColumn | undefined {
	const name = cell.trim().toLowerCase()
	const known = FLEET_COLUMNS.find((column) => column === name)
	const squeezed = name.replace(/[\s_-]/g, "")
	return known ?? (Object.hasOwn(ALIASES, squeezed) ? ALIASES[squeezed] : undefined)
}

function wrongWidth({ cells }: CsvRecord, head: CsvRecord): string {
	return `it has ${cells.length} cells, and the first row ${head.cells.length}`
}

/** What a row says, or what is wrong with it. */
function readRow({ cells, quoted: inMarks }: CsvRecord, columns: Columns): Said | string {
	const cellOf = (column: FleetColumn) => {
		const at = columns.indexOf(column)
		return at < 0 ? undefined : readGuarded(cells[at] ?? "")
	}
	const word = (column: FleetColumn) => cellOf(column)?.trim() || undefined
	const exact = (column: FleetColumn) => (inMarks.has(columns.indexOf(column)) ? cellOf(column) : word(column))
	const [there, said, tags] = [word("host"), word("port"), cellOf("tags")]
	if (there === undefined) return "host is empty"
	if (said !== undefined && !/^\d{1,5}$/.test(said)) return `port ${quoted(said)} is no number`
	const { host, port: own } = splitHost(there)
	const port = said === undefined ? own : Number(said)
	if (own !== undefined && own !== port) return `port ${port} is another one than that of ${quoted(there)}`
	const signIn = readSignIn(exact("sign-in"))
	if (signIn === null) return `sign-in ${quoted(word("sign-in") ?? "")} is none: agent, password or key:PATH`
	const become = becomeSchema.optional().safeParse(word("become")?.toLowerCase())
	if (!become.success) return `become ${quoted(word("become") ?? "")} is none: none, sudo or doas`
	const split = tags === undefined ? undefined : splitTags(tags)
	if (typeof split === "string") return split
	const has = (column: FleetColumn) => columns.includes(column)
	// An empty cell says that there is nothing; of a column that is not there nothing is said.
	return {
		name: word("name") ?? host,
		host,
		...((has("port") || port !== undefined) && { port }),
		...(has("user") && { user: word("user") }),
		...(has("sign-in") && { signIn }),
		...(has("become") && { become: become.data }),
		...(has("jump") && { jump: word("jump") }),
		...(has("tags") && { tags: split }),
		...(has("notes") && { notes: cellOf("notes") }),
	}
}

/** What is no address, or names an account, stays as it stands there, to be refused. */
function splitHost(text: string): { host: string; port?: number } {
	const address = readAddress(text)
	return address && address.user === undefined ? address : { host: text }
}

/** Undefined where nothing is said, null where it is no way to sign in. */
function readSignIn(text: string | undefined): SignIn | undefined | null {
	const word = text?.trim()
	if (!text || !word) return undefined
	if (word === "agent" || word === "password") return { method: word }
	const path = /^\s*key:(.+)$/s.exec(text)?.[1]
	return path === undefined ? null : { method: "key", path }
}

/** Tags stand in their cell as cells in a line; what is wrong with it as text. */
function splitTags(cell: string): string[] | string {
	const tags: string[] = []
	for (const { cells, fault } of splitCsv(cell, ",;")) {
		if (fault !== undefined) return `tags: ${fault}`
		for (const tag of cells) if (tag.trim() !== "") tags.push(tag.trim())
	}
	return [...new Set(tags)]
}
