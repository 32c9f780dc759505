import type { Services } from "../fleet/services/types.ts"
import { type Appliance, applianceSchema, type SignIn } from "../schema/appliance.ts"
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

/** The appliances that `--on` names: one of the fleet by its name, else an address for this program's life only. */
export function chooseAppliances(services: Services, options: ApplianceOptions): Appliance[] {
	if (!options.on || options.on.length === 0) {
		throw new FailureError("bad-request", {
			reason: "cannot tell which appliance: name one with --on [user@]host[:port]",
		})
	}
	const known = services.appliances.list()
	return options.on.map((text) => {
		const saved = known.find(({ name }) => name === text)
		if (saved) return saved
		return services.appliances.adHoc({
			...parseAddress(text),
			name: text,
			signIn: makeSignIn(options),
			sudo: options.sudo ?? false,
			tags: [],
			notes: "",
		})
	})
}

function makeSignIn(options: ApplianceOptions): SignIn {
	if (options.identity) return { method: "key", path: options.identity }
	return options.password || options.passwordFile ? { method: "password" } : { method: "agent" }
}
