import { UnstyledButton } from "@mantine/core"
import {
	IconArrowBackUp,
	IconCheck,
	IconChevronRight,
	IconCircleDashed,
	IconEqual,
	IconFileMinus,
	IconFilePlus,
	IconLock,
	IconReplace,
	IconX,
} from "@tabler/icons-react"
import { type ReactNode, useState } from "react"
import type { PlannedOperation, PlannedPool } from "../../../core/schema/plan.ts"
import { Commands, Path } from "../../components/code.tsx"
import { Diff } from "../../components/diff.tsx"
import { formatBytes } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { Tag, type Tone } from "../../components/outcome.tsx"
import { sentence } from "../../components/words.ts"
import classes from "./run.module.css"

const woulds: Record<PlannedPool["would"], { tone: Tone; word: string; icon: ReactNode }> = {
	apply: { tone: "live", word: "Would be applied", icon: <IconCheck size={14} /> },
	unchanged: { tone: "calm", word: "Stands applied already", icon: <IconEqual size={14} /> },
	skip: { tone: "mute", word: "Would be skipped", icon: <IconCircleDashed size={14} /> },
	"fail-preflight": { tone: "bad", word: "Would fail in preflight", icon: <IconX size={14} /> },
}

const changes: Record<PlannedOperation["change"], { tone: Tone; word: string; icon: ReactNode }> = {
	create: { tone: "good", word: "new", icon: <IconFilePlus size={13} /> },
	replace: { tone: "live", word: "replace", icon: <IconReplace size={13} /> },
	unchanged: { tone: "mute", word: "unchanged", icon: <IconEqual size={13} /> },
	"mode-only": { tone: "live", word: "permissions", icon: <IconLock size={13} /> },
	"restore-original": { tone: "live", word: "original", icon: <IconArrowBackUp size={13} /> },
	remove: { tone: "live", word: "remove", icon: <IconFileMinus size={13} /> },
	blocked: { tone: "bad", word: "blocked", icon: <IconX size={13} /> },
}

export function PlanPool({ pool }: { pool: PlannedPool }) {
	const would = woulds[pool.would]
	return (
		<section className={classes.pool} aria-label={`Pool ${pool.pool}`}>
			<div className={classes.poolHead}>
				<div className={classes.poolTitles}>
					<h3 className={classes.poolName}>{pool.pool}</h3>
					{pool.description && <p className={classes.poolText}>{pool.description}</p>}
				</div>
				<Tag tone={would.tone} icon={would.icon}>
					{would.word}
				</Tag>
			</div>
			<div className={classes.poolBody}>
				{pool.warnings.map((warning) => (
					<Note key={warning} tone="warn" title={sentence(warning)} />
				))}
				<ul className={classes.planned}>
					{pool.operations.map((operation) => (
						<Planned key={operation.destination} operation={operation} />
					))}
				</ul>
				{pool.would === "apply" && (
					<>
						<h4 className={classes.small}>Commands, in this order</h4>
						<Commands commands={[...pool.checks, ...pool.closure, ...pool.checks]} label={`Commands of ${pool.pool}`} />
						<p className={classes.poolText}>{wayBack(pool)}</p>
					</>
				)}
			</div>
		</section>
	)
}

function wayBack(pool: PlannedPool): ReactNode {
	const checks = pool.checks.length > 0 ? "The checks come first and last. " : ""
	const confirm =
		pool.confirmSeconds === undefined
			? ""
			: ` The pool is put back unless this program confirms it over a new connection within ${pool.confirmSeconds} s.`
	return (
		<>
			<IconArrowBackUp size={13} className={classes.wayBack} aria-hidden /> {checks}
			{`At the first failure every file is put back and the closure runs again. Each command may take ${pool.timeoutSeconds} s.${confirm}`}
		</>
	)
}

function Planned({ operation }: { operation: PlannedOperation }) {
	const [open, setOpen] = useState(false)
	const change = changes[operation.change]
	const notes = notesOf(operation)
	const hasDiff = operation.diff !== undefined && operation.diff !== ""
	const line = (
		<>
			<IconChevronRight
				size={14}
				className={classes.chevron}
				data-open={open || undefined}
				data-hidden={!hasDiff || undefined}
				aria-hidden
			/>
			<Tag tone={change.tone} icon={change.icon}>
				{change.word}
			</Tag>
			<Path path={operation.destination} />
			<span className={classes.operationFacts}>{sizeWords(operation)}</span>
		</>
	)
	return (
		<li>
			{hasDiff ? (
				<UnstyledButton
					className={classes.plannedLine}
					aria-expanded={open}
					title="Show the difference"
					onClick={() => setOpen(!open)}
				>
					{line}
				</UnstyledButton>
			) : (
				<div className={classes.plannedLine}>{line}</div>
			)}
			{notes.length > 0 && (
				<ul className={classes.plannedNotes}>
					{notes.map((note) => (
						<li key={note}>{note}</li>
					))}
				</ul>
			)}
			{open && operation.diff && <Diff diff={operation.diff} label={`Difference in ${operation.destination}`} />}
		</li>
	)
}

function sizeWords({ sizeBefore, sizeAfter, change }: PlannedOperation): string {
	if (change === "unchanged" || sizeBefore === undefined || sizeBefore === sizeAfter) return formatBytes(sizeAfter)
	return `${formatBytes(sizeBefore)} → ${formatBytes(sizeAfter)}`
}

function notesOf({ linkTo, makes, drift, faults, change, writtenBy, permissions }: PlannedOperation): string[] {
	return [
		...faults.map(sentence),
		...(permissions === undefined ? [] : [`Mode, user and group: ${permissions.before} → ${permissions.after}.`]),
		...(writtenBy === undefined ? [] : [`Pool ${writtenBy} writes it first; this is against what that one leaves.`]),
		...(change === "restore-original" ? ["The customer's original comes back."] : []),
		...(change === "remove" ? ["There was none before us: it is removed again."] : []),
		...(drift === "changed" && change !== "unchanged" ? ["Somebody changed this file since we last wrote it."] : []),
		...(linkTo === undefined ? [] : [`A link to ${linkTo}: that file is written, the link stays.`]),
		...(makes.length > 0 ? [`Makes ${makes.join(", ")}.`] : []),
	]
}
