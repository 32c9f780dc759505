import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { runCommandLine } from "../../../../core/runner/command-line.ts"
import { makeFolder } from "./place.ts"

const breaks = (id: string) => `if grep -q new etc/${id}/a; then echo it broke; exit 7; fi`
const pool = (id: string, closure: string) => ({
	id,
	operations: [{ target: "src/a", destination: `/etc/${id}/a` }],
	closure: [closure],
})

test.each([
	["var/log/homeserver", "var/log/homeserver/update.log"],
	["var/log", "var/log/hotfix.log"],
])("an appliance with /%s: unasked, /%s has what failed and why, in lines of the standard", async (folder, log) => {
	const base = await makeFolder()
	const root = join(base, "root")
	const module = join(base, "sample")
	for (const path of [join(root, folder), join(module, "src")]) await mkdir(path, { recursive: true })
	await writeFile(join(module, "src/a"), "new\n")
	const pools = [pool("broken", breaks("broken")), pool("other", "true")]
	await writeFile(join(module, "index.json"), JSON.stringify({ metadata: { schema_version: "1.0.0" }, pools }))
	const told: string[] = []
	const output = { line: (text: string) => void told.push(text), complain: (text: string) => void told.push(text) }
	const args = ["apply", "--module", module, "--root", root, "--state", join(base, "state")]
	expect(await runCommandLine(args, output, new AbortController().signal)).toBe(1)
	const lines = (await readFile(join(root, log), "utf8")).trimEnd().split("\n")
	for (const line of lines)
		expect(line).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[(INFO|WARNING|ERROR)\] hotfix: +\S/)
	const failed = lines.findIndex((line) => line.includes("pool broken failed"))
	expect(lines[failed]).toMatch(
		/\[ERROR\] .*closure of if grep -q new etc\/broken\/a; .*: command failed with exit status 7$/,
	)
	expect(lines[failed + 1]).toMatch(/\[ERROR\] hotfix: {3}\| it broke$/)
	expect(lines.some((line) => line.endsWith("[INFO] hotfix: pool other: applied"))).toBe(true)
})
