import { ActionIcon, Switch, Tooltip } from "@mantine/core"
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react"
import type { RefObject } from "react"
import { type OutputLog, textOf } from "../stores/output-log.ts"
import { MAX_FOUND } from "../stores/output-search.ts"
import { CopyLarge } from "./copy-large.tsx"
import classes from "./output.module.css"
import { SearchField } from "./search-field.tsx"

interface OutputBarProps {
	log: OutputLog
	label: string
	live: boolean
	follow: boolean
	field: RefObject<HTMLInputElement | null>
	text: string
	isSearching: boolean
	/** How many lines were found, and which of them is looked at. */
	found: number
	at: number
	onFind(text: string): void
	onStep(by: number): void
	onFollow(follow: boolean): void
	onLeave(): void
}

/** Above an output: search, how much there is, following, copying. */
export function OutputBar(props: OutputBarProps) {
	const { log, label, live, follow, field, text, onFind, onStep, onFollow, onLeave } = props
	const press = (event: React.KeyboardEvent) => {
		if (event.key === "Enter") onStep(event.shiftKey ? -1 : 1)
		if (event.key !== "Escape") return
		onFind("")
		onLeave()
	}
	return (
		<div className={classes.bar}>
			<SearchField
				ref={field}
				size="xs"
				variant="unstyled"
				className={classes.search}
				label={`Search ${label}`}
				placeholder="Search output (/)"
				value={text}
				onSearch={onFind}
				onKeyDown={press}
			/>
			{text !== "" && <Found {...props} />}
			<span className={classes.count}>{sizeWords(log)}</span>
			{live && (
				<Tooltip label="Stay at the newest line">
					<Switch
						size="xs"
						label="Follow"
						checked={follow}
						onChange={(event) => onFollow(event.currentTarget.checked)}
					/>
				</Tooltip>
			)}
			<CopyLarge
				text={() => textOf(log)}
				label={log.dropped > 0 ? "Copy output, without the earlier lines that are no longer here" : "Copy output"}
			/>
		</div>
	)
}

function Found({ found, at, isSearching, onStep }: OutputBarProps) {
	const all = `${found.toLocaleString("en")}${found >= MAX_FOUND || isSearching ? "+" : ""}`
	return (
		<>
			<span className={classes.hits} role="status">
				{found > 0 ? `${(at % found) + 1} of ${all}` : isSearching ? "searching" : "none"}
			</span>
			<ActionIcon size="sm" variant="subtle" color="gray" aria-label="Previous match" onClick={() => onStep(-1)}>
				<IconChevronUp size={14} />
			</ActionIcon>
			<ActionIcon size="sm" variant="subtle" color="gray" aria-label="Next match" onClick={() => onStep(1)}>
				<IconChevronDown size={14} />
			</ActionIcon>
		</>
	)
}

/** "3 lines", and what is no longer there. */
export function sizeWords({ length, dropped }: OutputLog): string {
	const lines = `${length.toLocaleString("en")} ${length === 1 ? "line" : "lines"}`
	return dropped > 0 ? `${lines}, ${dropped.toLocaleString("en")} earlier ones not kept here` : lines
}
