// A desktop that rolls one version out to many SSH servers (`many-ssh-servers.ts`) and exits; run by the bench `rollout-many`, which
// reads its memory.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { createServices } from "../../../core/fleet/services.ts"
import { projectFolder } from "../../support/appliances/paths.ts"
import { writeModule } from "../../support/module-folder.ts"

const AT_ONCE = 100

const [folder = ""] = process.argv.slice(2)
const services = await createServices({
	...{ dataFolder: join(folder, "data"), host: "cli", version: "0.0.0", asks: false },
	...{ knownHosts: join(folder, "known_hosts"), runnerBundle: join(projectFolder, "dist/runner/hotfix-runner.cjs") },
})
const module = await writeModule(join(folder, "hotfix"), [
	{ id: "web", files: { "/srv/web": "x\n" }, closure: ["true"] },
])
const ports: number[] = JSON.parse(readFileSync(join(folder, "ports.json"), "utf8"))
const signIn = { method: "key" as const, path: join(folder, "id_ed25519") }
const applianceIds = ports.map((port) => {
	const address = { name: `appliance-${port}`, host: "127.0.0.1", port, user: "root" }
	return services.appliances.save({ ...address, signIn, become: "none", tags: [], notes: "" }).id
})
const { id } = await services.rollouts.start({
	...{ folder: module, applianceIds, force: false, allowDowngrade: false },
	policy: {
		...{ waves: [{ count: 1 }, { percent: 5 }], gate: { kind: "none" }, atOnce: AT_ONCE, perJump: AT_ONCE },
		budget: { wave: { count: 1 }, whole: { count: 1 } },
		unreachable: { budget: { count: 1 }, retrySeconds: 60, expireSeconds: 600 },
	},
})
let most = 0
for await (const { status, targets } of services.rollouts.follow(id)) {
	most = Math.max(most, targets.filter(({ standing }) => standing.state === "started").length)
	if (status.state !== "running") break
}
const applied = services.rollouts.get(id).targets.filter(({ applied }) => applied.length === 1).length
await services.close()
if (applied !== ports.length || most > AT_ONCE)
	throw new Error(`${applied} of ${ports.length} were applied, at most ${most} at once`)
