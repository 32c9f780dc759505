import { Button } from "@mantine/core"
import classes from "./editor.module.css"
import { useRun } from "./editor-head.tsx"

/** The place to try a pool from; `pool` is its index. */
export function TryPanel({ pool }: { pool: number }) {
	const run = useRun()
	return (
		<section className={classes.block} aria-label="Try it" data-pool={pool}>
			<h3 className={classes.blockTitle}>
				Try it <span className={classes.hint}>on one appliance first; the module is saved before</span>
			</h3>
			<Button variant="default" onClick={() => void run()}>
				Plan and run …
			</Button>
		</section>
	)
}
