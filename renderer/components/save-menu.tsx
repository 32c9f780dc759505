import { Button, Menu } from "@mantine/core"
import { IconBraces, IconChevronDown, IconDownload, IconFileText } from "@tabler/icons-react"
import { useEffect, useRef, useState } from "react"
import { ProblemNote } from "./problem.tsx"

/** `onProgress`: how many runs have been read. */
export type Save = (options: { signal: AbortSignal; onProgress(read: number): void }) => Promise<void>

/** Saves records as a file, for people or for programs; can be cancelled, also by leaving the view. */
export function SaveMenu(props: {
	label: string
	/** Said instead of the label while it saves. */
	saving(read: number): string
	/** Why nothing can be saved yet. */
	obstacle: string | undefined
	onReport: Save
	onEvents: Save
}) {
	const { label, saving, obstacle, onReport, onEvents } = props
	const [read, setRead] = useState<number>()
	const [error, setError] = useState<unknown>()
	const stop = useRef<AbortController>(undefined)
	useEffect(() => () => stop.current?.abort(), [])
	const save = async (as: Save) => {
		const own = new AbortController()
		stop.current = own
		setRead(0)
		setError(undefined)
		try {
			await as({ signal: own.signal, onProgress: setRead })
		} catch (problem) {
			if (!own.signal.aborted) setError(problem)
		}
		setRead(undefined)
	}
	if (read !== undefined)
		return (
			<Button variant="default" onClick={() => stop.current?.abort()}>
				{saving(read)}
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
						disabled={obstacle !== undefined}
						title={obstacle}
					>
						{label}
					</Button>
				</Menu.Target>
				<Menu.Dropdown>
					<Menu.Item leftSection={<IconFileText size={14} />} onClick={() => void save(onReport)}>
						Report, a web page
					</Menu.Item>
					<Menu.Item leftSection={<IconBraces size={14} />} onClick={() => void save(onEvents)}>
						Events, JSON Lines
					</Menu.Item>
				</Menu.Dropdown>
			</Menu>
		</>
	)
}
