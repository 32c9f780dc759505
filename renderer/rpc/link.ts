import type { Link } from "./transport.ts"

/** The program behind the page is gone for the moment; the page reconnects by itself. */
export class OfflineError extends Error {
	override name = "OfflineError"
}

/** A call that did not answer within its time. */
export class SlowError extends Error {
	override name = "SlowError"
}

const SECOND = 1000
/** Calls that wait for an appliance or a person, in milliseconds; streams have no limit, all others 20 s. */
const limits: Record<string, number | undefined> = {
	"app.follow": undefined,
	"runs.follow": undefined,
	"modules.pick": undefined,
	"appliances.test": 600 * SECOND,
	"appliances.addDemo": 120 * SECOND,
	"runs.plan": 600 * SECOND,
	"history.sync": 600 * SECOND,
}

/** How long a call may take; undefined for as long as it wants. */
export function limitOf(path: readonly string[]): number | undefined {
	const name = path.join(".")
	return name in limits ? limits[name] : 20 * SECOND
}

/**
 * A link that outlives its transports: each call goes over the present one, ends with `OfflineError` when that closes
 * (a call on a closed port would wait for ever) and with `SlowError` when its time is over.
 */
export function makeLink(current: () => { link: Link; closed: Promise<void> } | undefined, limit = limitOf): Link {
	return {
		call: (path, input, options) => {
			const transport = current()
			if (!transport) return Promise.reject(new OfflineError())
			const milliseconds = limit(path)
			let timer: ReturnType<typeof setTimeout> | undefined
			const slow = new Promise<never>((_, reject) => {
				if (milliseconds !== undefined) timer = setTimeout(() => reject(new SlowError()), milliseconds)
			})
			const offline = transport.closed.then(() => Promise.reject(new OfflineError()))
			offline.catch(() => {})
			const answer = transport.link.call(path, input, options)
			return Promise.race([answer, slow, offline]).finally(() => clearTimeout(timer))
		},
	}
}
