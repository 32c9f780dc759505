import { execFileSync } from "node:child_process"
import { chmodSync, chownSync, linkSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { planModule } from "../../../../core/engine/plan.ts"
import { type Applied, createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("etc/profile", "root's")
	mkdirSync(bench.path("logs"))
})
afterEach(() => bench.remove())

const isRoot = process.geteuid?.() === 0
const bob = (name: string) => chownSync(bench.path(name), 65534, 65534)
const pools = [{ id: "p", files: { "app/conf": "new" } }]
const warnings = ({ events }: Applied) => events.flatMap((event) => (event.type === "warning" ? [event.message] : []))
const apply = () => {
	bench.options.logFile = bench.path("logs/update.log")
	return bench.apply({ pools })
}

test("a link to the log that root made where only root can is followed", async () => {
	symlinkSync("../etc/profile", bench.path("logs/update.log"))
	expect(warnings(await apply())).toEqual([])
	expect(bench.read("etc/profile")).toContain("run-")
})

test.skipIf(!isRoot)("a log that leads to another file in a folder of a user is not written (needs root)", async () => {
	symlinkSync("../etc/profile", bench.path("logs/update.log"))
	bob("logs")
	expect(warnings(await apply()).join()).toContain("is a link that others on the appliance can have made")
	expect(bench.read("etc/profile")).toBe("root's")
})

test.skipIf(!isRoot)("nor is another name of root's file, nor a folder's link on the way (needs root)", async () => {
	linkSync(bench.path("etc/profile"), bench.path("logs/update.log"))
	bob("logs")
	expect(warnings(await apply()).join()).toContain("it has another name")
	execFileSync("sh", [
		"-c",
		`cd ${bench.path("logs")} && rm update.log && mkdir sub && cd .. && mv logs old && ln -s etc logs`,
	])
	execFileSync("chown", ["-h", "65534", bench.path("logs")])
	bench.write("etc/update.log", "root's")
	expect(warnings(await apply()).join()).toContain("is a link that others")
	expect([bench.read("etc/update.log"), bench.read("etc/profile")]).toEqual(["root's", "root's"])
})

test("a log that is a pipe stops nothing", async () => {
	execFileSync("mkfifo", [bench.path("logs/update.log")])
	const applied = await apply()
	expect([applied.outcomes.p, warnings(applied).length]).toEqual(["applied", 1])
})

test.skipIf(!isRoot)("a log in a user's own folder is written (needs root)", async () => {
	bob("logs")
	await apply()
	expect(readFileSync(bench.path("logs/update.log"), "utf8")).toContain("pool p: applied")
})

test.skipIf(!isRoot)("a folder that a user owns is warned of, by plan and run (needs root)", async () => {
	bench.write("app/conf", "old")
	bob("app")
	const said = `others on the appliance can exchange what lies in ${bench.path("app")}`
	const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const
	const plan = await planModule(bench.host, bench.options, bench.module({ pools }), request)
	expect(plan.pools[0]).toMatchObject({ would: "apply", warnings: [expect.stringContaining(said)] })
	const applied = await apply()
	expect([applied.outcomes.p, warnings(applied)]).toEqual(["applied", [expect.stringContaining(said)]])
})

test.each([
	[0o755, 0],
	[0o777, 1],
	[0o1777, 0],
])("a folder of mode %o gives %i warnings", async (mode, count) => {
	bench.write("app/conf", "old")
	chmodSync(bench.path("app"), mode)
	expect(warnings(await apply())).toHaveLength(count)
})
