import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import { plainLines } from "../../../core/schema/plain-text.ts"
import classes from "./questions.module.css"
import type { AskProps } from "./questions.tsx"

/** What the server asks by itself, a one-time code for example. Its words are shown as its own: they may be a lie. */
export function SignInQuestions({ question, sending, onAnswer }: AskProps<"sign-in-questions">) {
	const { host, user, prompts } = question
	const [answers, setAnswers] = useState(() => prompts.map(() => ""))
	const set = (at: number, text: string) => setAnswers((now) => now.map((one, index) => (index === at ? text : one)))
	const send = (event: FormEvent) => {
		event.preventDefault()
		void onAnswer({ kind: "answers", answers })
	}
	const said = [question.title, question.text].map((text) => plainLines(text).trim()).filter(Boolean)
	return (
		<form onSubmit={send}>
			<Stack gap="md">
				<Text size="sm">
					Before it lets <b>{user}</b> in, <b>{host}</b> asks for more. The words in the frame are the appliance's own.
				</Text>
				<div className={classes.said}>
					{said.map((text) => (
						<p key={text} className={classes.words}>
							{text}
						</p>
					))}
					{prompts.map((prompt, index) => {
						const Field = prompt.hidden ? PasswordInput : TextInput
						return (
							<Field
								// biome-ignore lint/suspicious/noArrayIndexKey: the same words may be asked twice, the place is the identity
								key={index}
								size="sm"
								{...(index === 0 ? { "data-autofocus": true } : {})}
								label={promptWords(prompt.text, index)}
								classNames={{ label: classes.words ?? "" }}
								value={answers[index] ?? ""}
								onChange={(event) => set(index, event.currentTarget.value)}
								autoComplete="off"
								spellCheck={false}
								maxLength={4096}
							/>
						)
					})}
				</div>
				<Text size="xs" c="dimmed">
					What you type goes to this appliance and is not kept.
				</Text>
				<Group justify="flex-end" gap="sm">
					<Button variant="default" disabled={sending} onClick={() => void onAnswer({ kind: "refuse" })}>
						Cancel
					</Button>
					<Button type="submit" loading={sending}>
						Continue
					</Button>
				</Group>
			</Stack>
		</form>
	)
}

function promptWords(text: string, index: number): string {
	return plainLines(text).trim() || `Answer ${index + 1}`
}
