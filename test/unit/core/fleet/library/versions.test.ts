import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { digestOf } from "../../../../../core/fleet/digest.ts"
import { parseGitSettings } from "../../../../../core/fleet/library/git/git-config.ts"
import { proposeVersions, versionIn } from "../../../../../core/fleet/library/propose.ts"
import { publishFindings } from "../../../../../core/fleet/library/publish-findings.ts"
import { findLastSafe } from "../../../../../core/fleet/library/safe-version.ts"
import {
	makeVersionMessage,
	makeVersionTag,
	parseVersionMessage,
	parseVersionTag,
} from "../../../../../core/fleet/library/version-tag.ts"
import type { DesktopRun } from "../../../../../core/schema/desktop.ts"
import { makeRun } from "../make.ts"
import { failureOf, git, hasGit, makeIndex, makeModule, makePlace, publish, read, writeFiles } from "./place.ts"

describe("next versions", () => {
	test.each([
		["1.0.0", [], ["text 1.0.0"]],
		[undefined, [], ["minor 1.0.0"]],
		["1.0.0", ["1.0.0"], ["patch 1.0.1", "minor 1.1.0", "major 2.0.0"]],
		["1.0.5", ["1.0.0", "0.9.0"], ["text 1.0.5", "patch 1.0.1", "minor 1.1.0", "major 2.0.0"]],
		["1.0.1", ["1.0.0"], ["text 1.0.1", "minor 1.1.0", "major 2.0.0"]],
		["0.1.0", ["1.2.3"], ["patch 1.2.4", "minor 1.3.0", "major 2.0.0"]],
		["1.10.0", ["1.9.0"], ["text 1.10.0", "patch 1.9.1", "major 2.0.0"]],
		["2.0.0-rc.1", ["1.9.0"], ["text 2.0.0-rc.1", "patch 1.9.1", "minor 1.10.0", "major 2.0.0"]],
		["2.0.0-rc.1", ["2.0.0-rc.1"], ["patch 2.0.0"]],
	] as const)("text %s, published %j", (text, published, expected) => {
		const proposed = proposeVersions(text, [...published]).map(({ kind, version }) => `${kind} ${version}`)
		expect(proposed).toEqual(expected)
	})
})

test("a tag says module, version and day, and is read back; other tags are passed over", () => {
	const at = new Date("2026-02-03T23:59:59Z")
	expect(makeVersionTag("hotfix", "1.0.9", at)).toBe("hotfix-v1.0.9-20260203")
	const versions = fc.constantFrom("1.0.0", "10.20.30", "1.0.0-rc.1", "1.0.0-alpha-2.x", "1.0.0+build-7")
	const modules = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/)
	fc.assert(
		fc.property(modules, versions, (module, version) => {
			const tag = makeVersionTag(module, version, at)
			const parsed = parseVersionTag(tag)
			expect(tag).not.toContain("..")
			expect([parsed?.version, parsed?.date]).toEqual([version, "2026-02-03"])
			const note = `why\n\nHotfix-Version: lie-v9.9.9-20200101\nmore ${module}`
			expect(parseVersionMessage(makeVersionMessage(module, version, tag, note))).toEqual({ tag, note })
			expect(parseVersionMessage(makeVersionMessage(module, version, tag))).toEqual({ tag })
		}),
	)
	for (const tag of [
		"v1.0.0",
		"hotfix-1.0.0-20260203",
		"hotfix-v1.0-20260203",
		"hotfix-v1.0.0-2026",
		"-v1.0.0-20260203",
		"a-v01.0.0-20260203",
		"a..b-v1.0.0-20260203",
		`${"a".repeat(256 - "-v1.0.0-20260203".length)}-v1.0.0-20260203`,
	])
		expect(parseVersionTag(tag)).toBeUndefined()
})

test("git's configuration files", () => {
	const settings = parseGitSettings(
		'# c\n[user]\n\tname = "A \\"B\\" ; C" # who\n email=a@b ; x\n[core] bare = false\n[Remote "Or\\"igin"]\nurl = x\\\ny\n[extensions]\nflag\n[broken\nname = evil\n[user]\nemail = c@d\n',
	)
	expect(settings.filter(([key]) => key === "user.email").map(([, value]) => value)).toEqual(["a@b", "c@d"])
	expect(Object.fromEntries(settings)).toMatchObject({
		"user.name": 'A "B" ; C',
		"user.email": "c@d",
		"core.bare": "false",
		'remote.Or"igin.url': "xy",
		"extensions.flag": "true",
	})
})

describe("the last safe version", () => {
	const digest = "a".repeat(64)
	const run = (version: string, applianceId: string, outcome: string, more: Partial<DesktopRun> = {}): DesktopRun =>
		makeRun({
			module: { name: "fix", version, digest },
			applianceId,
			kind: "apply",
			state: "finished",
			run: "r",
			outcome: outcome as "applied",
			pools: [{ pool: "web", outcome: outcome as "applied" }],
			...more,
		})
	const rows: [name: string, runs: DesktopRun[], safe: string | undefined][] = [
		["nothing was applied", [], undefined],
		["the newest that was", [run("1.0.0", "a", "applied")], "1.0.0"],
		[
			"everywhere",
			[
				run("1.1.0", "b", "failed"),
				run("1.1.0", "a", "applied"),
				run("1.0.0", "b", "applied"),
				run("1.0.0", "a", "applied"),
			],
			"1.0.0",
		],
		["a second attempt that passed", [run("1.1.0", "a", "applied"), run("1.1.0", "a", "failed")], "1.1.0"],
		["a second attempt that failed", [run("1.1.0", "a", "failed"), run("1.1.0", "a", "applied")], undefined],
		[
			"one pool after the other",
			[
				run("1.1.0", "a", "applied", { pools: [{ pool: "b", outcome: "applied" }] }),
				run("1.1.0", "a", "failed", {
					pools: [
						{ pool: "a", outcome: "applied" },
						{ pool: "b", outcome: "failed" },
					],
				}),
			],
			"1.1.0",
		],
		["degraded", [run("1.1.0", "a", "degraded")], undefined],
		["only skipped", [run("1.1.0", "a", "skipped")], undefined],
		["its final closure failed", [run("1.1.0", "a", "applied", { finalClosure: { outcome: "failed" } })], undefined],
		[
			"its final closure failed and passed later",
			[
				run("1.1.0", "a", "unchanged", { finalClosure: { outcome: "passed" } }),
				run("1.1.0", "a", "applied", { finalClosure: { outcome: "failed" } }),
			],
			"1.1.0",
		],
		["a rehearsal proves nothing", [run("1.1.0", "a", "applied", { kind: "rehearse" })], undefined],
		["put back by hand", [run("1.1.0", "a", "applied", { kind: "revert" }), run("1.1.0", "a", "applied")], undefined],
		[
			"an end nobody knows",
			[run("1.1.0", "a", "applied", { outcome: undefined }), run("1.1.0", "b", "applied")],
			undefined,
		],
		[
			"other content under the number",
			[run("1.1.0", "a", "applied", { module: { name: "fix", version: "1.1.0", digest: "b".repeat(64) } })],
			undefined,
		],
	]
	const judge = (runs: DesktopRun[], pools?: string[]) =>
		findLastSafe([{ version: "1.0.0" }, { version: "1.1.0", digest }], runs, async () => pools)
	test.each(rows)("%s", async (_name, runs, safe) => {
		expect(await judge(runs, [])).toBe(safe)
	})

	test("a pool that never ran somewhere proves nothing of the version", async () => {
		const whole = run("1.1.0", "a", "applied", {
			pools: [
				{ pool: "web", outcome: "applied" },
				{ pool: "cron", outcome: "unchanged" },
			],
		})
		const part = run("1.1.0", "b", "applied", {
			pools: [
				{ pool: "web", outcome: "applied" },
				{ pool: "cron", outcome: "skipped" },
			],
		})
		expect(await judge([whole], ["web", "cron"])).toBe("1.1.0")
		expect(await judge([whole, part], ["web", "cron"])).toBeUndefined()
		expect(await judge([whole, part], ["web"])).toBe("1.1.0")
		expect(await judge([whole])).toBeUndefined()
	})

	test("comes from this desktop's own history", async () => {
		const { library, store, root } = makePlace()
		const folder = makeModule(root)
		await publish(library, folder)
		const { digest: published = "" } = await library.open(folder)
		expect((await library.versions(folder)).lastSafe).toBeUndefined()
		store.runs.save(
			run("1.0.0", "a", "applied", { module: { name: "fix", version: "1.0.0", digest: "b".repeat(64) } }),
			null,
		)
		expect((await library.versions(folder)).lastSafe).toBeUndefined()
		store.runs.save(
			run("1.0.0", "a", "applied", {
				id: "2",
				run: "r2",
				module: { name: "fix", version: "1.0.0", digest: published },
			}),
			null,
		)
		expect((await library.versions(folder)).lastSafe).toBe("1.0.0")
	})
})

describe("publishing", () => {
	test("writes the version into the text and shows beforehand what changed", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const first = await library.propose(folder)
		expect(first.changes.map(({ path, change }) => [path, change])).toEqual([
			["index.json", "added"],
			["src/a.txt", "added"],
		])
		await publish(library, folder)
		writeFiles(folder, { "src/a.txt": "two\n", "src/b.bin": "\0\0" })
		chmodSync(join(folder, "src/a.txt"), 0o755)
		const proposal = await library.propose(folder)
		expect(proposal).toMatchObject({
			previous: { version: "1.0.0" },
			versions: [{ version: "1.0.1", kind: "patch" }, {}, {}],
		})
		expect(proposal.findings.map(({ rule }) => rule)).toEqual(["source-unused"])
		expect(proposal.changes).toMatchObject([
			{
				path: "src/a.txt",
				change: "changed",
				isExecutableBefore: false,
				isExecutableAfter: true,
				diff: expect.stringContaining("-one\n+two"),
			},
			{ path: "src/b.bin", change: "added", sizeAfter: 2 },
		])
		expect(proposal.changes[1]?.diff).toBeUndefined()
		const { base, content } = proposal
		const result = await library.publish({
			folder,
			base,
			content,
			version: "1.1.0",
			note: "It was broken.\nNow it is not.",
		})
		expect(result).toMatchObject({
			state: "published",
			version: { version: "1.1.0", message: "It was broken.\nNow it is not." },
			textDigest: digestOf(read(folder)),
		})
		expect(read(folder)).toBe(makeIndex("1.1.0"))
		const [, text] = (await library.diff(folder, "1.0.0", "1.1.0")).map(({ path, diff }) => [path, diff])
		expect(text?.[0]).toBe("src/a.txt")
		expect((await library.diff(folder, "1.0.0", "1.1.0"))[0]?.diff).toContain('+    "schema_version": "1.1.0"')
		expect(await library.diff(folder, "1.1.0", "working")).toEqual([])
	})

	test("what is doubtful about the files themselves is told before they are published for good", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root, "fix", {
			"src/a.txt": "#!/bin/sh\r\necho\r\n",
			"src/b.key": "-----BEGIN OPENSSH PRIVATE KEY-----\n",
		})
		const told = (await library.propose(folder)).findings.map(({ rule, line, message }) => [rule, line > 1, message])
		expect(told).toEqual([
			["source-unused", false, expect.any(String)],
			["secret", false, '"src/b.key": line 1 looks like a private key'],
			["script-crlf", true, expect.stringMatching(/Windows line ends/)],
			["script-not-executable", true, expect.any(String)],
		])
		expect(await publish(library, folder)).toMatchObject({ state: "published" })
	})

	test("a version that was published cannot be published again, whatever its build is called", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		await publish(library, folder)
		writeFiles(folder, { "src/a.txt": "two\n" })
		for (const version of ["1.0.0", "1.0.0+other"])
			expect(await failureOf(publish(library, folder, version))).toMatchObject({ code: "version-published" })
		for (const version of ["1.0", "v1.0.1", "latest"])
			expect(await failureOf(publish(library, folder, version))).toMatchObject({ code: "bad-request" })
		expect(read(folder)).toBe(makeIndex("1.0.0"))
		expect(await publish(library, folder, "0.9.0")).toMatchObject({ state: "published" })
		expect((await library.versions(folder)).versions.map(({ version }) => version)).toEqual(["1.0.0", "0.9.0"])
	})

	test("what changed since it was looked at is not published", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const { base, content } = await library.propose(folder)
		writeFiles(folder, { "src/a.txt": "two\n" })
		expect(await library.publish({ folder, base, content, version: "1.0.0" })).toEqual({ state: "changed" })
		writeFiles(folder, { "src/a.txt": "one\n" })
		chmodSync(join(folder, "src/a.txt"), 0o755)
		expect(await library.publish({ folder, base, content, version: "1.0.0" })).toEqual({ state: "changed" })
		chmodSync(join(folder, "src/a.txt"), 0o644)
		expect(await library.publish({ folder, base, content, version: "1.0.0" })).toMatchObject({ state: "published" })
	})

	const faulty: [why: string, rule: string, spoil: (folder: string) => void][] = [
		["a source is missing", "source-missing", (folder) => rmSync(join(folder, "src/a.txt"))],
		["the text is no JSON", "syntax", (folder) => writeFileSync(join(folder, "index.json"), '{"pools":')],
		["a link leaves src", "link-leaves-source", (folder) => symlinkSync("/etc/passwd", join(folder, "src/link"))],
	]
	test.each(faulty)(
		"is refused where %s",
		async (_why, rule, spoil) => {
			const { library, root } = makePlace()
			const folder = makeModule(root)
			spoil(folder)
			const { base, content, findings } = await library.propose(folder)
			expect(findings.filter(({ severity }) => severity === "fault").map((finding) => finding.rule)).toContain(rule)
			const failure = await failureOf(library.publish({ folder, base, content, version: "1.0.0" }))
			expect(failure.code).toBe("module-faulty")
			expect(failure.findings?.map((finding) => finding.rule)).toContain(rule)
			expect(existsSync(join(folder, ".git"))).toBe(false)
		},
		60_000,
	)

	test("large sources are warned of, and refused where no git is made for them", () => {
		const source = { target: "a.txt", path: "", mode: 0o644, digest: "", used: true }
		const found = (size: number) => publishFindings({ sources: [{ ...source, size }] }, makeIndex("1.0.0"))
		expect(found(100 * 1024 * 1024)).toEqual([])
		expect(found(100 * 1024 * 1024 + 1)).toMatchObject([{ severity: "warning", rule: "source-large", line: 12 }])
		expect(found(1024 ** 3 + 1)).toMatchObject([{ severity: "fault", rule: "source-too-large" }])
	})

	test("what git could not keep is refused and named", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root, "fix", { "src/nested/.git/config": "x" })
		const { problem, base, content } = await library.propose(folder)
		expect(problem).toMatchObject({ code: "source-refused", data: { reason: "git-folder" } })
		expect(await failureOf(library.publish({ folder, base, content, version: "1.0.0" }))).toMatchObject({
			code: "source-refused",
		})
	})

	test("modes are those that git gives back, and another one is warned of", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		chmodSync(join(folder, "src/a.txt"), 0o600)
		expect((await library.propose(folder)).findings).toMatchObject([
			{ rule: "mode-not-kept", path: "$.pools[0].operations[0].target" },
		])
		await publish(library, folder)
		expect(statSync(join(folder, "src/a.txt")).mode & 0o777).toBe(0o644)
		const { digest } = await library.open(folder)
		writeFiles(folder, { "src/a.txt": "two\n" })
		await publish(library, folder)
		await library.checkout({ folder, version: "1.0.0", keepChanges: false })
		expect((await library.open(folder)).digest).toBe(digest)
	})
})

describe.skipIf(!hasGit)(`a version never changes${hasGit ? "" : ": git is not installed"}`, () => {
	const twoVersions = async () => {
		const place = makePlace()
		const folder = makeModule(place.root)
		await publish(place.library, folder)
		writeFiles(folder, { "src/a.txt": "two\n" })
		await publish(place.library, folder)
		const [newer, older] = git(folder, "tag", "--sort=-version:refname").split("\n")
		return { ...place, folder, newer: newer ?? "", older: older ?? "" }
	}

	test("a moved tag is noticed, and the version stays what it was", async () => {
		const { library, folder, older, newer } = await twoVersions()
		git(folder, "tag", "-f", older, `${newer}^{commit}`)
		const { versions, standing } = await library.versions(folder)
		expect(versions.map(({ version, state }) => [version, state])).toEqual([
			["1.0.1", "sound"],
			["1.0.0", "tag-moved"],
		])
		expect(standing.problems).toMatchObject([{ code: "tag-changed", data: { id: older, reason: "moved" } }])
		await library.checkout({ folder, version: "1.0.0", keepChanges: false })
		expect(read(folder, "src/a.txt")).toBe("one\n")
		writeFiles(folder, { "src/a.txt": "three\n" })
		expect(await failureOf(publish(library, folder, "1.0.0"))).toMatchObject({ code: "version-published" })
	})

	test("a deleted tag is noticed, not made again, and its version is not free", async () => {
		const { library, folder, newer } = await twoVersions()
		git(folder, "tag", "-d", newer)
		const { versions, standing } = await library.versions(folder)
		expect(versions[0]).toMatchObject({ version: "1.0.1", state: "tag-deleted" })
		expect(standing.problems).toMatchObject([{ code: "tag-changed", data: { reason: "deleted" } }])
		writeFiles(folder, { "src/a.txt": "three\n" })
		expect(await failureOf(publish(library, folder, "1.0.1"))).toMatchObject({ code: "version-published" })
		expect(git(folder, "tag")).not.toContain(newer)
	})

	test("a tag that became a plain one, or a packed one, is the same", async () => {
		const { library, folder, newer } = await twoVersions()
		git(folder, "tag", "-f", newer, `${newer}^{commit}`)
		git(folder, "pack-refs", "--all")
		expect((await library.versions(folder)).standing.problems).toEqual([])
	})

	test("killed between commit and tag: the next look makes the very tag", async () => {
		const { folder, newer, again, store } = await twoVersions()
		const oid = git(folder, "rev-parse", newer)
		git(folder, "tag", "-d", newer)
		// As it is when the program dies before it has seen the tag.
		store.library.forgetPublished(folder)
		expect((await again().open(folder)).standing).toMatchObject({
			published: { version: "1.0.1", state: "sound" },
			problems: [],
		})
		expect(git(folder, "rev-parse", newer)).toBe(oid)
	})

	test("killed after the index was written: publishing goes on", async () => {
		const { library, folder } = await twoVersions()
		writeFiles(folder, { "src/a.txt": "three\n", "index.json": makeIndex("1.0.2") })
		git(folder, "add", ".")
		expect(await publish(library, folder)).toMatchObject({ version: { version: "1.0.2" } })
		expect(git(folder, "status", "--porcelain")).toBe("")
	})

	test("another repository in the same folder has its own versions", async () => {
		const { library, folder } = await twoVersions()
		rmSync(join(folder, ".git"), { recursive: true })
		git(folder, "init", "-q", "-b", "main")
		expect((await library.versions(folder)).versions).toEqual([])
		expect(await publish(library, folder)).toMatchObject({ version: { version: "1.0.1" } })
	})

	test("checkout brings files, links, modes and folders back, and refuses to lose work", async () => {
		const place = makePlace()
		const { library } = place
		const folder = makeModule(place.root, "fix", { "src/dir/x": "x", "src/tool": "#!/bin/sh\n", "README.md": "mine" })
		chmodSync(join(folder, "src/tool"), 0o755)
		symlinkSync("tool", join(folder, "src/link"))
		await publish(library, folder)
		const tag = git(folder, "tag")
		rmSync(join(folder, "src/dir"), { recursive: true })
		rmSync(join(folder, "src/link"))
		writeFiles(folder, { "src/dir": "a file now", "src/link/inner": "a folder now", "src/new/deep": "n" })
		chmodSync(join(folder, "src/tool"), 0o644)
		await publish(library, folder)
		const head = git(folder, "rev-parse", "HEAD")
		expect(await library.checkout({ folder, version: "1.0.0", keepChanges: false })).toMatchObject({
			version: "1.0.0",
			changed: 4,
		})
		const index = {
			env: { ...process.env, GIT_INDEX_FILE: join(place.root, "other-index") },
			encoding: "utf8" as const,
		}
		execFileSync("git", ["-C", folder, "read-tree", tag], index)
		expect(execFileSync("git", ["-C", folder, "diff", "--stat"], index)).toBe("")
		expect(git(folder, "rev-parse", "HEAD")).toBe(head)
		expect(readdirSync(join(folder, "src")).sort()).toEqual(["a.txt", "dir", "link", "tool"])
		expect(read(folder, "README.md")).toBe("mine")
		expect((await library.open(folder)).standing.working).toEqual({ state: "published", version: "1.0.0" })
		writeFiles(folder, { "src/work": "hours of it", "index.json": makeIndex("1.0.0", ["work"]) })
		expect(await failureOf(library.checkout({ folder, version: "1.0.1", keepChanges: false }))).toMatchObject({
			code: "changes-unpublished",
		})
		expect(read(folder, "src/work")).toBe("hours of it")
		const { kept = "" } = await library.checkout({ folder, version: "1.0.1", keepChanges: true })
		expect(existsSync(join(folder, "src/work"))).toBe(false)
		expect((await library.versions(folder)).kept).toMatchObject([
			{ name: kept, keptAt: expect.stringMatching(/^20\d\d-..-..T..:..:/) },
		])
		git(folder, "gc", "-q", "--prune=now")
		await library.checkout({ folder, version: kept, keepChanges: false })
		expect(read(folder, "src/work")).toBe("hours of it")
		for (const version of ["9.9.9", "kept/nothing", "kept/../../heads/main", "HEAD", "--help"])
			expect(await failureOf(library.checkout({ folder, version, keepChanges: true }))).toMatchObject({
				code: "version-unknown",
			})
	})

	test("a hostile repository cannot write outside the module", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		await publish(library, folder)
		mkdirSync(join(root, "outside"))
		// A version with a file below src/d, and a working folder in which src/d is a link to elsewhere.
		writeFiles(folder, { "src/d/x": "evil\n" })
		await publish(library, folder)
		rmSync(join(folder, "src/d"), { recursive: true })
		await publish(library, folder)
		const at = library.checkout({ folder, version: "1.0.1", keepChanges: false })
		await at
		rmSync(join(folder, "src/d"), { recursive: true })
		symlinkSync(join(root, "outside"), join(folder, "src/d"))
		await library.checkout({ folder, version: "1.0.1", keepChanges: true })
		expect(readdirSync(join(root, "outside"))).toEqual([])
		// Trees that name what git itself would refuse.
		for (const name of ["..", ".git", ".", "four", "fifth"]) {
			const blob = execFileSync("git", ["-C", folder, "hash-object", "-w", "--stdin"], { input: "evil" })
				.toString()
				.trim()
			// The last two: a name that is no text, and one that is a path.
			const raw = name === "four" ? "b\xffad" : name === "fifth" ? "a/../../x" : name
			const bytes = Buffer.concat([Buffer.from(`100644 ${raw}\0`, "latin1"), Buffer.from(blob, "hex")])
			const bad = execFileSync("git", ["-C", folder, "hash-object", "-t", "tree", "-w", "--stdin", "--literally"], {
				input: bytes,
			})
				.toString()
				.trim()
			const index = git(folder, "rev-parse", "HEAD:index.json")
			const top = execFileSync("git", ["-C", folder, "mktree", "--missing"], {
				input: `100644 blob ${index}\tindex.json\n040000 tree ${bad}\tsrc\n`,
			})
				.toString()
				.trim()
			const commit = git(folder, "commit-tree", top, "-m", "evil")
			git(folder, "tag", `fix-v6.6.${name.length}-20260101`, commit)
			const { versions, standing } = await library.versions(folder)
			expect(versions[0]).toMatchObject({ state: "unreadable" })
			expect(standing.problems).toMatchObject([{ code: "tag-changed" }])
			expect(
				await failureOf(library.checkout({ folder, version: `6.6.${name.length}`, keepChanges: true })),
			).toMatchObject({ code: "repository-unusable" })
			git(folder, "tag", "-d", `fix-v6.6.${name.length}-20260101`)
		}
	})

	/** One step of somebody: we or they. */
	type Step = {
		do: "save" | "source" | "publish" | "checkout" | "keep" | "commit" | "remove" | "gc" | "stage"
		n: number
	}
	const step: fc.Arbitrary<Step> = fc.record({
		do: fc.constantFrom("save", "source", "publish", "publish", "checkout", "keep", "commit", "remove", "gc", "stage"),
		n: fc.nat(5),
	})

	test("whatever we and others do, the bytes of what was published stay", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
				const { library, root } = makePlace()
				const folder = makeModule(root)
				const published = new Map<string, Record<string, string>>()
				for (const one of steps) {
					await take(library, folder, one, published)
					for (const [tag, files] of published)
						for (const [path, text] of Object.entries(files)) expect(show(folder, tag, path)).toBe(text)
				}
				for (const tag of published.keys()) {
					const version = parseVersionTag(tag)?.version ?? ""
					await library.checkout({ folder, version, keepChanges: true })
					for (const [path, text] of Object.entries(published.get(tag) ?? {})) expect(read(folder, path)).toBe(text)
				}
				if (published.size > 0) expect(git(folder, "fsck", "--strict", "--no-dangling")).toBe("")
			}),
			{ numRuns: 12, endOnFailure: true },
		)
	}, 600_000)

	const show = (folder: string, tag: string, path: string) =>
		execFileSync("git", ["-C", folder, "cat-file", "blob", `${tag}:${path}`]).toString()

	async function take(
		library: ReturnType<typeof makePlace>["library"],
		folder: string,
		{ do: what, n }: Step,
		published: Map<string, Record<string, string>>,
	) {
		const hasRepository = existsSync(join(folder, ".git"))
		if (what === "save") {
			const { text, textDigest } = await library.open(folder)
			const edited = text.replace(/"description": "[^"]*"/, `"description": "${n} ${Math.random()}"`)
			expect(await library.save({ folder, text: edited, base: textDigest })).toMatchObject({ state: "saved" })
		} else if (what === "source")
			writeFiles(folder, { "src/a.txt": `${n} ${Math.random()}\n`, [`src/extra-${n}`]: "x" })
		else if (what === "remove") rmSync(join(folder, `src/extra-${n}`), { force: true })
		else if (what === "publish") {
			const result = await publish(library, folder).catch((error) => error.failure)
			// The team staged something else meanwhile; it is right to refuse.
			if (result.code)
				return void expect(result).toMatchObject({ code: "repository-unusable", data: { reason: "staged" } })
			expect(result.state).toBe("published")
			const files = (await library.open(folder)).sources.map(({ target }) => `src/${target}`)
			published.set(
				result.version.tag,
				Object.fromEntries(["index.json", ...files].map((path) => [path, read(folder, path)])),
			)
			expect(versionIn(read(folder))).toBe(result.version.version)
		} else if (what === "checkout" || what === "keep") {
			const tags = [...published.keys()]
			const version = parseVersionTag(tags[n % tags.length] ?? "")?.version
			if (version === undefined) return
			const before = read(folder, "src/a.txt")
			const failure = await library.checkout({ folder, version, keepChanges: what === "keep" }).then(
				() => undefined,
				(error) => error.failure,
			)
			if (failure) expect([failure.code, read(folder, "src/a.txt")]).toEqual(["changes-unpublished", before])
		} else if (!hasRepository) return
		else if (what === "commit") {
			git(folder, "add", "-A")
			git(folder, "commit", "-q", "--allow-empty", "-m", `theirs ${n}`)
		} else if (what === "stage") git(folder, "add", "-A")
		else git(folder, "gc", "-q", "--prune=now")
	}
})
