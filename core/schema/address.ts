/**
 * What no name of a host has in it. In a list of known keys some of these would be patterns: one "yes" would trust a key
 * for every host.
 */
export const NO_HOST = /[\s@/\0*?!,|#"'\\]/

/** A host as people write it down; what is not said is absent. */
export interface Address {
	user?: string
	host: string
	port?: number
}

/**
 * Reads `[user@]host[:port]`; an IPv6 address with a port stands in brackets. `ssh://` before it is passed over. Undefined
 * where it is none.
 */
export function readAddress(text: string): Address | undefined {
	const bare = text.replace(/^ssh:\/\/([^/]*)\/?$/, "$1")
	const match =
		/^(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?))(?::(\d{1,5}))?$/.exec(
			bare,
		)
	const host = match?.[2] ?? match?.[3]
	const user = match?.[1]
	const port = match?.[4] === undefined ? undefined : Number(match[4])
	if (host === undefined || host.length > 253 || NO_HOST.test(host) || /[[\]]/.test(host)) return undefined
	if (user !== undefined && (user.length > 64 || /[\s\0]/.test(user))) return undefined
	if (port !== undefined && (port < 1 || port > 65_535)) return undefined
	return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) }
}

/** Whether this is a host and nothing else: no account, no port, no brackets. An IPv6 address stands bare. */
export function isBareHost(text: string): boolean {
	return readAddress(text)?.host === text && !text.includes(";")
}

/** Whether jump hosts lead anywhere: `none`, as ssh has it, leads straight there. */
export function isStraight(jump: string | undefined): boolean {
	return jump === undefined || jump.toLowerCase() === "none"
}

/** Jump hosts as `ssh -J` takes them: addresses, separated by commas; `none` for no way round. */
export function isWay(text: string): boolean {
	return text.split(",").every((hop) => readAddress(hop) !== undefined)
}
