import { createORPCClient } from "@orpc/client"
import type { StateChange } from "../../core/schema/desktop.ts"
import type { Api } from "./api.ts"
import { makeLink } from "./link.ts"
import type { Transport } from "./transport.ts"

export type Connection = "connecting" | "connected" | "lost"

/** Milliseconds before the next attempt: quick at first, then every 5 seconds. */
export function backoffOf(attempt: number): number {
	return Math.min(250 * 2 ** attempt, 5000)
}

export interface ConnectionOptions {
	open(): Promise<Transport>
	/** Milliseconds. */
	wait(time: number): Promise<void>
	onConnection(connection: Connection): void
	/** Returns false when a change is missing before this one: the connection then starts over with a snapshot. */
	onChange(change: StateChange): boolean
}

/** Follows the services' state for as long as the page lives, over as many transports as it takes. */
export function createConnection(options: ConnectionOptions): { api: Api; run(signal: AbortSignal): Promise<void> } {
	let transport: Transport | undefined
	const api: Api = createORPCClient(makeLink(() => transport))

	let attempt = 0
	const followOnce = async () => {
		const changes = await api.app.follow({})
		for await (const change of changes) {
			if (!options.onChange(change)) return
			attempt = 0
			options.onConnection("connected")
		}
	}

	const run = async (signal: AbortSignal) => {
		while (!signal.aborted) {
			try {
				const opened = await options.open()
				transport = opened
				await Promise.race([followOnce(), opened.closed])
			} catch {
				// Whatever ended it, the answer is the same: say so and connect again.
			}
			transport?.close()
			transport = undefined
			options.onConnection("lost")
			await options.wait(backoffOf(attempt++))
		}
	}
	return { api, run }
}
