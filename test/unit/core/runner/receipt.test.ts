import { execFile } from "node:child_process"
import { readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test, vi } from "vitest"
import { makeAppliance } from "./run-bundle.ts"

vi.setConfig({ testTimeout: 60_000 })

/** A line of a receipt, typed at the appliance as it stands. */
function type(line: string): Promise<{ exit: number; stdout: string; stderr: string }> {
	return new Promise((resolve) => {
		execFile("/bin/sh", ["-c", line], { cwd: "/", env: { PATH: "/usr/bin:/bin" } }, (error, stdout, stderr) =>
			resolve({ exit: Number(error?.code ?? 0), stdout, stderr }),
		)
	})
}

test("every command of a receipt works as it is printed, and the last of them undoes the run", async () => {
	const appliance = await makeAppliance()
	await appliance.write("a.conf", "old")
	const pools = [{ id: "p", files: { "a.conf": "new", "made/b.conf": "new" }, closure: ["true"] }]
	expect((await appliance.run("apply", "--module", await appliance.module("1.0.0", pools))).exit).toBe(0)
	expect(await appliance.read("a.conf")).toBe("new")

	const [name = ""] = await readdir(join(appliance.state, "receipts"))
	const text = await readFile(join(appliance.state, "receipts", name), "utf8")
	const commands = text.split("\n").filter((line) => line.includes("hotfix-runner.cjs ") && line.startsWith("  "))
	const [undo = "", ...others] = commands
	expect(commands.map((line) => /cjs (\w+)/.exec(line)?.[1])).toEqual([
		"revert",
		"status",
		"history",
		"attach",
		"recover",
	])
	for (const line of others) expect(await type(line)).toMatchObject({ exit: 0, stderr: "" })
	expect(await type(undo)).toMatchObject({ exit: 0, stderr: "" })
	expect(await appliance.read("a.conf")).toBe("old")
	expect(await appliance.has("made")).toBe(false)
})

test("what to do about a degraded pool, done as the receipt says", async () => {
	const appliance = await makeAppliance()
	await appliance.write("a.conf", "old")
	// It works on neither: not with the new file, and not with the old one, until the cause is removed.
	const pools = [{ id: "p", files: { "a.conf": "new" }, closure: [`test ! -e ${appliance.at("cause")}`] }]
	await writeFile(appliance.at("cause"), "")
	expect((await appliance.run("apply", "--module", await appliance.module("1.0.0", pools))).exit).toBe(3)
	const [name = ""] = await readdir(join(appliance.state, "receipts"))
	const text = await readFile(join(appliance.state, "receipts", name), "utf8")
	expect(text).toMatch(/^A PERSON MUST LOOK: pool p /)
	const undo = text.split("\n").find((line) => line.includes(" revert ")) ?? ""
	expect((await type(undo)).exit).not.toBe(0)
	await rm(appliance.at("cause"))
	expect(await type(undo)).toMatchObject({ exit: 0 })
	expect(await appliance.read("a.conf")).toBe("old")
	expect((await appliance.run("status")).stdout).not.toContain("degraded")
})
