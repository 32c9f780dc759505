import { Button, Group, Text } from "@mantine/core"
import { Copy } from "../../components/code.tsx"
import { Note } from "../../components/note.tsx"
import classes from "./questions.module.css"
import type { AskProps } from "./questions.tsx"

/** One host key that is not known yet. */
export function HostKey({ question, sending, onAnswer }: AskProps<"host-key">) {
	return (
		<>
			<Text size="sm">
				The host key of <b>{hostOf(question)}</b> is not known yet. Compare this fingerprint with the one you got from
				the appliance itself or from its owner:
			</Text>
			<div className={classes.fingerprint}>
				<span className={classes.keyType}>{question.keyType}</span>
				<code>{question.fingerprint}</code>
				<Copy text={question.fingerprint} label="Copy fingerprint" />
			</div>
			<WhereToFind type={shortType(question.keyType)} />
			<Note tone="mute" title="Trusted once, it is remembered.">
				If another key shows up later, nothing is sent and you are told.
			</Note>
			<Group justify="flex-end" gap="sm">
				<Button variant="default" data-autofocus disabled={sending} onClick={() => void onAnswer({ kind: "refuse" })}>
					Refuse
				</Button>
				<Button loading={sending} onClick={() => void onAnswer({ kind: "trust" })}>
					It is the same: trust
				</Button>
			</Group>
		</>
	)
}

export function hostOf({ host, port }: { host: string; port: number }): string {
	return port === 22 ? host : `${host}, port ${port}`
}

function shortType(keyType: string): string {
	return /ed25519|ecdsa|rsa/.exec(keyType)?.[0] ?? "*"
}

/** How the owner of an appliance reads its fingerprint. */
export function WhereToFind({ type }: { type: string }) {
	return (
		<details className={classes.how}>
			<summary>Where to find it on the appliance</summary>
			<Text size="xs" c="dimmed" mt={4}>
				On its own console, not over this connection:
			</Text>
			<code className={classes.command}>ssh-keygen -lf /etc/ssh/ssh_host_{type}_key.pub</code>
		</details>
	)
}
