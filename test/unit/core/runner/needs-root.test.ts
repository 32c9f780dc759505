import { execFile } from "node:child_process"
import { chmod, chown, lstat, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, expect, test, vi } from "vitest"
import { isThere, makeAppliance } from "./run-bundle.ts"

vi.setConfig({ testTimeout: 60_000 })

const isRoot = process.geteuid?.() === 0
const asRoot = test.skipIf(!isRoot)
const why = isRoot ? "" : " (skipped: only root can make files of others)"
/** nobody, on every Debian; and root's group, which it is not in. */
const NOBODY = 65534
const bundle = new URL("../../../../dist/runner/hotfix-runner.cjs", import.meta.url).pathname

let appliance: Awaited<ReturnType<typeof makeAppliance>>
beforeEach(async () => {
	appliance = await makeAppliance()
	if (isRoot) for (const folder of [appliance.base, appliance.folder]) await chown(folder, NOBODY, NOBODY)
})

/** The runner as this account. */
async function runAs(uid: number, ...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
	// Root keeps no state where somebody else could exchange its folder.
	if (isRoot) await chown(appliance.base, uid, uid)
	const common = ["--state", appliance.state, "--log", join(appliance.base, "update.log")]
	const ids = isRoot ? { uid, gid: uid } : {}
	return new Promise((resolve) => {
		execFile(process.execPath, [bundle, ...args, ...common], { cwd: "/", ...ids }, (error, stdout, stderr) =>
			resolve({ exit: Number(error?.code ?? 0), stdout, stderr }),
		)
	})
}

async function module(files: Record<string, string>, edit: (operation: object) => object = (operation) => operation) {
	const path = await appliance.module("1.0.0", [
		{ id: "mine", files: { "mine.conf": "new" }, closure: ["true"] },
		{ id: "theirs", files, closure: ["true"] },
	])
	const index = JSON.parse(await readFile(join(path, "index.json"), "utf8"))
	index.pools[1].operations = index.pools[1].operations.map(edit)
	await writeFile(join(path, "index.json"), JSON.stringify(index))
	return path
}

const own = async (name: string, text: string) => {
	await appliance.write(name, text)
	await chown(appliance.at(name), NOBODY, NOBODY)
}

test("an account that may write all of it needs no root", async () => {
	const ended = await runAs(NOBODY, "apply", "--module", await module({ "made/their.conf": "new" }))
	expect([ended.exit, ended.stderr]).toEqual([0, ""])
	expect(await appliance.read("made/their.conf")).toBe("new")
})

asRoot.each<[string, RegExp, (name: string) => Promise<void>, ((operation: object) => object)?]>([
	[
		"a file of another user",
		/their\.conf belongs to user 0: only root can replace it/,
		async (name) => {
			await appliance.write(name, "old")
			await chmod(appliance.at(name), 0o666)
		},
	],
	[
		"a file of a group that is not the account's",
		/their\.conf belongs to group 0: only root can replace it and keep its group/,
		async (name) => {
			await own(name, "old")
			await chown(appliance.at(name), NOBODY, 0)
		},
	],
	[
		"a file for another user",
		/only root can give it to user root/,
		async () => {},
		(operation) => ({ ...operation, permissions: { owner: "root" } }),
	],
	[
		"a file for another group",
		/only root can give it to group root/,
		async () => {},
		(operation) => ({ ...operation, permissions: { group: "root" } }),
	],
])(`%s: the whole run is refused, with nothing touched${why}`, async (_, words, arrange, edit) => {
	await own("mine.conf", "old")
	await arrange("their.conf")
	const path = await module({ "their.conf": "new" }, edit)
	const seen = async () => [
		await appliance.read("mine.conf"),
		await readdir(appliance.folder),
		(await lstat(appliance.at("mine.conf"))).ctimeMs,
	]
	const before = await seen()
	const planned = await runAs(NOBODY, "plan", "--module", path)
	const ended = await runAs(NOBODY, "apply", "--module", path)
	expect([planned.exit, ended.exit]).toEqual([2, 2])
	expect(ended.stderr).toMatch(words)
	expect(ended.stderr).toMatch(/nothing was touched\.\nSign in as root/)
	expect(planned.stdout).toMatch(words)
	expect(await seen()).toEqual(before)
	expect(await isThere(join(appliance.state, "runs"))).toBe(true)
	expect(await readdir(join(appliance.state, "runs"))).toEqual([])
	// Root does all of it; so does the account with the pool that is its own.
	expect((await runAs(NOBODY, "apply", "--pool", "mine", "--module", path)).exit).toBe(0)
	await rm(appliance.state, { recursive: true })
	expect((await runAs(0, "apply", "--module", path)).exit).toBe(0)
	expect(await appliance.read("their.conf")).toBe("new")
})

asRoot(`folders that are closed to the account: each is named, up to a bound${why}`, async () => {
	for (const name of ["shut", "blind"]) await mkdir(appliance.at(name))
	await chmod(appliance.at("blind"), 0o700)
	const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`shut/${at}.conf`, "new"]))
	const path = await module({ "blind/deep/their.conf": "new", ...many })
	const { exit, stdout, stderr } = await runAs(NOBODY, "plan", "--json", "--module", path)
	expect([exit, stderr]).toEqual([2, ""])
	const { refusal } = JSON.parse(stdout)
	expect(refusal).toMatch(/blind\/deep\/their\.conf: permission denied/)
	expect(refusal).toMatch(/cannot do this run in full/)
	const ended = await runAs(NOBODY, "apply", "--module", path)
	expect(ended.exit).toBe(2)
	expect(ended.stderr.length).toBeLessThan(1000)
})

asRoot(`a revert that would have to give a file away${why}`, async () => {
	await appliance.write("their.conf", "old")
	const path = await module({ "their.conf": "new" })
	expect((await runAs(0, "apply", "--module", path)).exit).toBe(0)
	for (const place of [appliance.state]) await giveAway(place)
	const ended = await runAs(NOBODY, "revert", "--pool", "theirs", "--force")
	expect([ended.exit, await appliance.read("their.conf")]).toEqual([2, "new"])
	expect(ended.stderr).toMatch(/only root can/)
})

async function giveAway(path: string): Promise<void> {
	await chown(path, NOBODY, NOBODY)
	if (!(await lstat(path)).isDirectory()) return
	for (const name of await readdir(path)) await giveAway(join(path, name))
}
