import { countWords, type StandingCount } from "../../../core/schema/rollout-words.ts"
import { toned } from "../../components/outcome.tsx"
import classes from "./rollout.module.css"
import { looks, StandingTag } from "./standing-look.tsx"

/** From the end that is reached to what is still to come, as a bar is filled. */
const order = (counts: readonly StandingCount[]) => [...counts].filter(({ word }) => word !== "waiting").reverse()

/** How many stand how, as a bar; what waits is what is empty of it. The words are in its label, and beside it. */
export function ProgressBar({ counts, label }: { counts: readonly StandingCount[]; label: string }) {
	const total = counts.reduce((sum, { count }) => sum + count, 0)
	const words = countWords(counts)
	return (
		<div className={classes.bar} role="img" aria-label={`${label}: ${words}`} title={words}>
			{order(counts).map(({ word, count }) => (
				<span
					key={word}
					className={`${classes.piece} ${toned}`}
					data-tone={looks[word].tone}
					data-live={looks[word].tone === "live" || undefined}
					style={{ width: `${(count / total) * 100}%` }}
				/>
			))}
		</div>
	)
}

/** The same in words: what needs a person first. */
export function Standings({ counts }: { counts: readonly StandingCount[] }) {
	return (
		<ul className={classes.standings} aria-label="How appliances stand">
			{counts.map(({ word, count }) => (
				<li key={word}>
					<StandingTag word={word} number={count} />
				</li>
			))}
		</ul>
	)
}
