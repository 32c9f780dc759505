import type { SigningKey } from "../../../core/schema/signing.ts"
import { Confirm } from "../../components/confirm.tsx"
import { nameOf } from "./key-table.tsx"
import classes from "./signing.module.css"

interface QuestionProps {
	asked: SigningKey
	onClose(): void
}

/** Asks before a key signs no more. */
export function StopSigning(
	props: QuestionProps & { signers: SigningKey[]; act(key: string, signs: boolean): Promise<void> },
) {
	const { asked, signers, act, onClose } = props
	const isLast = signers.every(({ key }) => key === asked.key)
	return (
		<Confirm
			title={`Stop signing by ${nameOf(asked)}?`}
			button="Stop signing"
			keep="Go on signing"
			act={() => act(asked.key, false)}
			onClose={onClose}
		>
			<p className={classes.said}>
				{isLast
					? "It is the last one: what is published here from now on is not signed, and appliances with trusted keys refuse it."
					: "What is published here from now on is signed by the other keys only; appliances that trust just this one refuse it."}
			</p>
			<p className={classes.said}>Versions that it signed stay valid, and it can be chosen again.</p>
		</Confirm>
	)
}

/** Asks before a key that the app made is gone for good. */
export function RemoveKey({ asked, act, onClose }: QuestionProps & { act(key: string): Promise<void> }) {
	return (
		<Confirm
			title={`Delete ${nameOf(asked)}?`}
			button="Delete the key"
			keep="Keep it"
			isGrave
			act={() => act(asked.key)}
			onClose={onClose}
		>
			<p className={classes.said}>
				Its private half is deleted for good: there is no copy, and nothing can be signed by it any more.
				{asked.signs && " What is published here from now on is not signed by it."}
			</p>
			<p className={classes.said}>
				Versions that it signed stay valid, on every appliance that trusts it. Take its line out of their trusted-keys,
				or put @revoked before it, where they shall not.
			</p>
		</Confirm>
	)
}
