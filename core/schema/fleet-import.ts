import { z } from "zod"
import { isBareHost } from "./address.ts"
import { applianceSchema } from "./appliance.ts"

/** Characters of one file that is imported, and appliances in it. */
export const MAX_IMPORT_TEXT = 2_000_000
export const MAX_IMPORTED = 10_000

export const importFormatSchema = z.enum(["csv", "ansible-ini", "ansible-yaml", "ssh-config"])
export type ImportFormat = z.infer<typeof importFormatSchema>

/** What is read: a text of a file or of the clipboard, or the SSH configuration of this user. */
export const importSourceSchema = z.discriminatedUnion("kind", [
	z.object({
		kind: z.literal("text"),
		text: z.string().max(MAX_IMPORT_TEXT),
		/** Of the file: its end says what it may be. */
		name: z.string().max(4096).optional(),
		/** Absent: as the text looks. */
		format: importFormatSchema.exclude(["ssh-config"]).optional(),
	}),
	z.object({ kind: z.literal("ssh-config") }),
])
export type ImportSource = z.infer<typeof importSourceSchema>

/** What of a source is not taken over, or not understood, and where. */
export const importProblemSchema = z.object({
	/** From 1; absent where it is about the whole. */
	line: z.number().int().min(1).optional(),
	text: z.string().max(2000),
	/** Nothing is wrong; it should be known all the same. */
	isNote: z.literal(true).optional(),
})
export type ImportProblem = z.infer<typeof importProblemSchema>

/** Controls, and marks that hide or reorder: a name with them is not what it looks like. */
const DECEPTIVE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/u
const honest = (text: string) => !DECEPTIVE.test(text)
const noMarks = "without control characters and marks that hide or reorder text"

/** Of one appliance. */
export const MOST_TAGS = 100

/** An appliance that somebody else wrote down: stricter than what the engineer types. */
export const importedSchema = applianceSchema.omit({ id: true }).extend({
	name: applianceSchema.shape.name.trim().min(1, "not empty").refine(honest, noMarks),
	host: applianceSchema.shape.host.refine(honest, noMarks).refine(isBareHost, "without a port"),
	user: z.string().min(1).max(64).refine(honest, noMarks).default("root"),
	signIn: applianceSchema.shape.signIn
		.refine((signIn) => signIn.method !== "key" || (signIn.path.length <= 4096 && honest(signIn.path)), noMarks)
		.default({ method: "agent" }),
	tags: z.array(z.string().trim().min(1).max(100).refine(honest, noMarks)).max(MOST_TAGS).default([]),
	notes: z
		.string()
		.max(10_000)
		.refine((text) => honest(text.replace(/[\n\r\t]/g, "")), noMarks)
		.default(""),
})
export type Imported = z.infer<typeof importedSchema>

/** What a source says of one appliance; what it does not say is absent. */
export type Said = { [Field in keyof Imported]?: Imported[Field] | undefined } & { name: string; host: string }

const place = { line: z.number().int().min(1) }
/** One appliance of a source, as importing it would leave it. What is shown is what is imported. */
export const importRowSchema = z.discriminatedUnion("standing", [
	z.object({ standing: z.literal("new"), ...place, appliance: importedSchema }),
	/** `was`: as the fleet has it; nothing is written over that looks otherwise by then. */
	z.object({ standing: z.literal("changed"), ...place, appliance: importedSchema, was: applianceSchema }),
	z.object({ standing: z.literal("same"), ...place, appliance: importedSchema }),
])
export type ImportRow = z.infer<typeof importRowSchema>

export const importPreviewSchema = z.object({
	format: importFormatSchema,
	rows: z.array(importRowSchema),
	problems: z.array(importProblemSchema),
})
export type ImportPreview = z.infer<typeof importPreviewSchema>

/** The fields in which importing would change an appliance of the fleet, as text. */
export function changesOf(row: ImportRow): { field: keyof Imported; from: string; to: string }[] {
	if (row.standing !== "changed") return []
	const fields = Object.keys({ ...row.was, ...row.appliance }).filter((field) => field !== "id") as (keyof Imported)[]
	return fields
		.map((field) => ({ field, from: fieldText(row.was[field]), to: fieldText(row.appliance[field]) }))
		.filter(({ from, to }) => from !== to)
}

function fieldText(value: Imported[keyof Imported]): string {
	if (Array.isArray(value)) return value.join(", ")
	if (typeof value === "object") return value.method === "key" ? `key:${value.path}` : value.method
	return String(value ?? "")
}
