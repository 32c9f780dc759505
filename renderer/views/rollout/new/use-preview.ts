import { useEffect, useState } from "react"
import type { Rollout, RolloutRequest } from "../../../../core/schema/rollout.ts"
import { useApp, useDesktop } from "../../../stores/context.ts"

/** Milliseconds that a choice stands before it is asked what it means. */
const REST_MS = 250

/** What the services said, and of which request. */
interface Said {
	asked?: string
	rollout?: Rollout
	error?: unknown
}

/** What would be begun, as the services say; while they are asked, what stands there is of the choice before and not current. */
export function usePreview(request: RolloutRequest | undefined) {
	const { api } = useApp()
	const [said, setSaid] = useState<Said>({})
	const [round, setRound] = useState(0)
	const isConnected = useDesktop((desktop) => desktop.connection === "connected")
	const asked = request && JSON.stringify(request)
	// biome-ignore lint/correctness/useExhaustiveDependencies: another request is another text; `round` asks again
	useEffect(() => {
		if (!request || asked === undefined || !isConnected) return
		const stop = new AbortController()
		const timer = setTimeout(() => {
			api.rollouts
				.preview(request, { signal: stop.signal })
				.then((rollout) => !stop.signal.aborted && setSaid({ asked, rollout }))
				.catch((error) => !stop.signal.aborted && setSaid({ asked, error }))
		}, REST_MS)
		return () => {
			clearTimeout(timer)
			stop.abort()
		}
	}, [api, asked, isConnected, round])
	const { rollout, error }: Said = request ? said : {}
	return {
		rollout,
		error,
		isCurrent: asked !== undefined && said.asked === asked && rollout !== undefined,
		/** What was said holds no longer, and why. */
		reject: (error: unknown) => setSaid({ ...(asked !== undefined && { asked }), error }),
		again: () => {
			setSaid({})
			setRound((now) => now + 1)
		},
	}
}
