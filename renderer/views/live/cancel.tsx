import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { useState } from "react"
import { createStore } from "zustand/vanilla"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp } from "../../stores/context.ts"

// What was asked for stands beside what the services confirm: a run is cancelled only when they say that it has ended.
const requested = createStore<{ ids: string[] }>(() => ({ ids: [] }))

export function wasCancelRequested(id: string): boolean {
	return requested.getState().ids.includes(id)
}

export function CancelDialog({ runs, onClose }: { runs: DesktopRun[]; onClose(): void }) {
	const { api } = useApp()
	const [sending, setSending] = useState(false)
	const [error, setError] = useState<unknown>()
	const cancel = async () => {
		setSending(true)
		const answers = await Promise.allSettled(runs.map((run) => api.runs.cancel({ id: run.id })))
		const failed = answers.find((answer) => answer.status === "rejected")
		const taken = runs.filter((_, index) => answers[index]?.status === "fulfilled").map((run) => run.id)
		requested.setState((now) => ({ ids: [...now.ids, ...taken] }))
		setSending(false)
		if (failed) setError(failed.reason)
		else onClose()
	}
	return (
		<Modal
			opened
			onClose={onClose}
			title={runs.length > 1 ? `Cancel ${runs.length} runs?` : "Cancel this run?"}
			size={440}
		>
			<Stack gap="md">
				<Text size="sm">
					The run stops at the next safe point. The pool that is open then is put back and its closure runs again; pools
					that are applied stay applied.
				</Text>
				{error !== undefined && <ProblemNote error={error} />}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" data-autofocus onClick={onClose}>
						Let it go on
					</Button>
					<Button color="red.8" loading={sending} onClick={() => void cancel()}>
						Cancel {runs.length > 1 ? `${runs.length} runs` : "the run"}
					</Button>
				</Group>
			</Stack>
		</Modal>
	)
}
