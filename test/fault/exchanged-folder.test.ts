import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createWorkbench, readTree, type Workbench } from "../unit/core/engine/workbench.ts"
import { createFaultyHost } from "./faulty-host.ts"

/** Hundreds of runs; a machine may be busy with other things. */
const LIMIT = 1_200_000

/**
 * `app` belongs to a user, `etc` to root. Before every single call the user gives his folder's name to a link to root's,
 * for good or for one call only. Nothing may be done in root's folder, and nothing of it may come into his.
 */
let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

const files = { "bob/app/start.sh": "mended", "bob/app/new.sh": "new", "bob/app/made/new.sh": "new" }

test.each([false, true])(
	"a folder exchanged before any call, only until the next: %s",
	async (isBrief) => {
		const [app, etc] = [bench.path("bob/app"), bench.path("etc")]
		for (let call = 1, isDone = false; !isDone; call++) {
			const before = makeFiles()
			let calls = 0
			const exchange = () => {
				calls++
				if (calls === call) {
					renameSync(app, `${app}.old`)
					symlinkSync(etc, app)
				}
				if (isBrief && calls === call + 1) {
					unlinkSync(app)
					renameSync(`${app}.old`, app)
				}
			}
			bench.host = createFaultyHost({ before: exchange }, (command) => (command === "false" ? 1 : 0))
			await bench.apply({ pools: [{ id: "p", files, closure: ["false"] }] })
			expect(readTree(etc), `exchanged before call ${call}`).toEqual(before)
			const own = existsSync(`${app}.old`) ? `${app}.old` : app
			expect(readFileSync(`${own}/start.sh`, "utf8"), `exchanged before call ${call}`).not.toContain("secret")
			isDone = calls < call
		}
	},
	LIMIT,
)

function makeFiles(): Record<string, string> {
	rmSync(bench.path("."), { recursive: true, force: true })
	rmSync(bench.options.stateFolder, { recursive: true, force: true })
	bench.write("bob/app/start.sh", "bob's")
	bench.write("etc/start.sh", "root's secret", 0o600)
	bench.write("etc/new.sh", "root's", 0o600)
	return readTree(bench.path("etc"))
}
