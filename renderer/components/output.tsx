import { ActionIcon, Switch, TextInput, Tooltip } from "@mantine/core"
import { IconChevronDown, IconChevronUp, IconSearch } from "@tabler/icons-react"
import { useVirtualizer } from "@tanstack/react-virtual"
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react"
import type { Span } from "../stores/ansi.ts"
import { findLines, lineAt, type OutputLine, type OutputLog, textOf } from "../stores/output-log.ts"
import { Copy } from "./code.tsx"
import classes from "./output.module.css"

const LINE = 19
const SHOWN_LINES = 18

/** A command's output: only the lines in view exist; follows the end until one scrolls up. */
export function Output(props: { log: OutputLog; label: string; live: boolean; atEnd: boolean }) {
	const { log, label, live, atEnd } = props
	const scroller = useRef<HTMLElement>(null)
	const [follow, setFollow] = useState(live)
	const [search, setSearch] = useState("")
	const [found, setFound] = useState(0)
	const wanted = useDeferredValue(search)
	const hits = useMemo(() => (wanted === "" ? [] : findLines(log, wanted)), [log, wanted])
	const lines = useVirtualizer({
		count: log.length,
		getScrollElement: () => scroller.current,
		estimateSize: () => LINE,
		overscan: 12,
	})
	const current = hits[found % Math.max(1, hits.length)]

	// The end is where a command says why it failed.
	// biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is opened
	useEffect(() => {
		if (atEnd && log.length > 0) lines.scrollToIndex(log.length - 1, { align: "end" })
	}, [])
	useEffect(() => {
		if (follow && log.length > 0) lines.scrollToIndex(log.length - 1, { align: "end" })
	}, [follow, log.length, lines])
	useEffect(() => {
		if (current !== undefined) lines.scrollToIndex(current, { align: "center" })
	}, [current, lines])

	const stopAtUser = () => {
		const box = scroller.current
		if (box && box.scrollHeight - box.scrollTop - box.clientHeight > LINE * 2) setFollow(false)
	}
	const step = (by: number) => {
		setFollow(false)
		setFound((now) => (now + by + hits.length) % Math.max(1, hits.length))
	}

	return (
		<div className={classes.output}>
			<div className={classes.bar}>
				<TextInput
					size="xs"
					variant="unstyled"
					className={classes.search}
					leftSection={<IconSearch size={13} aria-hidden />}
					placeholder="Search output"
					aria-label={`Search ${label}`}
					value={search}
					onChange={(event) => {
						setSearch(event.currentTarget.value)
						setFound(0)
						setFollow(false)
					}}
					onKeyDown={(event) => event.key === "Enter" && step(event.shiftKey ? -1 : 1)}
				/>
				{wanted !== "" && (
					<>
						<span className={classes.hits} role="status">
							{hits.length === 0 ? "none" : `${(found % hits.length) + 1} of ${hits.length}`}
						</span>
						<ActionIcon size="sm" variant="subtle" color="gray" aria-label="Previous match" onClick={() => step(-1)}>
							<IconChevronUp size={14} />
						</ActionIcon>
						<ActionIcon size="sm" variant="subtle" color="gray" aria-label="Next match" onClick={() => step(1)}>
							<IconChevronDown size={14} />
						</ActionIcon>
					</>
				)}
				<span className={classes.count}>
					{log.length.toLocaleString("en")} {log.length === 1 ? "line" : "lines"}
					{log.dropped > 0 && `, ${log.dropped.toLocaleString("en")} earlier ones not shown`}
				</span>
				{live && (
					<Tooltip label="Stay at the newest line">
						<Switch
							size="xs"
							label="Follow"
							checked={follow}
							onChange={(event) => setFollow(event.currentTarget.checked)}
						/>
					</Tooltip>
				)}
				<Copy text={textOf(log)} label="Copy output" />
			</div>
			<section
				ref={scroller}
				className={classes.scroll}
				aria-label={label}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
				tabIndex={0}
				onWheel={stopAtUser}
				onScrollEnd={stopAtUser}
				style={{ height: Math.min(log.length, SHOWN_LINES) * LINE + 12 }}
			>
				<div className={classes.all} style={{ height: lines.getTotalSize() }}>
					{lines.getVirtualItems().map((item) => {
						const line = lineAt(log, item.index)
						return line && <Line key={line.number} line={line} top={item.start} marked={item.index === current} />
					})}
				</div>
			</section>
		</div>
	)
}

function Line({ line, top, marked }: { line: OutputLine; top: number; marked: boolean }) {
	return (
		<div
			className={classes.line}
			data-stream={line.stream}
			data-marked={marked || undefined}
			style={{ transform: `translateY(${top}px)` }}
		>
			<span className={classes.number} aria-hidden>
				{line.number}
			</span>
			{line.stream === "stderr" && <span className={classes.mark} title="standard error" />}
			<span className={classes.text}>
				{line.spans.map((span, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: stretches of one line have no other identity
					<Stretch key={index} span={span} />
				))}
			</span>
		</div>
	)
}

function Stretch({ span }: { span: Span }) {
	if (!span.color && !span.bold && !span.dim && !span.underline && !span.italic && !span.inverse) return span.text
	return (
		<span
			className={classes.stretch}
			data-color={span.color}
			data-bold={span.bold || undefined}
			data-dim={span.dim || undefined}
			data-italic={span.italic || undefined}
			data-underline={span.underline || undefined}
			data-inverse={span.inverse || undefined}
		>
			{span.text}
		</span>
	)
}
