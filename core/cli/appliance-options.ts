import type { Services } from "../fleet/services/types.ts"
import { type Appliance, applianceSchema, type Become, type SignIn } from "../schema/appliance.ts"
import { FailureError } from "../schema/failure.ts"

/** Options that mean the same in every command that talks to an appliance (DESIGN §8). */
export interface ApplianceOptions {
	data?: string
	on?: string[]
	identity?: string
	password?: boolean
	passwordFile?: string
	passphraseFile?: string
	knownHosts?: string
	trust?: string[]
	sudo?: boolean
	doas?: boolean
	sudoPasswordFile?: string
	pool?: string[]
	json?: boolean
}

/** Splits `[user@]host[:port]`; an IPv6 address with a port stands in brackets. Fails with `bad-request`. */
export function parseAddress(text: string): { user: string; host: string; port: number } {
	const match = /^(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+|[^:]*:[^:]*:.*?))(?::(\d{1,5}))?$/.exec(text)
	const host = match?.[2] ?? match?.[3]
	const parsed = applianceSchema
		.pick({ user: true, host: true, port: true })
		.safeParse({ user: match?.[1], host, port: match?.[4] === undefined ? undefined : Number(match[4]) })
	if (!parsed.success) {
		throw new FailureError("bad-request", {
			reason: `cannot read the address ${JSON.stringify(text)}: [user@]host[:port] is needed`,
		})
	}
	return parsed.data
}

/**
 * The appliances that `--on` names: one of the fleet by its name, else an address for this program's life only. How to sign
 * in and sudo, where they are given, go before what the fleet says.
 */
export function chooseAppliances(services: Pick<Services, "appliances">, options: ApplianceOptions): Appliance[] {
	if (!options.on || options.on.length === 0) {
		throw new FailureError("bad-request", {
			reason: "cannot tell which appliance: name one with --on [user@]host[:port]",
		})
	}
	const fleet = services.appliances.list()
	return options.on.map((text) => {
		const saved = fleet.find(({ name }) => name === text)
		const signIn = makeSignIn(options)
		const become = becomeOf(options)
		if (saved && !signIn && !become) return saved
		const known = saved ?? { ...parseAddress(text), name: text, ...UNSAID }
		return services.appliances.adHoc({ ...known, ...(signIn && { signIn }), ...(become && { become }) })
	})
}

/** An address of which nothing else is said. */
const UNSAID = { signIn: { method: "agent" as const }, become: "none" as const, tags: [], notes: "" }

/** Undefined where the command line does not say. */
function becomeOf({ sudo, doas }: ApplianceOptions): Become | undefined {
	if (sudo && doas) throw new FailureError("bad-request", { reason: "--sudo and --doas exclude each other" })
	return sudo ? "sudo" : doas ? "doas" : undefined
}

/** Undefined where the command line does not say. */
function makeSignIn(options: ApplianceOptions): SignIn | undefined {
	if (options.identity) return { method: "key", path: options.identity }
	return options.password || options.passwordFile ? { method: "password" } : undefined
}
