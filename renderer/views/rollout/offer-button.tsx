import { Button } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { useState } from "react"
import { Confirm } from "../../components/confirm.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp } from "../../stores/context.ts"
import type { Offer } from "./wishes.ts"

const NOT_YET = "It is written down. The program that drives this rollout has not taken it up yet, and will."

/** Asks something of a rollout, after a question where that means many. The rollout itself tells what came of it. */
export function OfferButton({ id, offer, isSmall = false }: { id: string; offer: Offer; isSmall?: boolean }) {
	const { api } = useApp()
	const { wish, label, confirm, isFirst } = offer
	const [isAsking, setAsking] = useState(false)
	const [isSending, setSending] = useState(false)
	const [error, setError] = useState<unknown>()
	const ask = async () => {
		const { isHeard } = await api.rollouts.ask({ id, wish })
		if (!isHeard) notifications.show({ title: label, message: NOT_YET })
	}
	const askAtOnce = async () => {
		setSending(true)
		setError(undefined)
		try {
			await ask()
		} catch (problem) {
			setError(problem)
		}
		setSending(false)
	}
	return (
		<>
			{error !== undefined && <ProblemNote error={error} />}
			<Button
				variant={isFirst ? "filled" : "default"}
				{...(isSmall && { size: "compact-xs" })}
				loading={isSending}
				onClick={() => (confirm ? setAsking(true) : void askAtOnce())}
			>
				{label}
			</Button>
			{isAsking && confirm && (
				<Confirm
					title={confirm.title}
					button={confirm.button}
					isGrave={confirm.isGrave}
					act={ask}
					onClose={() => setAsking(false)}
				>
					{confirm.text}
				</Confirm>
			)}
		</>
	)
}
