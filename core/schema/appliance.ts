import { z } from "zod"

/** How the engineer signs in. Secrets are asked for when needed and kept in memory only. */
export const signInSchema = z.discriminatedUnion("method", [
	z.object({ method: z.literal("agent") }),
	z.object({ method: z.literal("key"), path: z.string().min(1) }),
	z.object({ method: z.literal("password") }),
])
export type SignIn = z.infer<typeof signInSchema>

/** One managed host as the engineer wrote it down. */
export const applianceSchema = z.object({
	id: z.string(),
	name: z.string().min(1).max(200),
	host: z
		.string()
		.min(1)
		.max(253)
		.regex(/^[^\s@/\0]+$/, "a host name or address"),
	port: z.number().int().min(1).max(65535).default(22),
	user: z.string().min(1).max(64).default("root"),
	signIn: signInSchema,
	/** Become root through sudo after signing in. */
	sudo: z.boolean().default(false),
	tags: z.array(z.string()).default([]),
	notes: z.string().default(""),
})
export type Appliance = z.infer<typeof applianceSchema>
