import { userInfo } from "node:os"
import { type Address, readAddress } from "../../schema/address.ts"
import type { Appliance, SignIn } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import type { LookUp, SshConfig, SshSettings } from "./config/ssh-config.ts"
import { expandHome } from "./key-file.ts"

/** One server to sign in to: the appliance itself, or a jump host on the way there. */
export interface Target {
	/** As a person knows it; stands in questions. */
	name: string
	/** What is dialled, and judged by its host key. */
	host: string
	port: number
	user: string
	/** How the appliance says to sign in. Absent for a jump host: by any key that there is, then as the server asks. */
	signIn?: SignIn
	/** Key files that are tried with the agent's keys where they exist. */
	identityFiles: string[]
	identitiesOnly: boolean
	/** In place of the user's own known_hosts. */
	knownHostsFiles?: string[]
	/** The jump hosts before it, `user@host:port` each. */
	via: string[]
}

/** Jump hosts on one way; more is a mistake, or a trap. */
const MAX_HOPS = 8

/**
 * All servers on the way to an appliance, itself last. What the appliance says goes before the configuration; without a
 * configuration it is taken at its word. Fails with `ssh-config-unreadable`, or `bad-request` for a jump that is none.
 */
export async function planRoute(appliance: Appliance, config?: SshConfig | null): Promise<Target[]> {
	const lookUp: LookUp = config ? await config.read() : withoutConfig
	const { name, host, port, user, signIn, jump } = appliance
	const settings = lookUp(host, { user, port, jump })
	const last: Target = { ...makeTarget(settings, { name, user, port }), signIn }
	const hops = hopsTo(last, settings.jump, { lookUp, keys: keysOf(signIn), trail: [] })
	return nameHops([...hops, last])
}

/**
 * The jump host that each appliance is reached through first, `host:port`: however it is written, and whoever signs in there,
 * it is one server. Undefined for one that is reached straight, or to which no way can be planned: connecting tells why.
 */
export function findFirstHops(
	appliances: readonly Appliance[],
	config: SshConfig | null,
): Promise<(string | undefined)[]> {
	let reading: Promise<LookUp> | undefined
	const read = () => {
		reading ??= config?.read() ?? Promise.resolve(withoutConfig)
		return reading
	}
	return Promise.all(appliances.map((appliance) => findFirstHop(appliance, { read })))
}

async function findFirstHop(appliance: Appliance, config: SshConfig): Promise<string | undefined> {
	try {
		const [first, ...others] = await planRoute(appliance, config)
		return first && others.length > 0 ? `${first.host}:${first.port}`.toLowerCase() : undefined
	} catch (error) {
		if (error instanceof FailureError) return undefined
		throw error
	}
}

function withoutConfig(alias: string, { jump }: { jump?: string | undefined } = {}): SshSettings {
	return { hostName: alias, identityFiles: [], identitiesOnly: false, ...(jump !== undefined && { jump }) }
}

interface Search {
	lookUp: LookUp
	/** Key files of the appliance's own: jump hosts get them too, after those of the configuration. */
	keys: string[]
	/** Where we come from, nearest last, to tell a circle. */
	trail: string[]
}

/**
 * The jump hosts before a server. As with ssh, only the first of several is reached as the configuration says for it;
 * the others through the ones before them.
 */
function hopsTo(target: Target, jump: string | undefined, search: Search): Target[] {
	if (jump === undefined || jump.toLowerCase() === "none") return []
	const trail = [...search.trail, placeOf(target)]
	if (trail.length > MAX_HOPS) throw circle(trail)
	return jump.split(",").flatMap((text, index) => {
		const hop = readHop(text)
		const settings = search.lookUp(hop.host, { ...hop, jump: index === 0 ? undefined : "none" })
		const found = makeTarget(settings, { ...hop, name: hop.host }, search.keys)
		// `Host *` with a ProxyJump means the jump host too, and cannot: it is reached straight.
		if (placeOf(found) === placeOf(target)) return []
		if (trail.includes(placeOf(found))) throw circle([...trail, placeOf(found)])
		return [...hopsTo(found, settings.jump, { ...search, trail }), found]
	})
}

function makeTarget(settings: SshSettings, given: { name: string; user?: string; port?: number }, keys: string[] = []) {
	const { hostName, identityFiles, identitiesOnly, knownHostsFiles } = settings
	return {
		name: given.name,
		host: hostName,
		port: given.port ?? settings.port ?? 22,
		user: given.user ?? settings.user ?? userInfo().username,
		identityFiles: [...new Set([...identityFiles, ...keys])],
		identitiesOnly,
		...(knownHostsFiles && { knownHostsFiles }),
		via: [],
	} satisfies Target
}

function nameHops(targets: Target[]): Target[] {
	if (targets.length > MAX_HOPS + 1) throw circle(targets.map(placeOf))
	return targets.map((target, index) => ({ ...target, via: targets.slice(0, index).map(placeOf) }))
}

function keysOf(signIn: SignIn): string[] {
	return signIn.method === "key" ? [expandHome(signIn.path)] : []
}

function readHop(text: string): Address {
	const hop = readAddress(text.trim())
	if (hop) return hop
	throw new FailureError("bad-request", {
		reason: `cannot read the jump host ${JSON.stringify(text)}: [user@]host[:port] is needed`,
	})
}

export function placeOf({ user, host, port }: { user: string; host: string; port: number }): string {
	return `${user}@${host}:${port}`
}

function circle(places: string[]): FailureError {
	const shown = places.slice(0, MAX_HOPS).reverse().join(", ")
	return new FailureError("bad-request", {
		reason: `cannot find a way through the jump hosts ${shown}: they lead in a circle, or are more than ${MAX_HOPS}`,
	})
}
