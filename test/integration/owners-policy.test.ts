import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { collectOutput } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"

const runner = join(projectFolder, "dist/runner/hotfix-runner.cjs")
const isRoot = process.getuid?.() === 0

let base: string
beforeAll(() => {
	base = mkdtempSync(join(tmpdir(), "hotfix-policy-"))
	for (const folder of ["appliance", "denied", "module/src"]) mkdirSync(join(base, folder), { recursive: true })
	writeFileSync(join(base, "appliance/open"), "old")
	writeFileSync(join(base, "denied/file"), "old")
	symlinkSync(join(base, "denied/file"), join(base, "appliance/link"))
	writeFileSync(join(base, "module/src/new"), "new")
	const pool = (id: string, name: string) => ({
		id,
		operations: [{ target: "new", destination: join(base, "appliance", name) }],
		closure: ["true"],
	})
	const index = { metadata: { schema_version: "1.0.0" }, pools: [pool("open", "open"), pool("link", "link")] }
	writeFileSync(join(base, "module/index.json"), JSON.stringify(index))
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const read = (name: string) => readFileSync(join(base, name), "utf8")
const common = () => ["--state", join(base, "state"), "--log", join(base, "update.log")]

/** The built runner where `/etc/hotfix/policy.json` says so: in a mount namespace of its own, `/etc` with a layer above. */
const withPolicy = `
	mount -t tmpfs none /mnt && mkdir /mnt/upper /mnt/work &&
	mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work overlay /etc &&
	mkdir -p /etc/hotfix && printf %s "$1" > /etc/hotfix/policy.json && shift && exec "$@"`

function run(policy: string, ...args: string[]) {
	const command = [process.execPath, runner, ...args, ...common()]
	return collectOutput(spawn("unshare", ["--mount", "sh", "-c", withPolicy, "sh", policy, ...command]))
}

test.skipIf(!isRoot)(
	"the appliance's policy holds the built runner, and leaves the way back (needs root)",
	async () => {
		const module = ["--module", join(base, "module")]
		const policy = JSON.stringify({ version: 1, deny: [join(base, "denied")] })
		const denied = `/etc/hotfix/policy.json denies ${join(base, "denied/file")} ($.deny[0])`

		const planned = await run(policy, "plan", ...module)
		expect([planned.status, planned.stdout]).toEqual([0, expect.stringContaining(denied)])
		const applied = await run(policy, "apply", ...module)
		expect([applied.status, applied.stdout]).toEqual([1, expect.stringContaining(denied)])
		expect([read("appliance/open"), read("denied/file")]).toEqual(["new", "old"])

		const faulty = '{"version": 1,\n "forbid": []}'
		const refused = await run(faulty, "rehearse", ...module)
		expect([refused.status, refused.stdout]).toEqual([1, expect.stringContaining("policy.json:2:12: $.forbid: ")])
		const rooted = await run(policy, "apply", ...module, "--root", "/")
		expect([rooted.status, rooted.stderr]).toEqual([2, expect.stringContaining("Leave --root out")])
		const reverted = await run(faulty, "revert", "--pool", "open")
		expect([reverted.status, read("appliance/open")]).toEqual([0, "old"])
	},
	60_000,
)

test.skipIf(!isRoot)(
	"history --verify says whether those runs are as they were recorded (needs root)",
	async () => {
		const verify = (...more: string[]) => run("{}", "history", "--verify", ...more)
		const whole = await verify()
		expect([whole.status, whole.stdout]).toEqual([
			0,
			expect.stringMatching(/^the history is as it was written\n3 records/),
		])
		// By its number: the ids of runs within a second are in no order.
		const numberOf = (run: string) => JSON.parse(read(`state/runs/${run}/record.json`)).link.number
		const first = readdirSync(join(base, "state/runs")).find((run) => numberOf(run) === 1) ?? ""
		const record = `state/runs/${first}/record.json`
		writeFileSync(join(base, record), read(record).replace('"denied"', '"allowed"').concat(" "))
		const broken = await verify("--json")
		expect([broken.status, JSON.parse(broken.stdout)]).toEqual([
			1,
			expect.objectContaining({ state: "broken", faults: [expect.stringContaining(`(run ${first}) was changed`)] }),
		])
		expect((await verify("--pool", "open")).status).toBe(2)
		rmSync(join(base, "state/runs", first), { recursive: true })
		const cut = await verify()
		expect([cut.status, cut.stdout]).toEqual([3, expect.stringContaining("before record 2 is not known\n2 records")])
	},
	60_000,
)
