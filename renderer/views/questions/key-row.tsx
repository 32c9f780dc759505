import { Checkbox, Table } from "@mantine/core"
import type { Match } from "../../stores/listed-keys.ts"
import type { QuestionOf } from "../../stores/shown-question.ts"
import { hostOf } from "./host-key.tsx"
import classes from "./questions.module.css"

/** `gone`: the connection that asked is gone, or somebody else answered. */
export type RowState = "open" | "trusted" | "refused" | "gone"

const states: Record<Exclude<RowState, "open">, string> = {
	trusted: "trusted",
	refused: "refused",
	gone: "not asked any more",
}

interface KeyRowProps {
	question: QuestionOf<"host-key">
	state: RowState
	ticked: boolean
	/** What the pasted list says of it. */
	match: Match | undefined
	/** Another appliance with the same key. */
	twin: string | undefined
	first: boolean
	reachable: boolean
	onTick(wanted: boolean): void
	onFocus(): void
}

export function KeyRow({ question, state, ticked, match, twin, first, reachable, onTick, onFocus }: KeyRowProps) {
	const isOpen = state === "open"
	return (
		<Table.Tr data-answered={!isOpen || undefined} data-ticked={(isOpen && ticked) || undefined}>
			<Table.Td>
				<Checkbox
					aria-label={`Trust ${question.appliance}`}
					checked={isOpen ? ticked : state === "trusted"}
					disabled={!isOpen || match?.kind === "revoked"}
					tabIndex={reachable ? 0 : -1}
					{...(first ? { "data-autofocus": true } : {})}
					onChange={(event) => onTick(event.currentTarget.checked)}
					onFocus={onFocus}
				/>
			</Table.Td>
			<Table.Th scope="row" className={classes.appliance}>
				{question.appliance}
				{!isOpen && <span className={classes.remark}>{states[state]}</span>}
			</Table.Th>
			<Table.Td className={classes.host}>{hostOf(question)}</Table.Td>
			<Table.Td className={classes.type}>{question.keyType}</Table.Td>
			<Table.Td>
				<code className={classes.print}>{question.fingerprint}</code>
				{match && <MatchRemark match={match} />}
				{twin !== undefined && (
					<span className={classes.remark} data-tone="warn">
						{twin} shows the same key
					</span>
				)}
			</Table.Td>
		</Table.Tr>
	)
}

function MatchRemark({ match }: { match: Match }) {
	switch (match.kind) {
		case "listed":
			return (
				<span className={classes.remark} data-tone="good">
					in your list
				</span>
			)
		case "elsewhere":
			return (
				<span className={classes.remark} data-tone="warn" title={match.names}>
					in your list under another name: {match.names}
				</span>
			)
		case "revoked":
			return (
				<span className={classes.remark} data-tone="bad">
					marked as revoked in your list
				</span>
			)
	}
}
