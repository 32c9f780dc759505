import type { Duplex } from "node:stream"
import { FailureError } from "../../schema/failure.ts"
import { type Endpoint, openSocket } from "./open-socket.ts"
import type { Session } from "./signed-in.ts"

/** A stream of bytes to a server: a TCP connection of our own, or one that a jump host makes for us. */
export function carryTo(
	to: Endpoint,
	options: { via: Session | undefined; deadlineMs: number; signal: AbortSignal | undefined },
): Promise<Duplex> {
	const { via, deadlineMs, signal } = options
	return via
		? forwardWithin(via, to, { deadlineMs, signal })
		: openSocket(to, { deadlineMs, ...(signal && { signal }) })
}

function forwardWithin(
	via: Session,
	to: Endpoint,
	{ deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal | undefined },
): Promise<Duplex> {
	return new Promise((resolve, reject) => {
		let isGivenUp = false
		const giveUp = (failure: unknown) => {
			end()
			isGivenUp = true
			reject(failure)
		}
		const onAbort = () => giveUp(new FailureError("cancelled", { what: "the connection" }))
		const late = { host: to.host, port: to.port, phase: "connect", seconds: Math.round(deadlineMs / 1000) }
		const timer = setTimeout(() => giveUp(new FailureError("timed-out", late)), deadlineMs)
		const end = () => {
			clearTimeout(timer)
			signal?.removeEventListener("abort", onAbort)
		}
		signal?.addEventListener("abort", onAbort)
		if (signal?.aborted) return onAbort()
		via.forward(to).then((channel) => {
			end()
			// It came too late, and belongs to nobody.
			if (isGivenUp) return channel.destroy()
			// Trap: the far side of a channel may end while this one stays open, and ssh2 then waits for ever.
			channel.once("end", () => channel.destroy())
			resolve(channel)
		}, giveUp)
	})
}
