import type { z } from "zod"
import { isStraight } from "../../schema/address.ts"
import { type Appliance, applianceSchema } from "../../schema/appliance.ts"
import {
	changesOf,
	type ImportFormat,
	type ImportPreview,
	type ImportRow,
	importedSchema,
	MAX_IMPORTED,
	type Said,
} from "../../schema/fleet-import.ts"
import { quoted } from "../../schema/plain-text.ts"
import { identitiesOf, newIdentitiesOf } from "./identities.ts"
import { gatherProblems, type Parsed, type Problems } from "./problems.ts"

/**
 * What importing would do to this fleet, appliance by appliance: the same address is the same appliance, else the same name.
 * What is not said stays as the fleet has it. Whatever could mean two appliances is told, and not imported. Pure.
 */
export function planImport(parsed: Parsed, format: ImportFormat, fleet: readonly Appliance[]): ImportPreview {
	const problems = gatherProblems()
	for (const { line, text, isNote } of parsed.problems) problems[isNote ? "note" : "add"](line, text)
	const known = indexFleet(fleet)
	const rows: ImportRow[] = []
	const taken = new Map<string, number>()
	for (const { line, said } of parsed.found.slice(0, MAX_IMPORTED)) {
		const row = planRow(line, withSoundNotes(line, said, problems), { known, addsTags: format !== "csv" })
		if (typeof row === "string") {
			problems.add(line, row)
			continue
		}
		const twin = identitiesOfRow(row).flatMap((identity) => taken.get(identity) ?? [])[0]
		if (twin !== undefined) {
			problems.add(line, `${quoted(said.name)} has the name or the address of line ${twin}`)
			continue
		}
		for (const identity of identitiesOfRow(row)) taken.set(identity, line)
		rows.push(row)
	}
	if (parsed.found.length > MAX_IMPORTED) problems.add(undefined, `more than ${MAX_IMPORTED} appliances are not read`)
	return { format, rows, problems: problems.list() }
}

/** Notes decide nothing: the appliance comes without those that cannot be taken over. */
function withSoundNotes(line: number, said: Said, problems: Problems): Said {
	const { notes, ...rest } = said
	if (notes === undefined || importedSchema.shape.notes.safeParse(notes).success) return said
	problems.add(line, `${quoted(said.name)}: its notes are left out: ${needed("notes")}`)
	return rest
}

type Known = {
	atAddress: Map<string, Appliance[]>
	named: Map<string, Appliance[]>
	owners: Map<string, Appliance>
}

function indexFleet(fleet: readonly Appliance[]): Known {
	return {
		atAddress: Map.groupBy(fleet, addressOf),
		named: Map.groupBy(fleet, ({ name }) => name),
		owners: new Map(fleet.flatMap((one) => identitiesOf(one).map((identity) => [identity, one]))),
	}
}

function addressOf({ host, port }: { host: string; port?: number | undefined }): string {
	return `${host.toLowerCase()} ${port ?? 22}`
}

/** What no second row may have. */
function identitiesOfRow(row: ImportRow): string[] {
	return row.standing === "changed" ? [...identitiesOf(row.appliance), `id ${row.was.id}`] : identitiesOf(row.appliance)
}

function planRow(line: number, said: Said, { known, addsTags }: { known: Known; addsTags: boolean }) {
	const was = findKnown(said, known)
	if (typeof was === "string") return was
	const tags = addsTags && was ? [...new Set([...was.tags, ...(said.tags ?? [])])] : said.tags
	const parsed = importedSchema.safeParse({ ...was, ...said, ...(tags && { tags }) })
	if (!parsed.success) return faultOf(parsed.error)
	const appliance = parsed.data
	const owner = newIdentitiesOf(appliance, was).flatMap((identity) => known.owners.get(identity) ?? [])[0]
	if (owner?.name === appliance.name) return `the fleet has another ${quoted(owner.name)}, at ${quoted(owner.host)}`
	if (owner) return `the fleet has ${quoted(owner.name)} at ${quoted(`${owner.user}@${owner.host}`)} already`
	if (!was) return { standing: "new", line, appliance } satisfies ImportRow
	const changed = { standing: "changed", line, appliance, was: applianceSchema.parse(was) } satisfies ImportRow
	return changesOf(changed).length > 0 ? changed : ({ standing: "same", line, appliance } satisfies ImportRow)
}

/** The appliance of the fleet that is meant; undefined for none, a sentence where it could be several. */
function findKnown(said: Said, { atAddress, named }: Known): Appliance | undefined | string {
	const there = atAddress.get(addressOf(said)) ?? []
	const same = there.filter((one) => isSamePlace(one, said))
	const found = same.length > 1 ? narrow(same, said) : same
	if (found.length > 1) return `the fleet has ${found.length} appliances with the address ${quoted(said.host)}`
	if (found.length === 1) return found[0]
	const sameName = named.get(said.name) ?? []
	if (sameName.length > 1) return `the fleet has ${sameName.length} appliances named ${quoted(said.name)}`
	const [other] = "jump" in said || sameName.length > 0 ? [] : there
	if (!other) return sameName[0]
	return `the fleet has ${quoted(other.name)} at this address behind ${quoted(other.jump ?? "")}: its name or its jump hosts are needed, or jump hosts "none"`
}

/** Behind jump hosts of which only one of the two speaks, it takes the same name too. */
function isSamePlace({ name, jump }: Appliance, said: Said): boolean {
	if (isStraight(jump) === isStraight(said.jump)) return isStraight(jump) || jump === said.jump
	return name === said.name && (said.jump === undefined || jump === undefined)
}

/** Those of several at one address that also have the same name, else the same user. */
function narrow(there: Appliance[], said: Said): Appliance[] {
	const sameName = there.filter(({ name }) => name === said.name)
	if (sameName.length > 0) return sameName
	const sameUser = there.filter(({ user }) => user === said.user)
	return sameUser.length > 0 ? sameUser : there
}

const WANTED: Readonly<Record<string, string>> = {
	name: "a name of at most 200 characters",
	host: "a host name or address, its port apart",
	port: "a number from 1 to 65535",
	user: "an account's name",
	signIn: "agent, password or the path of a key",
	become: "none, sudo or doas",
	jump: "[user@]host[:port], separated by commas",
	tags: "at most 100 tags of at most 100 characters",
	notes: "text of at most 10,000 characters",
}

function needed(field: string): string {
	return `${WANTED[field] ?? "another value"}, without marks that hide or reorder text, is needed`
}

function faultOf({ issues }: z.ZodError): string {
	const field = String(issues[0]?.path[0])
	return `${field} is not one: ${needed(field)}`
}
