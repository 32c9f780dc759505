import { useTheirNow } from "../../components/time.tsx"
import { phaseTimes } from "../../stores/phase-times.ts"
import type { PoolView } from "../../stores/run-view.ts"
import classes from "./live.module.css"
import { stateOf } from "./phase-words.ts"

const EVERY_MS = 250

/** A pool's phases to scale, where and how long; the words below it say the same. */
export function PhaseBar({ view, going }: { view: PoolView; going: boolean }) {
	const now = useTheirNow(EVERY_MS, going)
	return (
		<div className={classes.phaseBar} aria-hidden>
			{phaseTimes(view, now).map((time, index) => (
				<span
					// biome-ignore lint/suspicious/noArrayIndexKey: a phase may come twice, its place is its identity
					key={index}
					className={classes.phasePart}
					data-state={stateOf(time.view, going)}
					data-phase={time.view.phase}
					style={{ left: `${time.from * 100}%`, width: `${time.share * 100}%` }}
				/>
			))}
		</div>
	)
}
