import { Button, Menu } from "@mantine/core"
import { IconBraces, IconChevronDown, IconDownload, IconFileText } from "@tabler/icons-react"
import { useEffect, useRef, useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { saveBatchEvents, saveBatchReport } from "../../report/save-report.ts"
import { useApp } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"

/** Runs that were started together as one file, once all have ended. */
export function SaveBatch({ runs }: { runs: DesktopRun[] }) {
	const { api } = useApp()
	const [read, setRead] = useState<number>()
	const [error, setError] = useState<unknown>()
	const stop = useRef<AbortController>(undefined)
	useEffect(() => () => stop.current?.abort(), [])
	const save = async (as: typeof saveBatchReport) => {
		const own = new AbortController()
		stop.current = own
		setRead(0)
		setError(undefined)
		try {
			await as(api, runs, { signal: own.signal, onProgress: setRead })
		} catch (problem) {
			if (!own.signal.aborted) setError(problem)
		}
		setRead(undefined)
	}
	if (read !== undefined)
		return (
			<Button variant="default" onClick={() => stop.current?.abort()}>
				Cancel saving, {read} of {runs.length} read
			</Button>
		)
	const isOpen = !runs.every(isEnded)
	return (
		<>
			{error !== undefined && <ProblemNote error={error} />}
			<Menu position="bottom-end">
				<Menu.Target>
					<Button
						variant="default"
						leftSection={<IconDownload size={14} />}
						rightSection={<IconChevronDown size={14} />}
						disabled={isOpen}
						title={isOpen ? "Once every run has ended" : undefined}
					>
						Save report
					</Button>
				</Menu.Target>
				<Menu.Dropdown>
					<Menu.Item leftSection={<IconFileText size={14} />} onClick={() => void save(saveBatchReport)}>
						Report, a web page
					</Menu.Item>
					<Menu.Item leftSection={<IconBraces size={14} />} onClick={() => void save(saveBatchEvents)}>
						Events, JSON Lines
					</Menu.Item>
				</Menu.Dropdown>
			</Menu>
		</>
	)
}
