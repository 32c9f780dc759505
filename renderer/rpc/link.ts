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
	"rollouts.follow": undefined,
	"rollouts.followList": undefined,
	// Both read the module's sources.
	"rollouts.preview": 120 * SECOND,
	"rollouts.start": 600 * SECOND,
	"library.follow": undefined,
	"library.followList": undefined,
	"library.addSources": undefined,
	// Large sources are read once.
	"library.readTraits": 120 * SECOND,
	"library.readSource": 120 * SECOND,
	"library.import": 600 * SECOND,
	"library.importLegacy": 600 * SECOND,
	"library.duplicate": 600 * SECOND,
	"library.propose": 120 * SECOND,
	"library.publish": 600 * SECOND,
	"library.checkout": 600 * SECOND,
	"library.openVersion": 600 * SECOND,
	"library.diff": 120 * SECOND,
	"modules.pick": undefined,
	"appliances.compare": undefined,
	"appliances.compareFile": 120 * SECOND,
	"appliances.listFolder": 120 * SECOND,
	"appliances.fetch": 600 * SECOND,
	"appliances.test": 600 * SECOND,
	"appliances.addDemo": 120 * SECOND,
	// Waits for its turn among many; once it has that, the services limit it, and a person can stop it.
	"runs.plan": undefined,
	"history.sync": 600 * SECOND,
	"history.acceptPast": 600 * SECOND,
	"history.compareFile": 120 * SECOND,
}

/** How long a call may take; undefined for as long as it wants. */
export function limitOf(path: readonly string[]): number | undefined {
	const name = path.join(".")
	return name in limits ? limits[name] : 20 * SECOND
}

/** The transport a call goes over; `closed` resolves when it is gone. */
interface Present {
	link: Link
	closed: Promise<void>
}

/**
 * A link that outlives its transports: each call goes over the present one, ends with `OfflineError` when that closes
 * (a call on a closed port would wait for ever) and with `SlowError` when its time is over. Streams likewise.
 */
export function makeLink(current: () => Present | undefined, limit = limitOf): Link {
	return {
		call: async (path, input, options) => {
			const transport = current()
			if (!transport) throw new OfflineError()
			const answer = await withLimit(limit(path), (fail) => {
				void transport.closed.then(() => fail(new OfflineError()))
				return transport.link.call(path, input, options)
			})
			return isStream(answer) ? guardStream(answer, transport.closed) : answer
		},
	}
}

function withLimit<T>(
	milliseconds: number | undefined,
	call: (fail: (error: Error) => void) => Promise<T>,
): Promise<T> {
	return new Promise<T>((resolve, reject) => {
		const timer = milliseconds === undefined ? undefined : setTimeout(() => reject(new SlowError()), milliseconds)
		settleLate(call(reject), resolve, reject, () => clearTimeout(timer))
	})
}

/**
 * A closing transport fails what waits on it with errors of its own, just before it says that it is closed: errors
 * step back for one turn, so that `closed` has the first word.
 */
function settleLate<T>(
	answer: Promise<T>,
	resolve: (value: T) => void,
	reject: (error: unknown) => void,
	settled: () => void = () => {},
): void {
	answer.then(resolve, (error) => setTimeout(() => reject(error), 0)).finally(settled)
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
	return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer
}

async function* guardStream(stream: AsyncIterable<unknown>, closed: Promise<void>): AsyncGenerator<unknown> {
	const iterator = stream[Symbol.asyncIterator]()
	let isClosed = false
	// One listener for the whole stream: one for each item would stay with `closed` as long as that is open.
	let fail = () => {}
	void closed.then(() => {
		isClosed = true
		fail()
	})
	try {
		while (!isClosed) {
			const item = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
				fail = () => reject(new OfflineError())
				settleLate(iterator.next(), resolve, reject)
			})
			if (item.done) return
			yield item.value
		}
		throw new OfflineError()
	} finally {
		// The stream's other end may be gone already; there is nobody left to tell.
		iterator.return?.()?.catch(() => {})
	}
}
