import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { useState } from "react"
import type { Answer, Question } from "../../../core/schema/desktop.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp, useDesktop } from "../../stores/context.ts"
import { hostKeysOf } from "../../stores/shown-question.ts"
import { HostKey } from "./host-key.tsx"
import { KeyTable } from "./key-table.tsx"
import { Secret } from "./secret.tsx"
import { SignInQuestions } from "./sign-in-questions.tsx"
import { useShown } from "./use-shown.ts"

/** How a dialog gives its answer. */
export interface AskProps<T extends Question["kind"]> {
	question: Extract<Question, { kind: T }>
	sending: boolean
	onAnswer(answer: Answer): Promise<void>
}

const NONE: Question[] = []

/** Asks what only a person can answer: one question after the other, and many host keys in one table. */
export function Questions() {
	const questions = useDesktop((desktop) => desktop.state?.questions) ?? NONE
	// A list of fingerprints serves the table that comes next, too.
	const [list, setList] = useState("")
	const [shown, setShown] = useShown(questions)
	const keys = hostKeysOf(questions)
	const question = shown?.dialog === "one" ? questions.find(({ id }) => id === shown.id) : undefined
	if (shown?.dialog === "table") {
		return <KeyTable questions={keys} others={questions.length - keys.length} list={list} onList={setList} />
	}
	if (!question) return null
	return (
		<OneQuestion key={question.id} question={question} others={questions.length - 1}>
			{question.kind === "host-key" && keys.length > 1 && (
				<Button variant="default" size="compact-xs" onClick={() => setShown({ dialog: "table" })}>
					Review {keys.length} host keys in one table
				</Button>
			)}
		</OneQuestion>
	)
}

function OneQuestion(props: { question: Question; others: number; children: React.ReactNode }) {
	const { question, others } = props
	const { api } = useApp()
	const [error, setError] = useState<unknown>()
	const [sending, setSending] = useState(false)

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

	return (
		<Modal
			opened
			onClose={() => void answer({ kind: "refuse" })}
			title={titleOf(question)}
			size={520}
			closeOnClickOutside={false}
			closeButtonProps={{ "aria-label": "Close without an answer" }}
		>
			<Stack gap="md">
				<Ask question={question} sending={sending} onAnswer={answer} />
				{error !== undefined && <ProblemNote error={error} />}
				{others > 0 && (
					<Group justify="space-between" gap="sm">
						<Text size="xs" c="dimmed">
							{others} more to answer after this one.
						</Text>
						{props.children}
					</Group>
				)}
			</Stack>
		</Modal>
	)
}

function Ask({ question, ...rest }: { question: Question } & Omit<AskProps<never>, "question">) {
	switch (question.kind) {
		case "host-key":
			return <HostKey question={question} {...rest} />
		case "sign-in-questions":
			return <SignInQuestions question={question} {...rest} />
		default:
			return <Secret question={question} {...rest} />
	}
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
			return `${question.appliance} asks at the sign-in`
	}
}
