import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test, vi } from "vitest"
import { knownEventSchema, type RunEvent } from "../../../../core/schema/event.ts"
import { historyRunSchema, statusSchema } from "../../../../core/schema/history.ts"
import { planSchema } from "../../../../core/schema/plan.ts"
import { isThere, jsonLines, makeAppliance, type SamplePool, until } from "./run-bundle.ts"

const events = (text: string): RunEvent[] => jsonLines(text).map((line) => knownEventSchema.parse(line))

// Each test starts the program several times, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 60_000 })

/** One pool with one file, proved by looking into it. */
const onePool = (content = "new\n", closure = ["true"]) => [{ id: "p", files: { "a.conf": content }, closure }]

/** A pool that waits while our file stands, and until the gate is open. */
const slowPool = (folder: string) => [
	{
		id: "slow",
		files: { "a.conf": "ours\n" },
		closure: [
			`touch ${folder}/begun`,
			`while grep -q ours ${folder}/a.conf && [ ! -e ${folder}/gate ]; do sleep 0.05; done`,
		],
	},
]

test("--version and --help", async () => {
	const { run } = await makeAppliance()
	const { version } = JSON.parse(await readFile(new URL("../../../../package.json", import.meta.url), "utf8"))
	expect(await run("--version")).toMatchObject({ exit: 0, stdout: `${version}\n`, stderr: "" })
	expect(await run("apply", "--help")).toMatchObject({ exit: 0, stdout: expect.stringContaining("hotfix-runner:") })
})

test("plan writes nothing, for a person or as JSON", async () => {
	const { run, module, state, at, has } = await makeAppliance()
	const folder = await module("1.0.0", onePool())
	const text = await run("plan", "--module", folder)
	expect(text).toMatchObject({ exit: 0, stderr: "" })
	expect(text.stdout).toContain(`create  ${at("a.conf")}`)
	const [plan] = jsonLines((await run("plan", "--module", folder, "--json")).stdout)
	expect(planSchema.parse(plan).pools[0]?.would).toBe("apply")
	expect(await isThere(state)).toBe(false)
	expect(await has("a.conf")).toBe(false)
})

test("apply: 0, and 0 again where nothing is to do", async () => {
	const { run, module, read, log } = await makeAppliance()
	const folder = await module("1.0.0", onePool(), ["true"])
	const first = await run("apply", "--module", folder)
	expect(first).toMatchObject({ exit: 0, stderr: "" })
	expect(await read("a.conf")).toBe("new\n")
	// What is printed is what the standard log has; each takes the time for itself, so it may be another second.
	const last =
		first.stdout
			.trim()
			.split("\n")
			.at(-1)
			?.replace(/^\[[^\]]*\] /, "") ?? ""
	expect(last).toMatch(/^\[INFO\] ./)
	expect(await log()).toContain(last)
	const second = await run("apply", "--module", folder, "--events", "-")
	expect(second.exit).toBe(0)
	expect(events(second.stdout).at(-1)).toMatchObject({ type: "run-finished", outcome: "unchanged" })
})

test("events: numbered, one JSON object a line, on standard output or in a file", async () => {
	const { run, module, base } = await makeAppliance()
	const folder = await module("1.0.0", onePool("new\n", ["echo proved"]))
	const { stdout, stderr } = await run("apply", "--module", folder, "--events", "-")
	const seen = events(stdout)
	expect(stderr).toBe("")
	expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1))
	expect(seen[0]?.type).toBe("run-started")
	expect(seen.at(-1)?.type).toBe("run-finished")
	await run("apply", "--module", folder, "--force", "--events", join(base, "events.jsonl"))
	expect(events(await readFile(join(base, "events.jsonl"), "utf8")).at(-1)).toMatchObject({ outcome: "applied" })
})

test("1: a pool failed and is as it was; the next went on", async () => {
	const { run, module, folder, read, write, has } = await makeAppliance()
	await write("a.conf", "customer's\n")
	const pools: SamplePool[] = [
		{ id: "bad", files: { "a.conf": "ours\n", "made/b.conf": "ours\n" }, closure: [`! grep -q ours ${folder}/a.conf`] },
		{ id: "good", files: { "c.conf": "ours\n" }, closure: ["true"] },
	]
	expect(await run("apply", "--module", await module("1.0.0", pools))).toMatchObject({ exit: 1, stderr: "" })
	expect([await read("a.conf"), await read("c.conf")]).toEqual(["customer's\n", "ours\n"])
	expect(await has("made")).toBe(false)
})

test("3: a pool is degraded when the way back does not prove itself", async () => {
	const { run, module } = await makeAppliance()
	expect((await run("apply", "--module", await module("1.0.0", onePool("new\n", ["false"])))).exit).toBe(3)
})

test("5: all pools applied, the final closure failed", async () => {
	const { run, module, read } = await makeAppliance()
	expect((await run("apply", "--module", await module("1.0.0", onePool(), ["false"]))).exit).toBe(5)
	expect(await read("a.conf")).toBe("new\n")
})

test("2: refused as a whole, with what to do; nothing is touched", async () => {
	const { run, module, read } = await makeAppliance()
	await run("apply", "--module", await module("1.1.0", onePool()))
	const lower = await module("1.0.0", onePool("old\n"))
	const refused = await run("apply", "--module", lower)
	expect(refused).toMatchObject({ exit: 2, stdout: "" })
	expect(refused.stderr).toContain("1.1.0")
	expect((await run("plan", "--module", lower)).exit).toBe(2)
	const other = await module("1.1.0", onePool("other\n"))
	expect(await run("apply", "--module", other)).toMatchObject({ exit: 2, stdout: "" })
	expect(await run("apply", "--module", lower, "--pool", "none")).toMatchObject({ exit: 2, stdout: "" })
	expect(await read("a.conf")).toBe("new\n")
	expect((await run("apply", "--module", lower, "--allow-downgrade")).exit).toBe(0)
	expect(await read("a.conf")).toBe("old\n")
})

test("4: another run is going on; who and since when is said", async () => {
	const { run, start, module, folder, has, write, read } = await makeAppliance()
	const slow = await module("1.0.0", slowPool(folder))
	const first = start("apply", "--module", slow, "--events", "-")
	await until(() => has("begun"))
	const { running } = statusSchema.parse(jsonLines((await run("status", "--json")).stdout)[0])
	const second = await run("apply", "--module", slow)
	expect(second).toMatchObject({ exit: 4, stdout: "" })
	expect(second.stderr).toContain("at the command line")
	expect(running?.run).toBeDefined()
	expect((await run("recover")).exit).toBe(4)
	await write("gate", "")
	expect((await first.ended).exit).toBe(0)
	expect(await read("a.conf")).toBe("ours\n")
})

test("Ctrl-C or SIGTERM: the run stops at its next safe point and its open pool is put back", async () => {
	const { start, module, folder, has, write, read } = await makeAppliance()
	await write("a.conf", "customer's\n")
	const { child, ended } = start("apply", "--module", await module("1.0.0", slowPool(folder)))
	await until(() => has("begun"))
	child.kill("SIGTERM")
	expect((await ended).exit).toBe(1)
	expect(await read("a.conf")).toBe("customer's\n")
})

test("a closed terminal changes nothing: the run goes on to its end", async () => {
	const { start, module, folder, has, write, read } = await makeAppliance()
	const { child, ended } = start("apply", "--module", await module("1.0.0", slowPool(folder)))
	await until(() => has("begun"))
	child.stdout?.destroy()
	child.stderr?.destroy()
	child.kill("SIGHUP")
	await write("gate", "")
	expect((await ended).exit).toBe(0)
	expect(await read("a.conf")).toBe("ours\n")
})

test("killed in the middle: attach and status say so, recover puts it back, its record is whole", async () => {
	const { run, start, module, folder, has, write, read } = await makeAppliance()
	await write("a.conf", "customer's\n")
	const { child, ended } = start("apply", "--module", await module("1.0.0", slowPool(folder)))
	await until(() => has("begun"))
	child.kill("SIGKILL")
	await ended
	const { interrupted } = statusSchema.parse(jsonLines((await run("status", "--json")).stdout)[0])
	expect(interrupted).toHaveLength(1)
	expect((await run("status")).stdout).toContain("hotfix-runner recover")
	expect(await read("a.conf")).toBe("ours\n")
	const recovered = await run("recover", "--json")
	expect(recovered).toMatchObject({ exit: 1, stderr: "" })
	expect(jsonLines(recovered.stdout)).toEqual([{ runs: [{ run: interrupted[0], outcome: "failed" }] }])
	expect(await read("a.conf")).toBe("customer's\n")
	const attached = await run("attach", "--run", interrupted[0] ?? "", "--events", "-")
	expect(attached.exit).toBe(1)
	const seen = events(attached.stdout)
	expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1))
	expect(seen.at(-1)).toMatchObject({ type: "run-finished", interrupted: true })
	expect(await run("recover")).toMatchObject({ exit: 0, stdout: "no run was left open\n" })
})

test("5: killed in its final closure, the pools stay applied and nobody says that the system was proved", async () => {
	const { run, start, module, folder, has } = await makeAppliance()
	const final = [`touch ${folder}/begun; sleep 60`]
	const { child, ended } = start("apply", "--module", await module("1.0.0", onePool(), final))
	await until(() => has("begun"))
	child.kill("SIGKILL")
	await ended
	const recovered = await run("recover")
	expect(recovered).toMatchObject({ exit: 5, stderr: "" })
	expect(recovered.stdout).toMatch(/run (.*): applied, final closure failed\n$/)
	const [id = ""] = jsonLines((await run("history", "--json")).stdout).map((line) => historyRunSchema.parse(line).run)
	expect((await run("attach", "--run", id)).exit).toBe(5)
})

test("history, attach and revert", async () => {
	const { run, module, read, write } = await makeAppliance()
	await write("a.conf", "customer's\n")
	await run("apply", "--module", await module("1.0.0", onePool()))
	const [line] = jsonLines((await run("history", "--json")).stdout)
	const { run: id, by } = historyRunSchema.parse(line)
	expect(by).toContain("at the command line")
	expect((await run("history")).stdout).toContain(id)
	const rest = events((await run("attach", "--run", id, "--after", "2", "--events", "-")).stdout)
	expect(rest[0]?.seq).toBe(3)
	expect((await run("revert", "--pool", "p")).exit).toBe(0)
	expect(await read("a.conf")).toBe("customer's\n")
	expect((await run("history", "--pool", "p", "--json")).stdout.split("\n").filter(Boolean)).toHaveLength(2)
})

test("rehearse proves fix and way back, and leaves everything as it was", async () => {
	const { run, module, read, write } = await makeAppliance()
	await write("a.conf", "customer's\n")
	const ended = await run("rehearse", "--module", await module("1.0.0", onePool()))
	expect(ended.stderr).toBe("")
	expect(await read("a.conf")).toBe("customer's\n")
})

test("rehearse --modify proves the way back on changed files, and leaves everything as it was", async () => {
	const { run, module, read, write } = await makeAppliance()
	await write("a.conf", "customer's\n")
	const ended = await run("rehearse", "--modify", "--module", await module("1.0.0", onePool()), "--events", "-")
	expect(ended).toMatchObject({ exit: 0, stderr: "" })
	expect(ended.stdout.match(/"action":"changed"/g)).toHaveLength(1)
	expect(await read("a.conf")).toBe("customer's\n")
})
