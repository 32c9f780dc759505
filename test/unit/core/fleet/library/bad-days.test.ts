import { spawnSync } from "node:child_process"
import {
	appendFileSync,
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { collect } from "./collect.ts"
import { git, hasGit, makeIndex, makeModule, makePlace, read, writeFiles } from "./place.ts"

const denied = fileURLToPath(new URL("./denied.ts", import.meta.url))
const NOBODY = 65534

test("files that vanish while others are added: each is whole or has its reason", async () => {
	const { library, root } = makePlace()
	const folder = makeModule(root)
	const names = Array.from({ length: 200 }, (_, n) => `f${n}`)
	writeFiles(join(root, "desktop"), Object.fromEntries(names.map((name) => [name, `${name}\n`.repeat(500)])))
	const sources = names.map((name) => ({
		target: `many/${name}`,
		from: { kind: "path" as const, path: join(root, "desktop", name) },
	}))
	const states: unknown[] = []
	for await (const { results } of library.addSources(folder, sources)) {
		rmSync(join(root, "desktop"), { recursive: true, force: true })
		states.push(...results.map((result) => (result.state === "failed" ? result.failure.data.reason : result.state)))
	}
	expect(states).toHaveLength(200)
	expect(new Set(states)).toEqual(new Set(["done", "vanished"]))
	const added = readdirSync(join(folder, "src/many"))
	expect(added).toHaveLength(states.filter((state) => state === "done").length)
	for (const name of added) expect(read(folder, `src/many/${name}`)).toBe(`${name}\n`.repeat(500))
	expect(readdirSync(folder).sort()).toEqual(["index.json", "src"])
})

test("a file that is written to while it is copied is not taken, and what stood there stays", async () => {
	const { library, root } = makePlace()
	const folder = makeModule(root)
	const path = join(root, "growing.log")
	writeFileSync(path, Buffer.alloc(32 * 1024 * 1024, "x"))
	const { sources } = await library.open(folder)
	const writing = setInterval(() => appendFileSync(path, "more\n"), 1)
	const from = { kind: "path" as const, path }
	const results = await collect(
		library.addSources(folder, [{ target: "a.txt", from, replaces: sources[0]?.digest ?? "" }]),
	)
	clearInterval(writing)
	expect(results).toMatchObject([{ state: "failed", failure: { code: "changed-meanwhile" } }])
	expect(read(folder, "src/a.txt")).toBe("one\n")
	expect(readdirSync(folder).sort()).toEqual(["index.json", "src"])
})

const isRoot = process.getuid?.() === 0
describe.skipIf(!isRoot)(`without rights${isRoot ? "" : ": giving them up takes root"}`, () => {
	test("each call says so, what can be read is shown, nothing changes", () => {
		const { root } = makePlace()
		const data = join(root, "theirs")
		mkdirSync(join(data, "library/closed"), { recursive: true })
		writeFiles(join(data, "library"), {
			"closed/index.json": makeIndex("1.0.0"),
			"open/index.json": makeIndex("1.0.0"),
		})
		for (const path of ["", "library", "library/open"]) chownSync(join(data, path), NOBODY, NOBODY)
		chmodSync(join(data, "library/closed/index.json"), 0o600)
		const folder = makeModule(root, "fix", { "src/secret": "secret\n" })
		chmodSync(join(folder, "src/secret"), 0o600)
		chmodSync(root, 0o755)
		const { stdout, stderr } = spawnSync(process.execPath, [denied, data, folder], { encoding: "utf8" })
		expect(stderr).toBe("")
		const refused = [{ state: "failed", failure: { code: "not-permitted" } }]
		expect(JSON.parse(stdout)).toMatchObject({
			findings: ["source-unreadable"],
			save: "not-permitted",
			add: refused,
			fetched: refused,
			remove: refused,
			rename: refused[0],
			executable: refused[0],
			read: "not-permitted",
			keepDraft: "kept",
			closed: [
				["closed", "module-unreadable"],
				["fix", null],
				["open", null],
			],
			openClosed: "module-unreadable",
			publish: "not-permitted",
		})
		expect(read(folder)).toBe(makeIndex("1.0.0"))
		expect(readdirSync(join(folder, "src")).sort()).toEqual(["a.txt", "secret"])
		expect(existsSync(join(folder, ".git"))).toBe(false)
	})
})

test.skipIf(!hasGit)("two apps that publish at once: one version, and a repository that is sound", async () => {
	const place = makePlace()
	const folder = makeModule(place.root)
	const other = place.again()
	for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
		writeFiles(folder, { "src/a.txt": `${version}\n` })
		const attempts = [place.library, other].map(async (library) => {
			const { base, content } = await library.propose(folder)
			return library.publish({ folder, version, base, content }).then(
				({ state }) => state,
				(error) => error.failure?.code ?? error,
			)
		})
		const states = await Promise.all(attempts)
		expect(states.filter((state) => state === "published")).toHaveLength(1)
		expect(["changed", "version-published", "repository-unusable"]).toContain(
			states.find((state) => state !== "published"),
		)
		const { versions } = await other.versions(folder)
		expect(versions[0]).toMatchObject({ version, state: "sound" })
		const tag = versions[0]?.tag ?? ""
		expect(git(folder, "show", `${tag}:src/a.txt`)).toBe(version)
		expect(git(folder, "rev-list", "-n1", tag)).toBe(git(folder, "rev-parse", "HEAD"))
	}
	expect(git(folder, "fsck", "--strict")).toBe("")
	expect(git(folder, "tag")).toMatch(/^\S+\n\S+\n\S+$/)
	expect(readFileSync(join(folder, "index.json"), "utf8")).toBe(makeIndex("1.2.0"))
})
