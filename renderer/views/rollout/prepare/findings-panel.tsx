import { IconAlertTriangle, IconBan, IconCheck, IconChevronRight, IconInfoCircle } from "@tabler/icons-react"
import { useState } from "react"
import type { Preparation } from "../../../../core/schema/rollout-prepare.ts"
import { findingWords, readyWords, type Weight, weightOf } from "../../../../core/schema/rollout-prepare-words.ts"
import { count } from "../../../components/format.ts"
import { Tag, type Tone } from "../../../components/outcome.tsx"
import { Panel } from "../../../components/panel.tsx"
import { More } from "./more.tsx"
import { Names } from "./names.tsx"
import classes from "./prepare.module.css"

const LOOKS: Record<Weight, { tone: Tone; word: string; icon: React.ReactNode }> = {
	stops: { tone: "bad", word: "No run", icon: <IconBan size={13} /> },
	mind: { tone: "warn", word: "Look", icon: <IconAlertTriangle size={13} /> },
	told: { tone: "mute", word: "Note", icon: <IconInfoCircle size={13} /> },
}

type Group = Preparation["findings"][number]

/** What hinders a run or needs a look, by cause; each opens with what to do and where. */
export function FindingsPanel({ whole }: { whole: Preparation }) {
	const { findings } = whole
	return (
		<Panel title="Reach and findings" note={readyWords(whole)} label="Reach and findings">
			{findings.length === 0 ? (
				<p className={classes.calm}>
					<IconCheck size={14} aria-hidden /> Nothing hinders a run on any of them.
				</p>
			) : (
				<More items={findings} first={20} what="causes" className={classes.rows} label="Findings">
					{(group) => (
						<li key={JSON.stringify(group.finding)}>
							<Finding group={group} whole={whole} />
						</li>
					)}
				</More>
			)}
		</Panel>
	)
}

function Finding({ group: { finding, places }, whole }: { group: Group; whole: Preparation }) {
	const [isOpen, setOpen] = useState(false)
	const { what, next } = findingWords(finding)
	const { tone, word, icon } = LOOKS[weightOf(finding)]
	return (
		<>
			<button type="button" className={classes.row} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
				<IconChevronRight size={14} className={classes.chevron} aria-hidden />
				<span className={classes.weight}>
					<Tag tone={tone} icon={icon}>
						{word}
					</Tag>
				</span>
				<strong className={classes.count}>{count(places.length, "appliance")}</strong>
				<span className={classes.text}>{what}</span>
			</button>
			{isOpen && (
				<div className={classes.opened}>
					<p className={classes.next}>{next}</p>
					<Names names={places.map((place) => whole.appliances[place]?.name ?? "")} label="Where" />
				</div>
			)}
		</>
	)
}
