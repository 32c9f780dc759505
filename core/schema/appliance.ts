import { z } from "zod"
import { isWay, NO_HOST } from "./address.ts"

/** How the engineer signs in. Secrets are asked for when needed and kept in memory only. */
export const signInSchema = z.discriminatedUnion("method", [
	z.object({ method: z.literal("agent") }),
	z.object({ method: z.literal("key"), path: z.string().min(1) }),
	z.object({ method: z.literal("password") }),
])
export type SignIn = z.infer<typeof signInSchema>

/** How the signed-in account becomes root there: it is root or has to do without, by sudo, or by doas. */
export const becomeSchema = z.enum(["none", "sudo", "doas"])
export type Become = z.infer<typeof becomeSchema>

/** One managed host as the engineer wrote it down. */
export const applianceSchema = z.object({
	id: z.string(),
	name: z.string().min(1).max(200),
	/** A name, an address, or an alias of the user's own SSH configuration. */
	host: z
		.string()
		.min(1)
		.max(253)
		.refine((host) => !NO_HOST.test(host), "a host name or address"),
	port: z.number().int().min(1).max(65535).default(22),
	user: z.string().min(1).max(64).default("root"),
	signIn: signInSchema,
	become: becomeSchema.default("none"),
	/**
	 * Jump hosts on the way there, as `ssh -J` takes them: `[user@]host[:port]`, separated by commas, the nearest first.
	 * `none`: straight there. Absent: as the user's own SSH configuration says for `host`.
	 */
	jump: z.string().max(1000).refine(isWay, "[user@]host[:port], separated by commas").optional(),
	tags: z.array(z.string()).default([]),
	notes: z.string().default(""),
})
export type Appliance = z.infer<typeof applianceSchema>
