import { ActionIcon, Tooltip } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react"
import { useEffect, useState } from "react"

const SHOWN_MS = 1500
const icons = { copied: IconCheck, failed: IconAlertTriangle, idle: IconCopy }

/** Copies a text that is only put together when it is asked for; says what became of it. */
export function CopyLarge({ text, label }: { text(): string; label: string }) {
	const [state, setState] = useState<keyof typeof icons>("idle")
	useEffect(() => {
		if (state === "idle") return
		const timer = setTimeout(() => setState("idle"), SHOWN_MS)
		return () => clearTimeout(timer)
	}, [state])
	const copy = () => {
		navigator.clipboard.writeText(text()).then(
			() => setState("copied"),
			() => setState("failed"),
		)
	}
	const words = { copied: "Copied", failed: "The browser does not let it be copied", idle: label }[state]
	const Icon = icons[state]
	return (
		<Tooltip label={words}>
			<ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={words}>
				<Icon size={14} />
			</ActionIcon>
		</Tooltip>
	)
}
