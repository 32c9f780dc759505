import type { Services } from "../fleet/services/types.ts"
import { createSshConfig, type LookUp } from "../fleet/ssh/config/ssh-config.ts"
import { type Address, readAddress } from "../schema/address.ts"
import { type Appliance, applianceSchema, type Become, type SignIn } from "../schema/appliance.ts"
import { FailureError } from "../schema/failure.ts"
import { chooseFromFleet } from "./choose-from-fleet.ts"

/** Options that mean the same in every command that talks to an appliance (DESIGN §8). */
export interface ApplianceOptions {
	data?: string
	on?: string[]
	/** Every appliance of the fleet: as the filter that fits all. */
	fleet?: boolean
	/** A saved group of the fleet, and a filter over it. */
	group?: string
	filter?: string
	identity?: string
	password?: boolean
	passwordFile?: string
	passphraseFile?: string
	knownHosts?: string
	/** A file, or `none`. */
	sshConfig?: string
	jump?: string
	trust?: string[]
	sudo?: boolean
	doas?: boolean
	sudoPasswordFile?: string
	pool?: string[]
	json?: boolean
}

/** Splits `[user@]host[:port]`; an IPv6 address with a port stands in brackets. Fails with `bad-request`. */
export function parseAddress(text: string): Address {
	const address = readAddress(text)
	if (address) return address
	throw new FailureError("bad-request", {
		reason: `cannot read the address ${JSON.stringify(text)}: [user@]host[:port] is needed`,
	})
}

/** Whether appliances are named at all. */
export function namesAppliances({ on = [], group, filter }: ApplianceOptions): boolean {
	return on.length > 0 || group !== undefined || filter !== undefined
}

/**
 * The appliances that `--fleet`, `--group` and `--filter` choose of the fleet, and those that `--on` names: one of the fleet by its name, else an address for this program's life only. What the
 * address leaves open the user's SSH configuration says. How to sign in, to become root and which way to go, where they
 * are given, go before what the fleet says.
 */
export async function chooseAppliances(
	services: Pick<Services, "appliances" | "fleet" | "state">,
	options: ApplianceOptions,
): Promise<Appliance[]> {
	if (!options.fleet && !namesAppliances(options)) {
		throw new FailureError("bad-request", {
			reason:
				"cannot tell which appliance: name one with --on [user@]host[:port], or choose some with --group or --filter",
		})
	}
	const fleet = services.appliances.list()
	const said = { ...saidSignIn(options), ...saidBecome(options), ...saidJump(options) }
	const lookUp = await createSshConfig({ file: configFileOf(options) }).read()
	const reached = (saved: Appliance) =>
		Object.keys(said).length === 0 ? saved : services.appliances.adHoc({ ...saved, ...said })
	const isChoice = options.fleet || options.group !== undefined || options.filter !== undefined
	const chosen = isChoice ? chooseFromFleet(services, options) : []
	const named = (options.on ?? []).map((text) => {
		const saved = fleet.find(({ name }) => name === text)
		return saved ? reached(saved) : services.appliances.adHoc({ ...addressed(text, lookUp), ...said })
	})
	const all = new Map<string, Appliance>()
	for (const one of [...chosen.map(reached), ...named]) if (!all.has(one.id)) all.set(one.id, one)
	return [...all.values()]
}

/** The SSH configuration that is named; undefined for the user's own, null for none. */
export function configFileOf({ sshConfig }: ApplianceOptions): string | null | undefined {
	return sshConfig === "none" ? null : sshConfig
}

/** An address of which nothing else is said. The host stays as it is written: what it stands for is looked up anew at every connection. */
function addressed(text: string, lookUp: LookUp) {
	const address = parseAddress(text)
	// Which way to go is looked up when connecting; here it must not matter that it cannot be gone.
	const { user = "root", port = 22 } = lookUp(address.host, { ...address, jump: "none" })
	const signIn = { method: "agent" as const }
	return { name: text, host: address.host, user, port, signIn, become: "none" as const, tags: [], notes: "" }
}

function saidBecome({ sudo, doas }: ApplianceOptions): { become?: Become } {
	if (sudo && doas) throw new FailureError("bad-request", { reason: "--sudo and --doas exclude each other" })
	return sudo ? { become: "sudo" } : doas ? { become: "doas" } : {}
}

function saidSignIn(options: ApplianceOptions): { signIn?: SignIn } {
	if (options.identity) return { signIn: { method: "key", path: options.identity } }
	return options.password || options.passwordFile ? { signIn: { method: "password" } } : {}
}

function saidJump({ jump }: ApplianceOptions): { jump?: string } {
	if (jump === undefined) return {}
	if (applianceSchema.shape.jump.safeParse(jump).success) return { jump }
	throw new FailureError("bad-request", {
		reason: `cannot read the jump hosts ${JSON.stringify(jump)}: [user@]host[:port] is needed, separated by commas`,
	})
}
