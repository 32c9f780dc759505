import { expect, test } from "vitest"
import { runSoak } from "../soak/soak.ts"

/** `npm run soak` does the same thousands of times. */
test("100 real kills: all new or all exactly as before, whatever was killed when", async () => {
	const result = await runSoak({ kills: 100, seed: 20_261_123 })
	if (!result.ok) throw new Error(`kept in ${result.folder}:\n${result.report.join("\n")}`)
	expect(result.tally.kills).toBeGreaterThanOrEqual(100)
	const hit = result.tally.hit()
	for (const place of ["preflight", "backup", "apply", "closure", "restore"]) expect(hit).toContain(place)
}, 900_000)
