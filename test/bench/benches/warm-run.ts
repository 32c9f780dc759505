import { createWarmRun } from "../fleet/warm-run.ts"

export const bench = createWarmRun("warm-run", 0)
