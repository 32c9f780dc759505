import { execFileSync, spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { collectOutput } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { hotfix } from "../support/hotfix.ts"

const runner = join(projectFolder, "dist/runner/hotfix-runner.cjs")
const why = spawnSync("unshare", ["--mount", "true"]).status === 0 ? "" : "needs root and unshare"
if (why) console.warn(`SKIPPED imported modules on the real runner: ${why}`)

let base: string
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), "hotfix-legacy-run-"))
	for (const folder of ["old/src", "appliance"]) mkdirSync(join(base, folder), { recursive: true })
	put("appliance/settings", "the customer's\n")
	put("old/src/settings", "new\n")
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const put = (path: string, text: string) => writeFileSync(join(base, path), text)
const read = (path: string) => readFileSync(join(base, path), "utf8")

async function importModule(index: object): Promise<void> {
	put("old/index.json", JSON.stringify({ metadata: { schema_version: "1.0.0" }, ...index }))
	const { status, stderr } = await hotfix(
		["import-legacy", join(base, "old"), "--to", join(base, "new")],
		join(base, "data"),
	)
	expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
}

/** Applies the new module where `/usr/local/lib` is a folder of this test's own, and says what is in it afterwards. */
async function apply(): Promise<{ exit: number | null; scripts: string[]; stdout: string }> {
	const line =
		'mount -t tmpfs tmpfs /usr/local/lib && { "$@"; status=$?; find /usr/local/lib -type f -printf "left: %P\\n"; exit $status; }'
	const places = ["--module", join(base, "new"), "--state", join(base, "state"), "--log", join(base, "log")]
	const command = [process.execPath, runner, "apply", ...places]
	const child = spawn("unshare", ["--mount", "sh", "-c", line, "sh", ...command], { stdio: ["ignore", "pipe", "pipe"] })
	const { status, stdout } = await collectOutput(child)
	return { exit: status, stdout, scripts: [...stdout.matchAll(/^left: (.*)$/gm)].map(([, path = ""]) => path).sort() }
}

describe.skipIf(why)(`an imported module on the real runner${why ? `: ${why}` : ""}`, () => {
	const copy = () => ({
		id: "settings",
		type: "copy",
		source: "settings",
		target: join(base, "appliance/settings"),
		enabled: true,
	})
	const repair = () => {
		put("old/src/repair.sh", `#!/bin/sh\necho "repaired in $(pwd)" >> ${base}/ran\n`)
		return { id: "repair", type: "execute", source: "repair.sh", working_dir: "/tmp", enabled: true }
	}
	const settled = (expected: string) => ({ post_checks: [{ command: `cat ${base}/appliance/settings`, expected }] })

	test("files are copied, then the script runs where it did, then the checks judge", async () => {
		await importModule({ operations: [copy(), repair()], validation: settled("new") })
		const { exit, scripts, stdout } = await apply()
		expect(exit, stdout).toBe(0)
		expect({ settings: read("appliance/settings"), ran: read("ran"), scripts }).toEqual({
			settings: "new\n",
			ran: "repaired in /tmp\n",
			scripts: ["hotfix/repair/repair.sh"],
		})
	})

	test("a check that fails puts all back; the way back runs no script again and is whole: failed, not degraded", async () => {
		put("appliance/settings", "as it should be\n")
		await importModule({ operations: [copy(), repair()], validation: settled("as it should be") })
		const { exit, scripts, stdout } = await apply()
		expect(exit, stdout).toBe(1)
		expect({ settings: read("appliance/settings"), ran: read("ran"), scripts }).toEqual({
			settings: "as it should be\n",
			ran: "repaired in /tmp\n",
			scripts: [],
		})
	})

	test("a target runs when its condition holds, and else only installs its script", async () => {
		for (const id of ["first", "second"]) put(`old/src/${id}.sh`, `#!/bin/sh\necho ${id} >> ${base}/ran\n`)
		const path = join(base, "appliance/settings")
		await importModule({
			targets: [
				{ id: "first", version_check: { type: "file_exists", path, invert: true } },
				{ id: "second", version_check: { type: "file_exists", path } },
			],
		})
		expect(await apply()).toMatchObject({ exit: 0, scripts: ["hotfix/first/first.sh", "hotfix/second/second.sh"] })
		expect(read("ran")).toBe("second\n")
	})

	test("a check that failed before: nothing is touched", async () => {
		await importModule({
			operations: [copy(), repair()],
			validation: { pre_checks: [{ command: "echo down", expected: "up" }] },
		})
		const { exit } = await apply()
		expect({ exit, settings: read("appliance/settings"), ran: existsSync(join(base, "ran")) }).toEqual({
			exit: 1,
			settings: "the customer's\n",
			ran: false,
		})
	})
})

test("the program of the build imports each example, and the result is valid", async () => {
	for (const variant of ["operations", "targets", "pools"]) {
		const to = join(base, variant)
		const from = join(projectFolder, "test/fixtures/legacy", variant)
		expect(await hotfix(["import-legacy", from, "--to", to, "--json"], join(base, "data"))).toMatchObject({
			status: 0,
			stderr: "",
		})
		expect(await hotfix(["validate", to], join(base, "data"))).toMatchObject({ status: 0, stderr: "" })
		execFileSync("diff", [join(from, "expected.json"), join(to, "index.json")])
	}
})
