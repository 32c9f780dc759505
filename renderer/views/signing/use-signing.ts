import { useEffect, useRef, useState } from "react"
import type { SigningKeys } from "../../../core/schema/signing.ts"
import { useApp, useDesktop } from "../../stores/context.ts"

/** The keys that sign here. What an agent holds changes without a word, so whoever looks at them again has it read again. */
export function useSigning() {
	const { api } = useApp()
	const connected = useDesktop((desktop) => desktop.connection === "connected")
	const [now, setNow] = useState<SigningKeys>()
	const [error, setError] = useState<unknown>()
	const [isLooking, setLooking] = useState(false)
	/** Answers that come late are not shown over newer ones. */
	const round = useRef(0)
	const follow = async (work: Promise<SigningKeys>) => {
		round.current += 1
		const own = round.current
		const keys = await work
		if (own === round.current) setNow(keys)
	}
	const look = async () => {
		setError(undefined)
		setLooking(true)
		await follow(api.signing.keys({})).catch(setError)
		setLooking(false)
	}
	// biome-ignore lint/correctness/useExhaustiveDependencies: a connection is the reason, and a window that is looked at again
	useEffect(() => {
		if (!connected) return
		const again = () => void look()
		again()
		window.addEventListener("focus", again)
		return () => window.removeEventListener("focus", again)
	}, [api, connected])
	return {
		now,
		error,
		isLooking,
		look,
		/** Fails as the call does. */
		choose: (key: string, signs: boolean) => follow(api.signing.choose({ key, signs })),
		make: (comment: string) => follow(api.signing.make({ comment })),
		remove: (key: string) => follow(api.signing.remove({ key })),
	}
}
