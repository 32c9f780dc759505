import { Button, Menu } from "@mantine/core"
import { IconBraces, IconChevronDown, IconDownload, IconFileText } from "@tabler/icons-react"
import { useEffect, useRef, useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { saveEvents, saveReport } from "../../report/save-report.ts"
import { useApp } from "../../stores/context.ts"

/** A run's record as a file, for a customer's ticket or for programs. */
export function SaveRecord({ run }: { run: DesktopRun }) {
	const { api } = useApp()
	const [busy, setBusy] = useState(false)
	const [error, setError] = useState<unknown>()
	const stop = useRef<AbortController>(undefined)
	useEffect(() => () => stop.current?.abort(), [])
	const save = async (as: typeof saveReport) => {
		const own = new AbortController()
		stop.current = own
		setBusy(true)
		setError(undefined)
		try {
			await as(api, run, own.signal)
		} catch (problem) {
			if (!own.signal.aborted) setError(problem)
		}
		setBusy(false)
	}
	if (busy)
		return (
			<Button variant="default" onClick={() => stop.current?.abort()}>
				Cancel saving
			</Button>
		)
	return (
		<>
			{error !== undefined && <ProblemNote error={error} />}
			<Menu position="bottom-end">
				<Menu.Target>
					<Button
						variant="default"
						leftSection={<IconDownload size={14} />}
						rightSection={<IconChevronDown size={14} />}
						// A run that goes on has no end that could be waited for here.
						disabled={run.state !== "finished" && run.state !== "not-started"}
					>
						Save
					</Button>
				</Menu.Target>
				<Menu.Dropdown>
					<Menu.Item leftSection={<IconFileText size={14} />} onClick={() => void save(saveReport)}>
						Report, a web page
					</Menu.Item>
					<Menu.Item leftSection={<IconBraces size={14} />} onClick={() => void save(saveEvents)}>
						Events, JSON Lines
					</Menu.Item>
				</Menu.Dropdown>
			</Menu>
		</>
	)
}
