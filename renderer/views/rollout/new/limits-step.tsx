import { NumberInput } from "@mantine/core"
import type { Budget } from "../../../../core/schema/rollout.ts"
import { budgetWords, failureWords, secondsWords } from "../../../../core/schema/rollout-words.ts"
import { Panel } from "../../../components/panel.tsx"
import { useApp, useRolloutDraft } from "../../../stores/context.ts"
import classes from "./new.module.css"
import { WholeNumber } from "./whole-number.tsx"

const MOST_AT_ONCE = 500
const MINUTE = 60
const HOUR = 3600

/** When it stops by itself, and how much goes on at the same time. `total`: of the appliances that are chosen. */
export function LimitsStep({ total }: { total: number }) {
	const { rolloutDraft } = useApp()
	const { budget, unreachable, atOnce, perJump } = useRolloutDraft().policy
	const change = rolloutDraft.changePolicy
	return (
		<Panel title="Limits" note="One degraded appliance always stops it" label="Limits">
			<div className={classes.step}>
				<Limit
					name="Failed, in all"
					budget={budget.whole}
					words={failureWords(budget.whole, total)}
					onChange={(whole) => change({ budget: { ...budget, whole } })}
				/>
				<Limit
					name="Failed, in one wave"
					budget={budget.wave}
					words={failureWords(budget.wave, undefined)}
					onChange={(wave) => change({ budget: { ...budget, wave } })}
				/>
				<Limit
					name="Not reached"
					budget={unreachable.budget}
					words={budgetWords(unreachable.budget, total, "not reached")}
					onChange={(budget) => change({ unreachable: { ...unreachable, budget } })}
				/>
				<div className={classes.row}>
					<span className={classes.label}>Those are tried again every</span>
					<WholeNumber
						label="Minutes between attempts"
						value={Math.max(1, Math.round(unreachable.retrySeconds / MINUTE))}
						suffix=" min"
						onChange={(minutes) => change({ unreachable: { ...unreachable, retrySeconds: minutes * MINUTE } })}
					/>
					<span>and given up after</span>
					<WholeNumber
						label="Hours until one is given up"
						value={Math.max(1, Math.round(unreachable.expireSeconds / HOUR))}
						suffix=" h"
						onChange={(hours) => change({ unreachable: { ...unreachable, expireSeconds: hours * HOUR } })}
					/>
					<span className={classes.soft}>{secondsWords(unreachable.expireSeconds)}</span>
				</div>
				<div className={classes.row}>
					<span className={classes.label}>At the same time</span>
					<WholeNumber
						label="At the same time"
						value={atOnce}
						max={MOST_AT_ONCE}
						onChange={(atOnce) => change({ atOnce })}
					/>
					<span>behind one jump host</span>
					<WholeNumber
						label="Behind one jump host"
						value={perJump}
						max={MOST_AT_ONCE}
						onChange={(perJump) => change({ perJump })}
					/>
				</div>
			</div>
		</Panel>
	)
}

interface LimitProps {
	name: string
	budget: Budget
	/** What it means. */
	words: string
	onChange(budget: Budget): void
}

/** A number, a part of all, both, or none: an empty field names no limit. */
function Limit({ name, budget, words, onChange }: LimitProps) {
	const set = (key: keyof Budget, value: string | number) => {
		const { [key]: _, ...rest } = budget
		if (value === "") onChange(rest)
		else if (Number(value) > 0) onChange({ ...rest, [key]: Number(value) })
	}
	return (
		<div className={classes.row}>
			<span className={classes.label}>{name}</span>
			<NumberInput
				className={classes.number}
				aria-label={`${name}: number`}
				placeholder="any"
				value={budget.count ?? ""}
				min={1}
				allowDecimal={false}
				allowNegative={false}
				onChange={(value) => set("count", value)}
			/>
			<span>or</span>
			<NumberInput
				className={classes.number}
				aria-label={`${name}: percent`}
				placeholder="any"
				suffix=" %"
				value={budget.percent ?? ""}
				min={0.1}
				max={100}
				allowNegative={false}
				onChange={(value) => set("percent", value)}
			/>
			<span className={classes.soft}>{words}</span>
		</div>
	)
}
