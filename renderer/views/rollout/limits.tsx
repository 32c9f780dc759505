import type { RolloutPolicy } from "../../../core/schema/rollout.ts"
import { policyRows } from "../../../core/schema/rollout-words.ts"
import classes from "./rollout.module.css"

/** What the limits of a rollout mean for so many appliances, in words and numbers. */
export function Limits({ policy, total }: { policy: RolloutPolicy; total: number }) {
	return (
		<dl className={classes.limits}>
			{policyRows(policy, total).map(([name, words]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{words}</dd>
				</div>
			))}
		</dl>
	)
}
