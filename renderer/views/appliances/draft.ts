import { type Appliance, applianceSchema, type Become, type SignIn } from "../../../core/schema/appliance.ts"

/** An appliance as it is being typed. */
export interface Draft {
	name: string
	host: string
	port: string | number
	user: string
	method: SignIn["method"]
	keyPath: string
	become: Become
	jump: string
	tags: string[]
	notes: string
}

export type DraftErrors = Partial<Record<"name" | "host" | "port" | "user" | "keyPath" | "jump", string>>

export function draftOf(appliance: Appliance | undefined): Draft {
	return {
		name: appliance?.name ?? "",
		host: appliance?.host ?? "",
		port: appliance?.port ?? 22,
		user: appliance?.user ?? "root",
		method: appliance?.signIn.method ?? "agent",
		keyPath: appliance?.signIn.method === "key" ? appliance.signIn.path : "",
		become: appliance?.become ?? "none",
		jump: appliance?.jump ?? "",
		tags: appliance?.tags ?? [],
		notes: appliance?.notes ?? "",
	}
}

const words: Record<keyof DraftErrors, string> = {
	name: "Give it a name to find it by.",
	host: "A host name or address, without user, slashes or spaces.",
	port: "A number from 1 to 65535.",
	user: "The user to sign in as.",
	keyPath: "The path of the private key file.",
	jump: "user@host:port or host; several separated by commas.",
}

/** The appliance of a draft, or what is wrong with each field. */
export function parseDraft(draft: Draft): { appliance?: Omit<Appliance, "id">; errors: DraftErrors } {
	const { keyPath, method, jump, ...rest } = draft
	const hops = jump.replaceAll(/\s+/g, "")
	const parsed = applianceSchema.omit({ id: true }).safeParse({
		...rest,
		name: draft.name.trim(),
		host: draft.host.trim(),
		user: draft.user.trim(),
		port: draft.port === "" ? 22 : Number(draft.port),
		signIn: method === "key" ? { method, path: keyPath.trim() } : { method },
		...(hops && { jump: hops }),
	})
	if (parsed.success) return { appliance: parsed.data, errors: {} }
	const fields = parsed.error.issues.map((issue) => (issue.path[0] === "signIn" ? "keyPath" : issue.path[0]))
	const isField = (field: unknown): field is keyof DraftErrors => typeof field === "string" && field in words
	return { errors: Object.fromEntries(fields.filter(isField).map((field) => [field, words[field]])) }
}
