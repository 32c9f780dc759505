import {
	chmodSync,
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { failureOf, git, hasGit, makeIndex, makeModule, makePlace, publish, read, writeFiles } from "./place.ts"

/** What a published version is, read by git itself. */
const show = (folder: string, tag: string, path = "index.json") => git(folder, "show", `${tag}:${path}`)
const clean = (folder: string) => expect(git(folder, "status", "--porcelain")).toBe("")
const sound = (folder: string) => expect(git(folder, "fsck", "--strict", "--no-dangling")).toBe("")

describe.skipIf(!hasGit)(`with the real git${hasGit ? "" : ": git is not installed"}`, () => {
	test("a published module is a commit and a tag that git reads, in a clean working tree", async () => {
		const { library } = makePlace({ now: () => new Date("2026-11-28T23:30:00Z") })
		const { folder } = await library.create({ name: "fix" })
		chmodSync(join(folder, "src/example.txt"), 0o755)
		symlinkSync("example.txt", join(folder, "src/link"))
		const result = await publish(library, folder)
		expect(result).toMatchObject({ state: "published", version: { version: "1.0.0", tag: "fix-v1.0.0-20261128" } })
		clean(folder)
		sound(folder)
		expect(git(folder, "tag")).toBe("fix-v1.0.0-20261128")
		expect(git(folder, "cat-file", "-t", "fix-v1.0.0-20261128")).toBe("tag")
		expect(show(folder, "fix-v1.0.0-20261128")).toBe(read(folder).trimEnd())
		expect(
			git(folder, "ls-tree", "-r", "HEAD")
				.split("\n")
				.map((line) => line.split(/\s/))
				.map(([mode, , , path]) => [mode, path]),
		).toEqual([
			["100644", ".gitattributes"],
			["100644", "index.json"],
			["100755", "src/example.txt"],
			["120000", "src/link"],
		])
		expect(git(folder, "log", "-1", "--format=%s%n%(trailers:only)")).toBe(
			"Publish fix 1.0.0\nHotfix-Version: fix-v1.0.0-20261128",
		)
		expect(git(folder, "reflog", "-1", "--format=%gs")).toBe("commit: Publish fix 1.0.0")
		clean(folder)
	})

	test("what a team does with its own git, and we with what it did", async () => {
		const { library, root } = makePlace()
		const { folder } = await library.create({ name: "fix" })
		await publish(library, folder)
		git(root, "init", "-q", "--bare", "team.git")
		git(folder, "remote", "add", "origin", join(root, "team.git"))
		git(folder, "push", "-q", "--follow-tags", "origin", "main")
		git(root, "clone", "-q", "-b", "main", join(root, "team.git"), "theirs")
		expect(git(join(root, "theirs"), "tag")).toMatch(/^fix-v1\.0\.0-/)
		// A colleague publishes the next version with the app, from a clone of another name, and packs everything.
		const theirs = join(root, "theirs")
		await library.import({ folder: theirs, copy: false })
		writeFiles(theirs, { "src/example.txt": "two\n" })
		expect(await publish(library, theirs)).toMatchObject({ version: { version: "1.0.1" } })
		git(theirs, "gc", "-q", "--aggressive", "--prune=now")
		expect(existsSync(join(theirs, ".git/packed-refs"))).toBe(true)
		expect((await library.versions(theirs)).versions.map(({ version }) => version)).toEqual(["1.0.1", "1.0.0"])
		expect((await library.open(theirs)).standing).toMatchObject({
			working: { state: "published", version: "1.0.1" },
			problems: [],
		})
		git(theirs, "push", "-q", "--follow-tags", "origin", "main")
		git(folder, "pull", "-q", "--ff-only", "origin", "main")
		git(folder, "fetch", "-q", "--tags", "origin")
		clean(folder)
		const { versions, standing } = await library.versions(folder)
		expect(versions.map(({ version, state }) => [version, state])).toEqual([
			["1.0.1", "sound"],
			["1.0.0", "sound"],
		])
		expect(standing.working).toEqual({ state: "published", version: "1.0.1" })
		writeFiles(folder, { "src/example.txt": "three\n" })
		expect(await publish(library, folder)).toMatchObject({ version: { version: "1.0.2" } })
		clean(folder)
		sound(folder)
	})

	test("what is staged and other branches stay as they are", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root, "fix", { "README.md": "read\n", "notes.txt": "n\n" })
		git(folder, "init", "-q", "-b", "main")
		git(folder, "add", ".")
		git(folder, "commit", "-qm", "begin")
		git(folder, "branch", "other")
		writeFiles(folder, { "README.md": "staged\n", "new.txt": "staged too\n", "src/a.txt": "two\n" })
		git(folder, "add", "README.md", "new.txt")
		writeFiles(folder, { "README.md": "and edited again\n" })
		git(folder, "rm", "-q", "--cached", "notes.txt")
		const before = {
			other: git(folder, "rev-parse", "other"),
			staged: git(folder, "diff", "--cached", "--", "README.md", "new.txt", "notes.txt"),
		}
		expect(await publish(library, folder)).toMatchObject({ state: "published" })
		expect(git(folder, "rev-parse", "other")).toBe(before.other)
		expect(git(folder, "diff", "--cached")).toBe(before.staged)
		expect(git(folder, "status", "--porcelain")).toBe("MM README.md\nA  new.txt\nD  notes.txt\n?? notes.txt")
		expect(git(folder, "show", "HEAD:README.md")).toBe("read")
		sound(folder)
	})

	test("what is staged of the module itself and is nowhere else stops it", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		git(folder, "init", "-q", "-b", "main")
		git(folder, "add", ".")
		git(folder, "commit", "-qm", "begin")
		writeFiles(folder, { "src/a.txt": "staged\n" })
		git(folder, "add", ".")
		writeFiles(folder, { "src/a.txt": "edited\n" })
		const head = git(folder, "rev-parse", "HEAD")
		expect(await failureOf(publish(library, folder))).toMatchObject({
			code: "repository-unusable",
			data: { reason: "staged", paths: ["src/a.txt"] },
		})
		expect(git(folder, "rev-parse", "HEAD")).toBe(head)
		expect(git(folder, "show", ":src/a.txt")).toBe("staged")
	})

	test("a module in a larger repository: only its own files are committed", async () => {
		const { library, root } = makePlace()
		const big = join(root, "big")
		const folder = makeModule(big, "modules/fix")
		writeFiles(big, {
			"app/main.c": "int main;\n",
			"modules/other/index.json": makeIndex("2.0.0"),
			"modules/other/src/a.txt": "o\n",
		})
		git(big, "init", "-q", "-b", "main")
		git(big, "add", ".")
		git(big, "commit", "-qm", "begin")
		writeFiles(big, {
			"app/main.c": "staged\n",
			"app/new.c": "untracked\n",
			"modules/fix/src/deep/b.txt": "b\n",
			"modules/other/src/a.txt": "changed\n",
		})
		git(big, "add", "app/main.c")
		expect(await publish(library, folder)).toMatchObject({ version: { version: "1.0.0" } })
		expect(git(big, "show", "--stat=80", "--format=", "HEAD")).toMatch(
			/^ modules\/fix\/src\/deep\/b.txt \| 1 \+\n 1 file changed/,
		)
		expect(git(big, "status", "--porcelain", "-uall")).toBe("M  app/main.c\n M modules/other/src/a.txt\n?? app/new.c")
		// The other module has versions of its own.
		expect((await library.open(join(big, "modules/other"))).standing.working).toEqual({ state: "never-published" })
		expect(await publish(library, join(big, "modules/other"))).toMatchObject({ version: { version: "2.0.0" } })
		expect((await library.open(folder)).standing).toMatchObject({
			published: { version: "1.0.0" },
			repository: { prefix: "modules/fix" },
		})
		writeFiles(folder, { "src/a.txt": "later\n" })
		await library.checkout({ folder, version: "1.0.0", keepChanges: true })
		expect(git(big, "status", "--porcelain", "-uall")).toBe("M  app/main.c\n?? app/new.c")
		sound(big)
	})

	test("a folder that a repository around it does not track gets one of its own", async () => {
		const { library, root } = makePlace()
		git(root, "init", "-q", "-b", "main")
		const folder = makeModule(root)
		expect((await library.open(folder)).standing.repository.state).toBe("none")
		await publish(library, folder)
		expect(git(folder, "rev-parse", "--show-toplevel")).toBe(folder)
		expect(readdirSync(join(root, ".git/refs/tags"))).toEqual([])
	})

	test("a linked working tree and a submodule", async () => {
		const { library, root } = makePlace()
		const main = makeModule(root, "main")
		git(main, "init", "-q", "-b", "main")
		git(main, "add", ".")
		git(main, "commit", "-qm", "begin")
		git(main, "worktree", "add", "-q", "-b", "side", "../side")
		const side = join(root, "side")
		expect(await publish(library, side)).toMatchObject({ version: { version: "1.0.0" } })
		clean(side)
		expect(git(main, "tag")).toMatch(/^side-v1\.0\.0-/)
		expect(git(side, "log", "--format=%s")).toBe("Publish side 1.0.0\nbegin")
		expect(git(main, "log", "--format=%s")).toBe("begin")
		git(root, "init", "-q", "outer")
		git(
			join(root, "outer"),
			"-c",
			"protocol.file.allow=always",
			"submodule",
			"--quiet",
			"add",
			"-b",
			"main",
			main,
			"sub",
		)
		const sub = join(root, "outer/sub")
		git(sub, "switch", "-q", "main")
		writeFiles(sub, { "src/a.txt": "sub\n" })
		expect(await publish(library, sub)).toMatchObject({ version: { version: "1.0.1" } })
		clean(sub)
		sound(sub)
	})

	test.each([2, 3, 4])("an index of version %i", async (version) => {
		const { library, root } = makePlace()
		const folder = makeModule(
			root,
			"fix",
			Object.fromEntries(
				Array.from({ length: 40 }, (_, i) => [`docs/part-${i}${i % 2 ? "-long".repeat(40) : ""}/page.md`, `${i}\n`]),
			),
		)
		git(folder, "init", "-q", "-b", "main")
		git(folder, "add", ".")
		git(folder, "commit", "-qm", "begin")
		git(folder, "update-index", `--index-version=${version}`)
		if (version === 3) {
			writeFiles(folder, { "docs/later.md": "l\n" })
			git(folder, "add", "-N", "docs/later.md")
		}
		writeFiles(folder, { "src/a.txt": "two\n" })
		expect(await publish(library, folder)).toMatchObject({ state: "published" })
		expect(git(folder, "status", "--porcelain")).toBe(version === 3 ? " A docs/later.md" : "")
		sound(folder)
	})

	test("line ends stay what they are, whatever a team's git is set to", async () => {
		const { library, root } = makePlace()
		const { folder } = await library.create({ name: "fix" })
		writeFileSync(join(folder, "src/example.txt"), "unix\nand\r\nwindows\r\n")
		await publish(library, folder)
		git(root, "clone", "-q", "-c", "core.autocrlf=true", folder, "clone")
		expect(read(join(root, "clone"), "src/example.txt")).toBe("unix\nand\r\nwindows\r\n")
		expect((await library.open(join(root, "clone"))).standing.working).toMatchObject({ state: "published" })
	})

	describe("a repository that cannot be published from is said, and the files still open", () => {
		const unusable: [why: string, reason: string, spoil: (folder: string) => void][] = [
			["no branch is checked out", "detached", (folder) => git(folder, "checkout", "-q", "--detach")],
			[
				"a merge is under way",
				"merging",
				(folder) => writeFileSync(join(folder, ".git/MERGE_HEAD"), `${git(folder, "rev-parse", "HEAD")}\n`),
			],
			["HEAD is empty", "damaged", (folder) => writeFileSync(join(folder, ".git/HEAD"), "")],
			["its branch is empty", "damaged", (folder) => writeFileSync(join(folder, ".git/refs/heads/main"), "")],
			["its index is cut off", "damaged", (folder) => writeFileSync(join(folder, ".git/index"), "DIRC")],
			[
				"objects are of another kind",
				"object-format",
				(folder) => git(folder, "config", "extensions.objectFormat", "sha256"),
			],
			["its index is split", "index-format", (folder) => git(folder, "update-index", "--split-index")],
			["another git holds the lock", "busy", (folder) => writeFileSync(join(folder, ".git/index.lock"), "")],
			[
				"objects lie elsewhere",
				"alternates",
				(folder) => writeFileSync(join(folder, ".git/objects/info/alternates"), "/elsewhere\n"),
			],
			[
				"its folder is gone",
				"lost-folder",
				(folder) => {
					rmSync(join(folder, ".git"), { recursive: true })
					writeFileSync(join(folder, ".git"), "gitdir: /nowhere/at/all\n")
				},
			],
		]
		test.each(unusable)("%s: %s", async (_why, reason, spoil) => {
			const { library, root } = makePlace()
			const folder = makeModule(root)
			await publish(library, folder)
			spoil(folder)
			writeFiles(folder, { "src/a.txt": "two\n" })
			const opened = await library.open(folder)
			expect(opened.module?.pools).toHaveLength(1)
			const { base, content } = await library.propose(folder)
			expect(await failureOf(library.publish({ folder, base, content, version: "1.0.1" }))).toMatchObject({
				code: "repository-unusable",
				data: { reason },
			})
			if (reason !== "busy")
				expect(opened.standing.problems).toMatchObject([{ code: "repository-unusable", data: { reason } }])
			expect(read(folder)).toBe(makeIndex("1.0.0"))
			expect(await library.save({ folder, text: makeIndex("1.5.0"), base: opened.textDigest })).toMatchObject({
				state: "saved",
			})
			expect((await library.list()).modules).toHaveLength(1)
		})

		test("an object is damaged", async () => {
			const { library, root } = makePlace()
			const folder = makeModule(root)
			await publish(library, folder)
			const tree = git(folder, "rev-parse", "HEAD^{tree}")
			const path = join(folder, ".git/objects", tree.slice(0, 2), tree.slice(2))
			chmodSync(path, 0o644)
			writeFileSync(path, "rubbish")
			writeFiles(folder, { "src/a.txt": "two\n" })
			const opened = await library.open(folder)
			expect(opened.sources).toHaveLength(1)
			const { base, content, problem } = await library.propose(folder)
			expect(problem).toMatchObject({ data: { reason: "damaged" } })
			expect(await failureOf(library.publish({ folder, base, content, version: "1.0.1" }))).toMatchObject({
				code: "repository-unusable",
				data: { reason: "damaged" },
			})
		})

		test("no commits yet, and a shallow clone", async () => {
			const { library, root } = makePlace()
			const folder = makeModule(root)
			git(folder, "init", "-q", "-b", "trunk")
			expect((await library.open(folder)).standing).toMatchObject({
				working: { state: "never-published" },
				repository: { state: "sound", branch: "trunk" },
			})
			await publish(library, folder)
			for (const text of ["two", "three"]) {
				writeFiles(folder, { "src/a.txt": `${text}\n` })
				await publish(library, folder)
			}
			git(root, "clone", "-q", "--depth=1", "--no-single-branch", `file://${folder}`, "shallow")
			const shallow = join(root, "shallow")
			const { versions } = await library.versions(shallow)
			expect(versions.map(({ version, state }) => [version, state])).toContainEqual(["1.0.2", "sound"])
			writeFiles(shallow, { "src/a.txt": "four\n" })
			expect(await publish(library, shallow)).toMatchObject({ version: { version: "1.0.3" } })
			clean(shallow)
		})
	})

	test("a merge conflict in index.json is one finding at its place", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		git(folder, "init", "-q", "-b", "main")
		git(folder, "add", ".")
		git(folder, "commit", "-qm", "begin")
		git(folder, "switch", "-qc", "theirs")
		writeFileSync(join(folder, "index.json"), makeIndex("1.1.0"))
		git(folder, "commit", "-qam", "theirs")
		git(folder, "switch", "-q", "main")
		writeFileSync(join(folder, "index.json"), makeIndex("1.2.0"))
		git(folder, "commit", "-qam", "ours")
		expect(() => git(folder, "merge", "theirs")).toThrow()
		const { findings, standing } = await library.open(folder)
		expect(findings.filter(({ severity }) => severity === "fault")).toMatchObject([
			{ rule: "merge-conflict", line: 3, column: 1 },
		])
		expect(standing.problems).toMatchObject([{ data: { reason: "merging" } }])
		expect((await library.list()).modules).toMatchObject([{ faults: 1 }])
	})

	test("a killed program's lock is taken away, git's own is not", async () => {
		const { library, root, again } = makePlace()
		const folder = makeModule(root)
		await publish(library, folder)
		const dead = join(folder, ".git/hotfix-lock-999999999-1")
		writeFileSync(dead, "")
		renameSync(dead, join(folder, ".git/index.lock"))
		linkSync(join(folder, ".git/index.lock"), dead)
		writeFiles(folder, { "src/a.txt": "two\n" })
		const { textDigest: base } = await again().open(folder)
		expect(existsSync(dead)).toBe(false)
		const { content } = await library.propose(folder)
		// Without anybody who looks first.
		writeFileSync(dead, "")
		linkSync(dead, join(folder, ".git/index.lock"))
		expect(await library.publish({ folder, base, content, version: "1.0.1" })).toMatchObject({ state: "published" })
		writeFileSync(dead, "")
		writeFileSync(join(folder, ".git/index.lock"), "")
		writeFiles(folder, { "src/a.txt": "three\n" })
		expect(await failureOf(publish(library, folder))).toMatchObject({ data: { reason: "busy" } })
		expect(statSync(join(folder, ".git/index.lock")).size).toBe(0)
		expect(existsSync(dead)).toBe(false)
	})
})

test.skipIf(!hasGit)(
	"an imported copy has the history, and nothing that git would run or follow elsewhere",
	async () => {
		const { library, root } = makePlace()
		const from = makeModule(root, "theirs")
		await publish(library, from)
		const ran = join(root, "ran")
		const program = join(root, "program")
		writeFileSync(program, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 })
		git(from, "remote", "add", "origin", 'ssh://host/a "b".git')
		for (const [key, value] of [
			["core.fsmonitor", program],
			["core.hooksPath", root],
			["alias.status", `!${program}`],
			["remote.origin.uploadpack", program],
		] as const)
			git(from, "config", key, value)
		writeFileSync(join(from, ".git/hooks-here"), "")
		rmSync(join(from, ".git/logs"), { recursive: true, force: true })
		mkdirSync(join(from, ".git/logs"))
		symlinkSync(join(root, "elsewhere"), join(from, ".git/logs/HEAD"))
		mkdirSync(join(from, "src/inner/.git"), { recursive: true })
		writeFileSync(join(from, "src/inner/.git/config"), `[core]\n\tfsmonitor = ${program}\n`)

		const { folder } = await library.import({ folder: from, copy: true, name: "copied" })
		git(folder, "status", "--porcelain")
		expect(existsSync(ran)).toBe(false)
		expect(existsSync(join(folder, "src/inner/.git"))).toBe(false)
		expect(git(folder, "remote", "get-url", "origin").trim()).toBe('ssh://host/a "b".git')
		expect((await library.versions(folder)).versions.map(({ version }) => version)).toEqual(["1.0.0"])
		writeFiles(folder, { "src/a.txt": "two\n" })
		expect(await publish(library, folder)).toMatchObject({ state: "published" })
		expect(existsSync(join(root, "elsewhere"))).toBe(false)
		expect(git(folder, "log", "--format=%H").trim().split("\n")).toHaveLength(2)

		symlinkSync(root, join(from, ".git/refs/outside"))
		expect(await failureOf(library.import({ folder: from, copy: true, name: "linked" }))).toMatchObject({
			code: "repository-unusable",
		})
		expect(existsSync(join(folder, "../linked"))).toBe(false)
	},
)
