import { FailureError } from "../../schema/failure.ts"

/** Settles as `work` does, but fails with `cancelled` as soon as the signal is aborted. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
	if (!signal) return work
	let stop = () => {}
	const aborted = new Promise<never>((_, reject) => {
		stop = () => reject(new FailureError("cancelled", { what }))
		signal.addEventListener("abort", stop, { once: true })
		if (signal.aborted) stop()
	})
	try {
		return await Promise.race([work, aborted])
	} finally {
		signal.removeEventListener("abort", stop)
	}
}

/** Fails with `cancelled` once the signal is aborted: between two steps of work that somebody may end. */
export function requireGoing(signal: AbortSignal | undefined, what: string): void {
	if (signal?.aborted) throw new FailureError("cancelled", { what })
}

/** Settles as `work` does, but fails with `timed-out` after a time: a peer that died silently must not hold us. */
export async function within<T>(seconds: number, phase: string, work: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new FailureError("timed-out", { phase, seconds })), seconds * 1000)
	})
	try {
		return await Promise.race([work, late])
	} finally {
		clearTimeout(timer)
	}
}

/** Settles as `work` does, but fails with `timed-out` when `tell` was not called for so long: work of unknown length. */
export async function whileMoving<T>(
	seconds: number,
	phase: string,
	work: (tell: () => void) => Promise<T>,
): Promise<T> {
	const { promise: still, reject: stop } = Promise.withResolvers<never>()
	const expire = () => stop(new FailureError("timed-out", { phase, seconds }))
	let timer = setTimeout(expire, seconds * 1000)
	const tell = () => {
		clearTimeout(timer)
		timer = setTimeout(expire, seconds * 1000)
	}
	try {
		return await Promise.race([work(tell), still])
	} finally {
		clearTimeout(timer)
	}
}

/** Lets at most `limit` pieces of work run at once, the others in the order in which they came. */
export function createSlots(limit: number) {
	const waiting: (() => void)[] = []
	let taken = 0
	const leave = () => {
		taken--
		waiting.shift()?.()
	}
	return async <T>(work: () => Promise<T>): Promise<T> => {
		if (taken >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
		taken++
		try {
			return await work()
		} finally {
			leave()
		}
	}
}
