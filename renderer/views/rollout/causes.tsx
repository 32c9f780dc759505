import { Button } from "@mantine/core"
import type { ReactNode } from "react"
import type { RolloutTarget } from "../../../core/schema/rollout.ts"
import type { Group } from "../../../core/schema/rollout-reasons.ts"
import { standingWord } from "../../../core/schema/rollout-words.ts"
import { CauseRow } from "../../components/cause-row.tsx"
import { count } from "../../components/format.ts"
import { Panel } from "../../components/panel.tsx"
import { hashOf } from "../../stores/route.ts"
import classes from "./rollout.module.css"
import { StandingTag } from "./standing-look.tsx"

/** Appliances that are named for one cause; the tiles have them all. */
const NAMED = 50

interface CausesProps {
	rollout: string
	title: string
	groups: readonly Group[]
	/** What can be done about those of one group. */
	actions?: (targets: readonly RolloutTarget[]) => ReactNode
}

/** Appliances by why something did not succeed there: how many, one of them to look at, and all their names. */
export function Causes({ rollout, title, groups, actions }: CausesProps) {
	if (groups.length === 0) return null
	const number = groups.reduce((sum, { targets }) => sum + targets.length, 0)
	return (
		<Panel title={title} note={`${count(number, "appliance")}, ${count(groups.length, "cause")}`} label={title}>
			<ul className={classes.causes}>
				{groups.map((group) => (
					<Cause key={group.cause} rollout={rollout} group={group} actions={actions} />
				))}
			</ul>
		</Panel>
	)
}

type CauseProps = { rollout: string; group: Group; actions: CausesProps["actions"] }

function Cause({ rollout, group: { cause, targets }, actions }: CauseProps) {
	const [first] = targets
	return (
		<CauseRow
			cause={cause}
			times={targets.length}
			actions={
				<div className={classes.causeActions}>
					{first && (
						<Button
							component="a"
							href={hashOf({ view: "rollout", id: rollout, appliance: first.applianceId })}
							size="compact-xs"
							variant="default"
							aria-label={`Show me one: ${first.name}`}
						>
							Show me one
						</Button>
					)}
					{actions?.(targets)}
				</div>
			}
		>
			<Names rollout={rollout} targets={targets} />
		</CauseRow>
	)
}

function Names({ rollout, targets }: { rollout: string; targets: readonly RolloutTarget[] }) {
	return (
		<ul className={classes.names}>
			{targets.slice(0, NAMED).map((target) => (
				<li key={target.applianceId}>
					<a href={hashOf({ view: "rollout", id: rollout, appliance: target.applianceId })}>{target.name}</a>
					<StandingTag word={standingWord(target)} />
				</li>
			))}
			{targets.length > NAMED && <li className={classes.soft}>and {targets.length - NAMED} more</li>}
		</ul>
	)
}
