import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hotfix } from "../support/hotfix.ts"

/** The author that git takes from its environment. */
const AUTHOR = { GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.test" }
let root: string
let data: string
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "hotfix-cli-library-"))
	data = join(root, "data")
})
afterAll(() => rm(root, { recursive: true, force: true }))

const call = async (...args: string[]) => {
	const { status, stdout, stderr } = await hotfix(args, data, AUTHOR)
	return { status, stdout, stderr }
}
const json = async (...args: string[]) => {
	const { status, stdout } = await call(...args, "--json")
	return { status, data: JSON.parse(stdout || "null") }
}

describe("the library from a terminal", () => {
	test("from nothing to a second version, and back", async () => {
		const made = await call("new", "fix", "--description", "What it mends")
		const folder = join(data, "library", "fix")
		expect(made).toEqual({ status: 0, stdout: `${folder}\n`, stderr: "" })
		expect(await call("lint", "fix")).toMatchObject({ status: 0, stderr: "" })

		await writeFile(join(root, "a.conf"), "one\n")
		await writeFile(join(root, "b.conf"), "b\n")
		const files = [join(root, "a.conf"), join(root, "b.conf")]
		expect(await call("add", "fix", ...files, "--pool", "first-pool", "--to", "/etc/fix/")).toEqual({
			status: 0,
			stdout: "added src/a.conf\nadded src/b.conf\n",
			stderr: "",
		})
		const { pools } = JSON.parse(await readFile(join(folder, "index.json"), "utf8"))
		expect(pools[0].operations.slice(1)).toEqual([
			{ target: "src/a.conf", destination: "/etc/fix/a.conf" },
			{ target: "src/b.conf", destination: "/etc/fix/b.conf" },
		])

		expect(await call("publish", "fix", "--dry-run")).toMatchObject({
			status: 0,
			stdout: expect.stringMatching(/^would publish 1\.0\.0\n/),
		})
		expect((await json("versions", "fix")).data).toMatchObject({
			versions: [],
			standing: { working: { state: "never-published" } },
		})
		expect(await call("publish", folder)).toMatchObject({
			status: 0,
			stdout: expect.stringMatching(/^published 1\.0\.0 as fix-v1\.0\.0-\d{8}\n$/),
		})

		await writeFile(join(folder, "src/a.conf"), "two\n")
		expect((await call("diff", "fix")).stdout).toContain("-one\n+two")
		const second = await json("publish", "fix", "--minor", "--note", "It was one.")
		expect(second).toMatchObject({
			status: 0,
			data: {
				state: "published",
				version: { version: "1.1.0", author: "Ada <ada@example.test>", message: "It was one." },
			},
		})
		expect((await json("versions", "fix")).data.versions.map(({ version }: { version: string }) => version)).toEqual([
			"1.1.0",
			"1.0.0",
		])
		expect((await call("diff", "fix", "1.0.0", "1.1.0")).stdout).toContain("src/a.conf: changed")
		expect(await call("checkout", "fix", "1.0.0")).toMatchObject({ status: 0, stderr: "" })
		expect(await readFile(join(folder, "src/a.conf"), "utf8")).toBe("one\n")
	})

	test("what is refused is exit 2, says why, and changes nothing", async () => {
		const folder = join(data, "library", "fix")
		const before = await readFile(join(folder, "index.json"), "utf8")
		const refused: [args: string[], says: RegExp][] = [
			[["new", "fix"], /is taken/],
			[["new", "no good"], /cannot name a module/],
			[["publish", "nowhere"], /it is not there/],
			[["publish", "fix", "--as", "1.1.0"], /published versions never change/],
			[["publish", "fix", "--as", "one"], /no semantic version/],
			[["publish", "fix", "--patch", "--major"], /exclude each other/],
			[["checkout", "fix", "9.9.9"], /no version 9\.9\.9[\s\S]*1\.1\.0, 1\.0\.0/],
			[["diff", "fix", "9.9.9"], /no version 9\.9\.9/],
			[["add", "fix", join(root, "a.conf"), "--pool", "other", "--to", "/x"], /no pool other/],
			[["add", "fix", join(root, "a.conf"), "--pool", "first-pool"], /belong together/],
			[["add", "fix", join(root, "gone")], /removed while it was being added/],
		]
		for (const [args, says] of refused) {
			const { status, stderr } = await call(...args)
			expect([args.join(" "), status, stderr]).toEqual([args.join(" "), 2, expect.stringMatching(says)])
			expect(stderr).not.toMatch(/ {4}at |Error:/)
		}
		await writeFile(join(root, "a.conf"), "other\n")
		expect(await call("add", "fix", join(root, "a.conf"))).toMatchObject({
			status: 2,
			stderr: expect.stringContaining("--replace"),
		})
		expect(await readFile(join(folder, "src/a.conf"), "utf8")).toBe("one\n")
		expect(await readFile(join(folder, "index.json"), "utf8")).toBe(before)
		expect(await call("add", "fix", join(root, "a.conf"), "--replace")).toMatchObject({ status: 0 })

		const lost = await call("checkout", "fix", "1.1.0")
		expect(lost).toMatchObject({ status: 2, stderr: expect.stringContaining("src/a.conf") })
		const kept = await call("checkout", "fix", "1.1.0", "--keep-changes")
		const name = /checkout MODULE (kept\/\S+)/.exec(kept.stdout)?.[1] ?? ""
		expect(await call("checkout", "fix", name)).toMatchObject({ status: 0 })
		expect(await readFile(join(folder, "src/a.conf"), "utf8")).toBe("other\n")
	})

	test("lint tells what is doubtful about the files themselves; that alone is exit 0", async () => {
		const folder = join(data, "library", "doubtful")
		expect(await call("new", "doubtful")).toMatchObject({ status: 0 })
		const operations = (names: string[]) =>
			names.map((name) => ({ target: `src/${name}`, destination: `/srv/${name}` }))
		const pools = [
			{ id: "one", description: "", operations: operations(["crlf.sh", "bom.sh", "key.pem"]), closure: ["true"] },
			{ id: "two", description: "", operations: operations(["shared.txt", "big"]), closure: ["true"] },
			{ id: "three", description: "", operations: operations(["shared.txt"]), closure: ["true"] },
		]
		const index = { metadata: { schema_version: "1.0.0", description: "" }, pools, finalClosure: ["true"] }
		await writeFile(join(folder, "index.json"), JSON.stringify(index, null, 2))
		await writeFile(join(folder, "src/crlf.sh"), "#!/bin/sh\r\ntrue\r\n", { mode: 0o755 })
		await writeFile(join(folder, "src/bom.sh"), "\ufeff#!/bin/sh\ntrue\n")
		await writeFile(join(folder, "src/key.pem"), "-----BEGIN OPENSSH PRIVATE KEY-----\n")
		await writeFile(join(folder, "src/shared.txt"), "no end")
		await writeFile(join(folder, "src/big"), "")
		await truncate(join(folder, "src/big"), 101 * 1024 * 1024)
		const { status, stdout } = await call("lint", "doubtful", "--json")
		expect(status).toBe(0)
		const findings = stdout
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line))
		const of = (rule: string) => findings.filter((one) => one.rule === rule).map(({ path, message }) => [path, message])
		const at = (pool: number, operation: number) => `$.pools[${pool}].operations[${operation}].target`
		expect(of("script-crlf")).toEqual([[at(0, 0), expect.stringContaining("crlf.sh")]])
		expect(of("script-bom")).toEqual([[at(0, 1), expect.stringContaining("bom.sh")]])
		expect(of("script-not-executable")).toEqual([[at(0, 1), expect.stringContaining("bom.sh")]])
		expect(of("secret")).toEqual([[at(0, 2), expect.stringContaining("line 1 looks like a private key")]])
		expect(of("no-final-newline")).toEqual([[expect.any(String), expect.stringContaining("shared.txt")]])
		expect(of("source-in-two-pools")).toEqual([[expect.any(String), expect.stringContaining("two, three")]])
		expect(of("source-large")).toEqual([[at(1, 1), expect.stringContaining("101 MiB")]])
		expect(of("source-unused")).toEqual([["$", expect.stringContaining("example.txt")]])
		expect(findings.every(({ severity }) => severity === "warning")).toBe(true)
		const shown = await call("lint", "doubtful")
		expect(shown).toMatchObject({ status: 0, stderr: "" })
		expect(shown.stdout).toMatch(/^index\.json:\d+:\d+: \$\.pools\[0\].*crlf\.sh.*Windows line ends.*\(warning\)$/m)
	})

	test("faults are listed with their places", async () => {
		const folder = join(data, "library", "fix")
		await rm(join(folder, "src/b.conf"))
		for (const command of ["lint", "publish"]) {
			const { status, stderr } = await call(command, "fix")
			expect(status).toBe(2)
			expect(stderr).toMatch(
				/^index\.json:\d+:\d+: \$\.pools\[0\]\.operations\[2\]\.target: there is no file "b\.conf" in src\//m,
			)
		}
		await writeFile(join(folder, "index.json"), "<<<<<<< HEAD\n{}\n=======\n[]\n>>>>>>> theirs\n")
		expect(await call("lint", "fix")).toMatchObject({
			status: 2,
			stderr: expect.stringContaining("git could not merge"),
		})
	})
})
