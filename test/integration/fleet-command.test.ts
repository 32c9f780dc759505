import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createServices } from "../../core/fleet/services.ts"
import { hotfix, parseLines } from "../support/hotfix.ts"

const CSV = `name,host,user,tags
Bakery north,10.1.0.1,support,"bakery,north"
Bakery south,10.1.0.2,support,"bakery,south"
Butcher,10.1.0.3,root,butcher
Broken,a b,root,
`
let data: string
const file = (name: string) => join(data, name)
beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), "hotfix-fleet-"))
	await writeFile(file("fleet.csv"), CSV)
})
afterAll(() => rm(data, { recursive: true, force: true }))

interface Listed {
	name: string
	host: string
}
const list = async (...args: string[]) =>
	parseLines<Listed>((await hotfix(["fleet", "list", "--json", ...args], data)).stdout).map(({ name }) => name)

describe("hotfix fleet", () => {
	test("an empty fleet says how to fill it", async () => {
		const { status, stdout } = await hotfix(["fleet", "list"], data)
		expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("hotfix fleet import FILE") })
	})

	test("--dry-run and a --strict import of a faulty table write nothing", async () => {
		const dry = await hotfix(["fleet", "import", file("fleet.csv"), "--dry-run"], data)
		expect(dry.stdout).toContain("new: Bakery north, support@10.1.0.1:22")
		expect(dry.stderr).toMatch(/fleet\.csv:5: host is not one/)
		expect(dry.status).toBe(0)
		expect((await hotfix(["fleet", "import", file("fleet.csv"), "--strict"], data)).status).toBe(2)
		expect(await list()).toEqual([])
	})

	test("imports what is sound; a second time nothing; changes only when it is told to", async () => {
		expect((await hotfix(["fleet", "import", file("fleet.csv")], data)).stdout).toContain("imported: 3 of 3")
		expect(await list()).toEqual(["Bakery north", "Bakery south", "Butcher"])
		await writeFile(file("newer.csv"), CSV.replace("10.1.0.3,root", "10.1.0.3,support"))
		const cautious = await hotfix(["fleet", "import", file("newer.csv")], data)
		expect(cautious.stdout).toContain(
			"changed: Butcher, support@10.1.0.3:22 (--update changes it)\n  user: root -> support",
		)
		expect((await hotfix(["fleet", "list"], data)).stdout).toContain(
			"Butcher  root@10.1.0.3  untested  never seen  butcher",
		)
		const updated = await hotfix(["fleet", "import", file("newer.csv"), "--update", "--json"], data)
		expect(parseLines<{ isImported?: boolean }>(updated.stdout).map(({ isImported }) => isImported)).toEqual([
			...[undefined, false, false, true],
		])
		expect((await hotfix(["fleet", "list"], data)).stdout).toContain("Butcher  support@10.1.0.3")
	})

	test("filters and saved groups choose, and a name that is no group is told", async () => {
		const services = await createServices({
			dataFolder: data,
			host: "browser",
			version: "0",
			runnerBundle: "none",
			sshConfig: null,
		})
		services.fleet.saveGroup({ name: "Bakeries", filter: "tag:bakery" })
		await services.close()
		expect(await list("--group", "Bakeries")).toEqual(["Bakery north", "Bakery south"])
		expect(await list("--group", "Bakeries", "--filter", "-tag:north")).toEqual(["Bakery south"])
		expect((await hotfix(["fleet", "groups"], data)).stdout).toBe("Bakeries  tag:bakery\n")
		const wrong = await hotfix(["plan", "nowhere", "--group", "Florists"], data)
		expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('no group "Florists": Bakeries') })
	})

	test("what is exported is the same fleet elsewhere", async () => {
		const table = await hotfix(["fleet", "export"], data)
		await writeFile(file("export.csv"), table.stdout)
		const again = await hotfix(["fleet", "import", file("export.csv"), "--dry-run", "--json"], data)
		const standings = parseLines<{ standing: string }>(again.stdout).map(({ standing }) => standing)
		expect(standings).toEqual(["same", "same", "same"])
		const inventory = await hotfix(["fleet", "export", "--format", "ansible-yaml", "--filter", "butcher"], data)
		expect(inventory.stdout).toMatch(/Butcher:\n +ansible_host: 10\.1\.0\.3/)
		expect(inventory.stdout).not.toContain("Bakery")
	})

	test("a note does not keep a --strict import from being written", async () => {
		await writeFile(file("hosts.ini"), "noted.test ansible_ssh_common_args='-o StrictHostKeyChecking=no'\n")
		const noted = await hotfix(["fleet", "import", file("hosts.ini"), "--strict", "--dry-run", "--json"], data)
		expect({ status: noted.status, lines: parseLines(noted.stdout) }).toEqual({
			status: 0,
			lines: [
				{ line: 1, note: expect.stringContaining("host keys are checked here as ever") },
				expect.objectContaining({ standing: "new" }),
			],
		})
	})

	test("variables beside an inventory are not read, which is told; beside a table they are nobody's", async () => {
		await mkdir(file("group_vars"))
		await writeFile(file("beside.ini"), "beside.test\n")
		const told = await hotfix(["fleet", "import", file("beside.ini"), "--dry-run"], data)
		expect(told.stderr).toBe(`${file("beside.ini")}: group_vars beside this file is not read\n`)
		const table = await hotfix(["fleet", "import", file("export.csv"), "--dry-run"], data)
		expect(table.stderr).toBe("")
	})

	test("the hosts of an SSH configuration; a file that others may write to is not read", async () => {
		const config = file(".ssh/config")
		await mkdir(file(".ssh"))
		await writeFile(config, "Host attic *.example\n  User me\n", { mode: 0o600 })
		const found = await hotfix(["fleet", "import", config, "--dry-run"], data)
		expect(found).toMatchObject({ status: 0, stdout: expect.stringContaining("new: attic, me@attic:22") })
		await chmod(config, 0o666)
		expect(await hotfix(["fleet", "import", config], data)).toMatchObject({
			...{ status: 6, stderr: expect.stringContaining("others may write to it") },
		})
	})

	test.each([
		["a file that is not there", ["fleet", "import", "/nowhere"], "cannot read /nowhere"],
		["a folder", ["fleet", "import", "/tmp"], "cannot read /tmp"],
		["a device", ["fleet", "import", "/dev/zero"], "cannot read /dev/zero: it is no regular file"],
		["a format that there is not", ["fleet", "import", "x", "--format", "xls"], "Allowed choices are csv"],
	])("%s: exit 2", async (_, args, words) => {
		const { status, stderr } = await hotfix(args, data)
		expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(words) })
		expect(stderr).not.toMatch(/\n\s+at .*:\d+/)
	})
})
