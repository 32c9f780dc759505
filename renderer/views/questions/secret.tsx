import { Button, Group, PasswordInput, Stack } from "@mantine/core"
import { type FormEvent, useState } from "react"
import type { QuestionOf } from "../../stores/shown-question.ts"
import type { AskProps } from "./questions.tsx"

/** A password or passphrase. */
export function Secret({ question, sending, onAnswer }: AskProps<"password" | "passphrase" | "sudo-password">) {
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

function labelOf(question: QuestionOf<"password" | "passphrase" | "sudo-password">): string {
	switch (question.kind) {
		case "password":
			return `Password of ${question.user} on ${question.host}`
		case "passphrase":
			return `Passphrase of ${question.path}`
		case "sudo-password":
			return `Password of ${question.user}, for sudo`
	}
}
