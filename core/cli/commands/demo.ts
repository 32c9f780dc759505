import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { EXIT } from "../../schema/outcome.ts"
import { paint } from "../terminal.ts"
import { withServices } from "../with-services.ts"
import { followRuns } from "./run.ts"

interface DemoOptions {
	data?: string
	json?: boolean
}

const STORY = `
Three appliances that live inside this program. On all three the web service
needs a fix. The owner of the second has changed a file, so that one pool cannot
work there; the third is switched off.
`

/** `hotfix demo`: the main job on the embedded appliances (DESIGN §9). Exit 0 when it went as the story says. */
export async function demo(options: DemoOptions): Promise<number> {
	const folder = options.data ?? (await mkdtemp(join(tmpdir(), "hotfix-demo-")))
	try {
		return await withServices({ data: folder, sshConfig: "none" }, async (services) => {
			if (!options.json) console.log(paint("dim", STORY))
			const { appliances, folder: module } = await services.appliances.addDemo()
			const applianceIds = appliances.map(({ id }) => id)
			const runs = await followRuns(
				services,
				await services.runs.start({ folder: module, applianceIds }),
				options.json ?? false,
			)
			const states = runs.map((run) => (run.state === "finished" ? run.outcome : run.state)).join(" ")
			const asTold = states === "applied failed not-started"
			if (!options.json) console.log(asTold ? ENDING : `\nThis is not how the demo should end: ${states}`)
			return asTold ? EXIT.ok : EXIT.failed
		})
	} finally {
		if (!options.data) await rm(folder, { recursive: true, force: true })
	}
}

const ENDING = `
The first is repaired. On the second the pool that could not work was put back,
file by file, and its service runs as before; the other pool was applied. The
third was not reached and nothing happened to it.

Next: \`npm start\` opens the app; \`node dist/cli/hotfix.js run MODULE --on root@HOST\` repairs a real appliance.`
