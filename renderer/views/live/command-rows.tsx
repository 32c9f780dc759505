import { UnstyledButton } from "@mantine/core"
import { IconCheck, IconChevronRight, IconCircleDashed, IconClockExclamation, IconX } from "@tabler/icons-react"
import { memo, useState } from "react"
import { phaseName } from "../../../core/schema/outcome-sentences.ts"
import { formatDuration } from "../../components/format.ts"
import { Spinner } from "../../components/outcome.tsx"
import { Output } from "../../components/output.tsx"
import { Elapsed } from "../../components/time.tsx"
import { safeText } from "../../stores/ansi.ts"
import type { CommandView } from "../../stores/run-view.ts"
import classes from "./live.module.css"
import { endOf } from "./reason-block.tsx"

/** The commands of a pool under their phases; the one that runs and those that failed are open. */
export function CommandRows({ commands, live }: { commands: CommandView[]; live: boolean }) {
	return commands.map((command, index) => (
		<div key={command.key}>
			{commands[index - 1]?.phase !== command.phase && (
				<h4 className={classes.phaseHead}>{phaseName(command.phase)}</h4>
			)}
			<CommandRow command={command} live={live} />
		</div>
	))
}

function hasFailed(command: CommandView): boolean {
	return command.finished && (command.exit !== 0 || command.timedOut === true)
}

const CommandRow = memo(function CommandRow({ command, live }: { command: CommandView; live: boolean }) {
	const [chosen, setChosen] = useState<boolean>()
	const going = live && !command.finished
	const failed = hasFailed(command)
	const silent = command.output.length === 0
	const open = (chosen ?? (going || failed)) && !silent
	return (
		<div className={classes.command}>
			<UnstyledButton
				className={classes.row}
				aria-expanded={silent ? undefined : open}
				disabled={silent}
				onClick={() => setChosen(!open)}
			>
				<IconChevronRight
					size={14}
					className={classes.chevron}
					data-open={open || undefined}
					data-hidden={silent || undefined}
					aria-hidden
				/>
				<CommandIcon command={command} going={going} />
				<code className={classes.commandText}>{safeText(command.command)}</code>
				<span className={classes.rowEnd}>
					{failed && <span className={classes.failedWord}>{endOf(command)}</span>}
					{command.durationMs !== undefined ? (
						formatDuration(command.durationMs)
					) : going ? (
						<Elapsed since={command.startedAt} />
					) : (
						"no end recorded"
					)}
				</span>
			</UnstyledButton>
			{open && (
				<div className={classes.outputBox}>
					<Output log={command.output} label={`Output of ${safeText(command.command)}`} live={going} atEnd={failed} />
				</div>
			)}
		</div>
	)
})

function CommandIcon({ command, going }: { command: CommandView; going: boolean }) {
	if (going) return <Spinner />
	if (!command.finished) return <IconCircleDashed size={14} className={classes.rowIcon} aria-label="end unknown" />
	if (command.timedOut)
		return <IconClockExclamation size={14} className={classes.iconFailed} aria-label="out of time" />
	if (hasFailed(command)) return <IconX size={14} stroke={2.6} className={classes.iconFailed} aria-label="failed" />
	return <IconCheck size={14} stroke={2.6} className={classes.iconOk} aria-label="passed" />
}
