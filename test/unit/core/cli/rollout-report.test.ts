import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { openStore } from "../../../../core/fleet/store/store.ts"
import { callHotfix } from "../../../support/in-process.ts"
import { makeAppliance, makeRun } from "../fleet/make.ts"
import { makeRollout } from "../fleet/rollout/rollouts.ts"

const data = mkdtempSync(join(tmpdir(), "hotfix-report-"))
const file = (name: string) => join(data, name)
const report = (...args: string[]) => callHotfix(["rollout", "report", ...args, "--data", data])

beforeAll(() => {
	const rollout = makeRollout([0, 1])
	const [kitchen, bakery] = rollout.targets
	if (!kitchen || !bakery) throw new Error("cannot happen: two appliances were asked for")
	kitchen.standing = { state: "ended", run: "run-1", outcome: "failed" }
	bakery.standing = { state: "skipped" }
	const store = openStore(data, () => {})
	store.rollouts.add({ ...rollout, status: { state: "halted" } }, [makeAppliance(), makeAppliance()], "somebody")
	store.runs.save(makeRun({ id: "run-1" }), null)
	store.runs.savePool({
		...{ runId: "run-1", applianceId: "a", applianceName: "A", moduleName: "hotfix", moduleVersion: "1.0.0" },
		...{ pool: "web", kind: "apply", outcome: "failed", finishedAt: "2026-11-28T00:00:00.000Z", durationMs: 7 },
		reason: { phase: "closure", message: "exit 3", command: "systemctl restart web", exit: 3 },
	})
	store.close()
})
afterAll(() => rmSync(data, { recursive: true, force: true }))

test("both files at once, each with what the desktop knows", async () => {
	expect(await report("roll", "--html", file("report.html"), "--jsonl", file("report.jsonl"))).toEqual({
		...{ exit: 0, stdout: "", stderr: "" },
	})
	const page = readFileSync(file("report.html"), "utf8")
	for (const words of ["Why it failed", "systemctl restart web", "web failed", "Skipped"]) expect(page).toContain(words)
	const lines = readFileSync(file("report.jsonl"), "utf8")
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line))
	expect(lines.map(({ type }) => type)).toEqual(["rollout", "appliance", "appliance", "pool"])
	expect(lines[3]).toMatchObject({ rollout: "rollout", pool: "web", outcome: "failed" })
})

test("a file that is there stays, and one that cannot be written is told", async () => {
	const before = readFileSync(file("report.html"), "utf8")
	const again = await report("rollout", "--html", file("report.html"))
	expect(again).toMatchObject({ exit: 2, stderr: expect.stringContaining("is there already: name another file") })
	expect(readFileSync(file("report.html"), "utf8")).toBe(before)
	const nowhere = await report("rollout", "--jsonl", file("none/report.jsonl"))
	expect(nowhere).toMatchObject({ exit: 2, stderr: expect.stringContaining("cannot write") })
})

test("a rollout that there is not", async () => {
	expect(await report("other")).toMatchObject({ exit: 2, stderr: expect.stringContaining("no such rollout: other") })
})
