import { useMemo } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { useDesktop } from "../../stores/context.ts"

/** The runs of one batch, in the order in which they were asked for. */
export function useShallowRuns(batch: string): DesktopRun[] {
	const runs = useDesktop((desktop) => desktop.state?.runs)
	return useMemo(() => (runs ?? []).filter((run) => run.batch === batch).reverse(), [runs, batch])
}
