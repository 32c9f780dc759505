import { Button, Group, Modal, PasswordInput, Stack, Text } from "@mantine/core"
import { type FormEvent, useEffect, useState } from "react"
import type { Answer, Question } from "../../../core/schema/desktop.ts"
import { Copy } from "../../components/code.tsx"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp, useDesktop } from "../../stores/context.ts"
import classes from "./questions.module.css"

/** Asks what only a person can answer, one question after the other. */
export function Questions() {
	const { api } = useApp()
	const questions = useDesktop((desktop) => desktop.state?.questions) ?? []
	const question = questions[0]
	const [error, setError] = useState<unknown>()
	const [sending, setSending] = useState(false)
	const id = question?.id
	useEffect(() => {
		if (id === undefined) return
		setError(undefined)
		setSending(false)
	}, [id])
	if (!question) return null

	const answer = async (given: Answer) => {
		setSending(true)
		setError(undefined)
		try {
			await api.app.answer({ id: question.id, answer: given })
		} catch (problem) {
			setError(problem)
		}
		setSending(false)
	}
	const refuse = () => void answer({ kind: "refuse" })

	return (
		<Modal
			key={question.id}
			opened
			onClose={refuse}
			title={titleOf(question)}
			size={520}
			closeOnClickOutside={false}
			closeButtonProps={{ "aria-label": "Close without an answer" }}
		>
			<Stack gap="md">
				{question.kind === "host-key" ? (
					<HostKey question={question} sending={sending} onAnswer={answer} />
				) : question.kind === "sign-in-questions" ? null : (
					<Secret question={question} sending={sending} onAnswer={answer} />
				)}
				{error !== undefined && <ProblemNote error={error} />}
				{questions.length > 1 && (
					<Text size="xs" c="dimmed">
						{questions.length - 1} more to answer after this one.
					</Text>
				)}
			</Stack>
		</Modal>
	)
}

function titleOf(question: Question): string {
	switch (question.kind) {
		case "host-key":
			return `Is this really ${question.appliance}?`
		case "password":
			return `Password for ${question.appliance}`
		case "passphrase":
			return "Passphrase for the key file"
		case "sudo-password":
			return `Sudo password on ${question.appliance}`
		case "sign-in-questions":
			return `${question.appliance} asks`
	}
}

interface AskProps<T extends Question["kind"]> {
	question: Extract<Question, { kind: T }>
	sending: boolean
	onAnswer(answer: Answer): Promise<void>
}

function HostKey({ question, sending, onAnswer }: AskProps<"host-key">) {
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
			<details className={classes.how}>
				<summary>Where to find it on the appliance</summary>
				<Text size="xs" c="dimmed" mt={4}>
					On its own console, not over this connection:
				</Text>
				<code className={classes.command}>ssh-keygen -lf /etc/ssh/ssh_host_{shortType(question.keyType)}_key.pub</code>
			</details>
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

function hostOf({ host, port }: { host: string; port: number }): string {
	return port === 22 ? host : `${host}, port ${port}`
}

function shortType(keyType: string): string {
	return /ed25519|ecdsa|rsa/.exec(keyType)?.[0] ?? "*"
}

function Secret({ question, sending, onAnswer }: AskProps<"password" | "passphrase" | "sudo-password">) {
	const [secret, setSecret] = useState("")
	const send = (event: FormEvent) => {
		event.preventDefault()
		void onAnswer({ kind: "secret", secret })
	}
	const wrong = "wrong" in question && question.wrong
	return (
		<form onSubmit={send}>
			<Stack gap="md">
				<PasswordInput
					size="sm"
					data-autofocus
					label={labelOf(question)}
					description={`${question.kind === "passphrase" ? `Needed for ${question.appliance}. ` : ""}Kept in memory only, until the program ends.`}
					error={wrong ? "That was not right. Try again." : undefined}
					value={secret}
					onChange={(event) => setSecret(event.currentTarget.value)}
					autoComplete="off"
					maxLength={4096}
				/>
				<Group justify="flex-end" gap="sm">
					<Button variant="default" disabled={sending} onClick={() => void onAnswer({ kind: "refuse" })}>
						Cancel
					</Button>
					<Button type="submit" loading={sending} disabled={secret === ""}>
						Continue
					</Button>
				</Group>
			</Stack>
		</form>
	)
}

function labelOf(question: Extract<Question, { kind: "password" | "passphrase" | "sudo-password" }>): string {
	switch (question.kind) {
		case "password":
			return `Password of ${question.user} on ${question.host}`
		case "passphrase":
			return `Passphrase of ${question.path}`
		case "sudo-password":
			return `Password of ${question.user}, for sudo`
	}
}
