import { execFileSync, execSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
	chownSync,
	closeSync,
	constants,
	cpSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { deflateSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { digestOf } from "../../../../../core/fleet/digest.ts"
import { findAuthor } from "../../../../../core/fleet/library/git/author.ts"
import { findBadName } from "../../../../../core/fleet/library/git/entry-name.ts"
import { personalConfigFiles } from "../../../../../core/fleet/library/git/git-config.ts"
import { makeIndex as makeGitIndex } from "../../../../../core/fleet/library/git/index-file.ts"
import { openObjects } from "../../../../../core/fleet/library/git/objects.ts"
import { moveBranch, readHead } from "../../../../../core/fleet/library/git/refs.ts"
import { findRepository } from "../../../../../core/fleet/library/git/repository.ts"
import { createTreeMeter } from "../../../../../core/fleet/library/git/tree-limits.ts"
import { createObjectWriter } from "../../../../../core/fleet/library/git/write-object.ts"
import { readEnabledPools } from "../../../../../core/fleet/library/published-pools.ts"
import { ownOwner } from "../../../../../core/fleet/services/owner.ts"
import { MAX_INDEX_BYTES } from "../../../../../core/folder/read-index-file.ts"
import { sentenceOf } from "../../../../../core/schema/sentences.ts"
import { failureOf, git, hasGit, makeIndex, makeModule, makePlace, publish, read, writeFiles } from "./place.ts"

// Whoever tests may have told git to trust every folder.
beforeEach(() => void vi.stubEnv("HOME", "/nonexistent").stubEnv("XDG_CONFIG_HOME", ""))
afterEach(() => void vi.unstubAllEnvs())

/** A published module with a repository in it, and something outside that is not its business. */
async function makePublished() {
	const place = makePlace()
	const folder = makeModule(place.root)
	await publish(place.library, folder)
	writeFiles(folder, { "src/a.txt": "two\n" })
	writeFiles(place.root, { "outside/profile": "export A=1\n" })
	const gitDir = join(folder, ".git")
	return {
		...place,
		folder,
		gitDir,
		outside: join(place.root, "outside"),
		repository: { root: folder, gitDir, commonDir: gitDir, prefix: "" },
	}
}

/** Publishing is refused for this reason, which the open module says too; its files stay usable. */
async function expectRefused({ library, folder, root }: Awaited<ReturnType<typeof makePublished>>, reason: string) {
	const opened = await library.open(folder)
	expect(opened.module?.pools).toHaveLength(1)
	expect(opened.standing.problems).toMatchObject([{ code: "repository-unusable", data: { reason } }])
	expect(await failureOf(publish(library, folder, "1.0.1"))).toMatchObject({
		code: "repository-unusable",
		data: { reason },
	})
	expect((await library.list()).modules).toHaveLength(1)
	expect(read(root, "outside/profile")).toBe("export A=1\n")
	expect(readdirSync(join(root, "outside"))).toEqual(["profile"])
}

describe("a part of a module's .git that leads elsewhere", () => {
	test.each([
		["logs/HEAD", "profile"],
		["logs/refs/heads/main", "profile"],
		["logs/refs", ""],
		["logs", ""],
		["refs/heads/main", "profile"],
		["refs/heads", ""],
		["refs/tags", ""],
		["refs", ""],
		["HEAD", "profile"],
		["HEAD", "../zero"],
		["index", "profile"],
		["packed-refs", "../zero"],
		["config", "../zero"],
		["commondir", "../zero"],
		["objects", ""],
		["objects/pack", ""],
		["objects/pack/pack-1.idx", "../zero"],
	])("%s: a link to outside/%s", async (part, to) => {
		const made = await makePublished()
		symlinkSync("/dev/zero", join(made.root, "zero"))
		rmSync(join(made.gitDir, part), { recursive: true, force: true })
		symlinkSync(join(made.outside, to), join(made.gitDir, part))
		await expectRefused(made, "link")
	})

	test.skipIf(process.platform === "win32").each(["HEAD", "index", "config", "logs/HEAD", "refs/heads/main"])(
		"%s: a pipe, which is not waited for",
		async (part) => {
			const made = await makePublished()
			rmSync(join(made.gitDir, part))
			execFileSync("mkfifo", [join(made.gitDir, part)])
			await expectRefused(made, "link")
		},
	)

	test("is .git itself", async () => {
		const made = await makePublished()
		renameSync(made.gitDir, join(made.root, "other.git"))
		symlinkSync(join(made.root, "other.git"), made.gitDir)
		await expectRefused(made, "link")
	})

	test("is not written to by a step that comes to it without looking first", async () => {
		const { repository, gitDir, outside, root } = await makePublished()
		const head = await readHead(repository)
		if (head.branch === undefined) throw new Error("no branch")
		rmSync(join(gitDir, "logs/HEAD"))
		symlinkSync(join(outside, "profile"), join(gitDir, "logs/HEAD"))
		const said = { signature: "x; touch PWNED; # <a@b> 1 +0000", message: "m" }
		const moved = moveBranch(repository, head, "1".repeat(40), said)
		expect(await failureOf(moved)).toMatchObject({ data: { reason: "link" } })
		expect(await readHead(repository)).toEqual(head)
		rmSync(join(gitDir, "objects"), { recursive: true })
		symlinkSync(outside, join(gitDir, "objects"))
		const written = createObjectWriter(gitDir).write("blob", Buffer.from("x"))
		expect(await failureOf(written)).toMatchObject({ data: { reason: "link" } })
		expect(read(root, "outside/profile")).toBe("export A=1\n")
		expect(readdirSync(outside)).toEqual(["profile"])
	})
})

test("the file that says who holds the index's lock is not written through a link", async () => {
	const { library, folder, gitDir, root } = await makePublished()
	const [pid, start] = ownOwner().split(":")
	symlinkSync(join(root, "outside/profile"), join(gitDir, `hotfix-lock-${pid}-${start}`))
	expect(await failureOf(publish(library, folder, "1.0.1"))).toMatchObject({ data: { reason: "outside" } })
	expect(read(root, "outside/profile")).toBe("export A=1\n")
})

describe("a name of a file", () => {
	test.each([
		["a\\b", "name"],
		["..\\..\\x", "name"],
		["...", "name"],
		[". .", "name"],
		["git~1", "git-folder"],
		["GIT~2", "git-folder"],
		[".Git ", "git-folder"],
		[".git...", "git-folder"],
		[".git::$INDEX_ALLOCATION", "git-folder"],
		[".g\u200cit", "git-folder"],
	])("%j is not published: on another system it is none", async (name, reason) => {
		const { library, folder } = await makePublished()
		writeFiles(folder, { [`src/deep/${name}`]: "x" })
		const failure = await failureOf(publish(library, folder, "1.0.1"))
		expect(failure).toMatchObject({ code: "source-refused", data: { reason } })
		expect(findBadName(name)).toBe(reason)
	})

	test("any other is, and comes back", async () => {
		const { library, folder, again } = await makePublished()
		const names = [
			" blank ",
			"a.",
			"a ",
			".gitignore",
			"git~",
			"git~10",
			"x.git",
			"C:x",
			"con",
			"line\nend",
			"\u200c",
			"é",
		]
		writeFiles(folder, Object.fromEntries(names.map((name) => [`src/${name}`, name])))
		await publish(library, folder, "1.0.1")
		for (const name of names) rmSync(join(folder, "src", name))
		await again().checkout({ folder, version: "1.0.1", keepChanges: true })
		for (const name of names) expect(read(folder, `src/${name}`)).toBe(name)
	})

	test.each(["", ".", "..", "a/b", "a\0b", "\ufffd"])("%j is none on any system", (name) => {
		expect(findBadName(name)).toBe("name")
	})
})

test("who publishes is one line that ends no signature, whatever a module's own settings say", async () => {
	const { repository, gitDir } = await makePublished()
	writeFileSync(join(gitDir, "config"), '[user]\n\tname = "a\\n<b>\x7f; $(c)"\n\temail = "x> 1 +0000\\nz"\n')
	expect(await findAuthor(repository, { HOME: "/nonexistent" })).toEqual({ name: "ab; $(c)", email: "x 1 +0000z" })
})

test.each([
	"refs/heads/../../../outside/made",
	"refs/heads/./x",
	"refs/heads//x",
	"refs/heads/.x",
	"refs/heads/x.lock",
	"refs/heads/x.lock/y",
	"refs/heads/x/",
	"refs/heads/x.",
	"refs/heads/a b",
	"refs/heads/a\x07",
	"refs/heads/..\\..\\x",
	"refs/heads/C:x",
	"refs/heads/a@{1}",
])("HEAD names %j: nothing is written there, also by a copy", async (ref) => {
	const made = await makePublished()
	writeFileSync(join(made.gitDir, "HEAD"), `ref: ${ref}\n`)
	const { folder } = await made.library.import({ folder: made.folder, copy: true, name: "copied" })
	expect(await failureOf(publish(made.library, folder, "1.0.1"))).toMatchObject({ data: { reason: "ref-name" } })
	rmSync(folder, { recursive: true })
	await expectRefused(made, "ref-name")
})

test.each([
	["two dots", "a..b"],
	["more letters than a file's name may have", "a".repeat(300)],
])(
	"a commit that says to be a version by a name that git has for none (%s) keeps nothing from being published",
	async (_what, name) => {
		const { library, folder, gitDir, repository } = await makePublished()
		const head = join(gitDir, "refs/heads/main")
		const parent = readFileSync(head, "utf8").trim()
		const { tree } = await openObjects(repository).readCommit(parent)
		const lines = [`tree ${tree}`, `parent ${parent}`, "author a <a> 1 +0000", "committer a <a> 1 +0000"]
		const text = `${lines.join("\n")}\n\nm\n\nHotfix-Version: ${name}-v1.0.0-20260101\n`
		writeFileSync(head, `${await createObjectWriter(gitDir).write("commit", Buffer.from(text))}\n`)
		expect(await publish(library, folder, "1.0.1")).toMatchObject({ state: "published" })
		expect((await library.open(folder)).standing.problems).toEqual([])
	},
)

test("a branch with any name that git allows is published to", async () => {
	const { library, folder, gitDir } = await makePublished()
	rmSync(join(gitDir, "index"))
	writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/team/ärger-1.x@y\n")
	expect(await publish(library, folder, "1.0.1")).toMatchObject({ state: "published" })
	expect(existsSync(join(gitDir, "refs/heads/team/ärger-1.x@y"))).toBe(true)
})

/** Does what the sentence about a failure tells a person to do. */
function followRemedy(failure: Awaited<ReturnType<typeof failureOf>>, pattern: RegExp, cwd: string) {
	const { next = "" } = sentenceOf(failure as Parameters<typeof sentenceOf>[0])
	const command = pattern.exec(next)?.[1] ?? "false"
	execSync(command.replace("PATH", `'${failure.data.path}'`), { cwd })
}

describe.skipIf(!hasGit)("a .git that is a file of an honest repository", () => {
	test("made with --separate-git-dir: it counts once it names its folder", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		git(root, "init", "-q", "-b", "main", "--separate-git-dir", join(root, "apart.git"), folder)
		const failure = await failureOf(publish(library, folder))
		expect(failure).toMatchObject({ data: { reason: "other-folder" } })
		followRemedy(failure, /`(git config .+?)`/, folder)
		expect(await publish(library, folder)).toMatchObject({ state: "published" })
		expect(git(folder, "log", "--format=%s")).toBe("Publish fix 1.0.0")
	})

	test("a submodule whose settings are split", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const gitDir = join(root, "outer/.git/modules/fix")
		mkdirSync(join(gitDir, ".."), { recursive: true })
		git(root, "init", "-q", "-b", "main", "--separate-git-dir", gitDir, folder)
		git(folder, "config", "extensions.worktreeConfig", "true")
		git(folder, "config", "--worktree", "core.worktree", folder)
		expect(readFileSync(join(gitDir, "config"), "utf8")).not.toContain("\tworktree =")
		expect(await publish(library, folder)).toMatchObject({ state: "published" })
		git(folder, "config", "--worktree", "core.worktree", root)
		expect(await failureOf(findRepository(folder))).toMatchObject({ data: { reason: "other-folder" } })
		git(folder, "config", "core.worktree", folder)
		expect(await failureOf(findRepository(folder))).toMatchObject({ data: { reason: "other-folder" } })
		git(folder, "config", "--worktree", "core.worktree", folder)
		renameSync(join(gitDir, "config.worktree"), join(root, "elsewhere"))
		symlinkSync(join(root, "elsewhere"), join(gitDir, "config.worktree"))
		expect(await failureOf(findRepository(folder))).toMatchObject({ data: { reason: "link" } })
	})
})

describe("a module's .git that leads into another repository of the engineer's", () => {
	const makeOther = async () => {
		const made = await makePublished()
		const other = makeModule(made.root, "other")
		await publish(made.library, other)
		return { ...made, other }
	}

	test.each([
		[
			"a file",
			(folder: string) => {
				rmSync(join(folder, ".git"), { recursive: true })
				writeFileSync(join(folder, ".git"), "gitdir: ../other/.git\n")
			},
		],
		["commondir", (folder: string) => writeFileSync(join(folder, ".git/commondir"), "../../other/.git\n")],
		[
			"a file and a false working tree, which names it back",
			(folder: string) => {
				renameSync(join(folder, ".git"), join(folder, "tree"))
				writeFiles(folder, {
					".git": "gitdir: tree\n",
					"tree/gitdir": "../.git\n",
					"tree/commondir": "../../other/.git\n",
				})
			},
		],
		[
			"a file to the working tree of another folder",
			(folder: string) => {
				const tree = join(folder, "../other/.git/worktrees/side")
				mkdirSync(tree, { recursive: true })
				cpSync(join(folder, "../other/.git/HEAD"), join(tree, "HEAD"))
				writeFiles(tree, { commondir: "../..\n", gitdir: "/elsewhere/side/.git\n" })
				rmSync(join(folder, ".git"), { recursive: true })
				writeFileSync(join(folder, ".git"), "gitdir: ../other/.git/worktrees/side\n")
			},
		],
	])("%s", async (_how, lead) => {
		const made = await makeOther()
		const head = readFileSync(join(made.other, ".git/refs/heads/main"), "utf8")
		lead(made.folder)
		await expectRefused(made, "other-folder")
		expect(readFileSync(join(made.other, ".git/refs/heads/main"), "utf8")).toBe(head)
	})
})

describe.skipIf(process.getuid?.() !== 0)("a repository of another account", () => {
	test("is not used, except by root for the account that called sudo", async () => {
		const made = await makePublished()
		chownSync(made.gitDir, 65_534, 65_534)
		await expectRefused(made, "other-owner")
		process.env.SUDO_UID = "65534"
		try {
			expect(await publish(made.library, made.folder, "1.0.1")).toMatchObject({ state: "published" })
		} finally {
			delete process.env.SUDO_UID
		}
	})

	const trusting: [config: string, isTrusted: boolean][] = [
		["[safe]\n\tdirectory = FOLDER", true],
		["[safe]\n\tdirectory = *", true],
		["[safe]\n\tdirectory = /elsewhere\n\tdirectory = LINK/fix/", true],
		["[safe]\n\tdirectory = ROOT/*", true],
		["[safe]\n\tdirectory = /*", true],
		["[safe]\n\tdirectory = ~/../fix", true],
		["[safe]\n\tdirectory =\n[safe]\n\tdirectory = FOLDER", true],
		["[safe]\n\tdirectory = FOLDER\n\tdirectory = /elsewhere", true],
		["[safe]\n\tdirectory = FOLDER\n\tdirectory =", false],
		["[safe]\n\tdirectory = *\n\tdirectory", false],
		["[safe]\n\tdirectory = FOLDER/*", false],
		["[safe]\n\tdirectory = FOLDER/.git", false],
		["[safe]\n\tdirectory = ROOT", false],
		["[safe]\n\tdirectory = ROOT/f", false],
		["[safe]\n\tdirectory = fix", false],
		["[safe]\n\tbareRepository = *", false],
	]
	test.each(trusting)("%j in the person's own settings: trusted %j", async (config, isTrusted) => {
		const made = await makePublished()
		const { library, folder, root } = made
		chownSync(made.gitDir, 65_534, 65_534)
		symlinkSync(root, join(root, "link"))
		const text = config.replaceAll("FOLDER", folder).replaceAll("ROOT", root).replaceAll("LINK", join(root, "link"))
		writeFiles(root, { "home/.gitconfig": text })
		vi.stubEnv("HOME", join(root, "home"))
		if (isTrusted) expect(await publish(library, folder, "1.0.1")).toMatchObject({ state: "published" })
		else await expectRefused(made, "other-owner")
	})

	test.skipIf(!hasGit)("around a module counts once a person does what the refusal says", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(join(root, "team"))
		git(root, "init", "-q", "-b", "main", "team")
		git(join(root, "team"), "add", ".")
		chownSync(join(root, "team/.git"), 65_534, 65_534)
		mkdirSync(join(root, "home"))
		vi.stubEnv("HOME", join(root, "home"))
		const failure = await failureOf(publish(library, folder))
		expect(failure).toMatchObject({ data: { reason: "other-owner", path: join(root, "team") } })
		followRemedy(failure, /`(git config .+?)`/, root)
		expect(await publish(library, folder)).toMatchObject({ state: "published" })
		expect(existsSync(join(folder, ".git"))).toBe(false)
	})

	test("the person's other file of settings counts too, and the one in their home takes it back", async () => {
		const made = await makePublished()
		chownSync(made.gitDir, 65_534, 65_534)
		writeFiles(made.root, { "home/.config/git/config": "[safe]\n\tdirectory = *\n", "xdg/git/config": "" })
		vi.stubEnv("HOME", join(made.root, "home"))
		expect(await findRepository(made.folder)).toMatchObject({ prefix: "" })
		vi.stubEnv("XDG_CONFIG_HOME", join(made.root, "xdg"))
		await expectRefused(made, "other-owner")
		vi.stubEnv("XDG_CONFIG_HOME", "")
		writeFiles(made.root, { "home/.gitconfig": "[safe]\n\tdirectory =\n" })
		await expectRefused(made, "other-owner")
	})

	test("a repository cannot say of itself that it is trusted, nor a folder in which the program was started", async () => {
		const made = await makePublished()
		writeFileSync(join(made.gitDir, "config"), `[safe]\n\tdirectory = *\n\tdirectory = ${made.folder}\n`)
		chownSync(made.gitDir, 65_534, 65_534)
		await expectRefused(made, "other-owner")
		expect(personalConfigFiles({ HOME: "", XDG_CONFIG_HOME: "x" })).toEqual([])
	})

	test("one that is trusted must still lead nowhere else", async () => {
		const made = await makePublished()
		chownSync(made.gitDir, 65_534, 65_534)
		writeFiles(made.root, { "home/.gitconfig": "[safe]\n\tdirectory = *\n" })
		vi.stubEnv("HOME", join(made.root, "home"))
		rmSync(join(made.gitDir, "logs/HEAD"))
		symlinkSync(join(made.outside, "profile"), join(made.gitDir, "logs/HEAD"))
		await expectRefused(made, "link")
	})

	test("is still copied, without what would lead elsewhere", async () => {
		const { library, folder, gitDir } = await makePublished()
		chownSync(gitDir, 65_534, 65_534)
		const copy = await library.import({ folder, copy: true, name: "copied" })
		expect(await publish(library, copy.folder, "1.0.1")).toMatchObject({ state: "published" })
		expect(read(copy.folder)).toBe(makeIndex("1.0.1"))
	})
})

/** Done within 5 s; whoever still waits for the pipe then is let go, so that it fails. */
async function withoutWaiting<T>(pipe: string, work: Promise<T>): Promise<T | "it waits"> {
	const timer = Promise.withResolvers<"it waits">()
	const timeout = setTimeout(() => timer.resolve("it waits"), 5000)
	try {
		return await Promise.race([work, timer.promise])
	} finally {
		clearTimeout(timeout)
		closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK))
		await work.catch(() => undefined)
	}
}

describe.skipIf(process.platform === "win32")("a repository in a folder above a module", () => {
	/** `.git` of the folder above, tracking the module if wanted; and a pipe elsewhere. */
	function makeAbove({ tracks = false } = {}) {
		const { library, root } = makePlace()
		const folder = makeModule(join(root, "outer"))
		const gitDir = join(root, "outer/.git")
		const index = makeGitIndex(tracks ? [stage("fix/index.json")] : [])
		mkdirSync(gitDir)
		writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/main\n")
		writeFileSync(join(gitDir, "index"), index)
		execFileSync("mkfifo", [join(root, "pipe")])
		return { library, root, folder, gitDir, pipe: join(root, "pipe"), outer: join(root, "outer") }
	}
	const stage = (path: string) => ({ path, oid: "0".repeat(40), stage: 0, bytes: Buffer.alloc(62) })

	const planted: [part: string, plant: (made: ReturnType<typeof makeAbove>) => void][] = [
		["index: a pipe", ({ gitDir, pipe }) => renameSync(pipe, join(gitDir, "index"))],
		["index: a link to one", ({ gitDir, pipe }) => symlinkSync(pipe, join(gitDir, "index"))],
		["commondir: a pipe", ({ gitDir, pipe }) => renameSync(pipe, join(gitDir, "commondir"))],
		["no index, but a folder", ({ gitDir }) => mkdirSync(join(gitDir, "index"))],
		["an index that is none", ({ gitDir }) => writeFileSync(join(gitDir, "index"), "DIRC")],
		[
			"a file that leads nowhere",
			({ gitDir }) => {
				rmSync(gitDir, { recursive: true })
				writeFileSync(gitDir, "gitdir: nowhere\n")
			},
		],
	]
	const plantIn = (plant: (made: ReturnType<typeof makeAbove>) => void) => {
		const made = makeAbove()
		rmSync(join(made.gitDir, "index"))
		plant(made)
		return {
			...made,
			pipe: [made.pipe, join(made.gitDir, "index"), join(made.gitDir, "commondir")].find(existsSync) ?? "",
		}
	}

	test.each(planted)("%s: it is said, where the folder is this account's own", async (_what, plant) => {
		const { folder, pipe } = plantIn(plant)
		const found = await withoutWaiting(pipe, failureOf(findRepository(folder)))
		expect(found).toMatchObject({ code: "repository-unusable" })
	})

	test.skipIf(process.getuid?.() !== 0).each(planted)(
		"%s: another account's is none of a module's",
		async (_what, plant) => {
			const { library, folder, pipe, gitDir } = plantIn(plant)
			chownSync(gitDir, 65_534, 65_534)
			expect(await withoutWaiting(pipe, findRepository(folder))).toBeUndefined()
			expect(await publish(library, folder)).toMatchObject({ state: "published" })
		},
	)

	test.skipIf(process.getuid?.() !== 0)("one of another account that tracks the module is refused", async () => {
		for (const [tracks, failure] of [
			[false, undefined],
			[true, { data: { reason: "other-owner" } }],
		] as const) {
			const { folder, gitDir } = makeAbove({ tracks })
			chownSync(gitDir, 65_534, 65_534)
			const found = findRepository(folder)
			if (failure) expect(await failureOf(found)).toMatchObject(failure)
			else expect(await found).toBeUndefined()
		}
	})

	test("an index has at most 64 MiB, and its paths together too", async () => {
		const { folder, gitDir } = makeAbove()
		truncateSync(join(gitDir, "index"), 64 * 1024 * 1024)
		expect(await findRepository(folder)).toBeUndefined()
		truncateSync(join(gitDir, "index"), 64 * 1024 * 1024 + 1)
		expect(await failureOf(findRepository(folder))).toMatchObject({ data: { reason: "too-large" } })
		writeFileSync(join(gitDir, "index"), makeShortened(64, 1 << 20))
		expect(await findRepository(folder)).toBeUndefined()
		writeFileSync(join(gitDir, "index"), makeShortened(65, 1 << 20))
		expect(await failureOf(findRepository(folder))).toMatchObject({ data: { reason: "too-large" } })
	})

	/** Version 4: each path is the one before, with nothing taken away or added. */
	function makeShortened(count: number, length: number): Buffer {
		const head = Buffer.from("DIRC\0\0\0\x04\0\0\0\0", "latin1")
		head.writeUInt32BE(count, 8)
		const first = Buffer.concat([Buffer.alloc(63), Buffer.alloc(length, "x"), Buffer.alloc(1)])
		const body = [head, first, Buffer.alloc(64 * (count - 1)), Buffer.alloc(20)]
		return Buffer.concat(body)
	}
})

describe("a version that would become more than anything holds", () => {
	/** A loose object, without looking at what it is; its name is right. */
	function plant(gitDir: string, kind: string, bytes: Uint8Array | string, level = 9): string {
		const content = Buffer.concat([Buffer.from(`${kind} ${bytes.length}\0`), Buffer.from(bytes)])
		const oid = createHash("sha1").update(content).digest("hex")
		mkdirSync(join(gitDir, "objects", oid.slice(0, 2)), { recursive: true })
		writeFileSync(join(gitDir, "objects", oid.slice(0, 2), oid.slice(2)), deflateSync(content, { level }))
		return oid
	}
	const entry = (mode: string, name: string, oid: string) =>
		Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")])
	const plantTree = (gitDir: string, entries: Buffer[]) => plant(gitDir, "tree", Buffer.concat(entries))
	const plantCommit = (gitDir: string, tree: string) =>
		plant(gitDir, "commit", `tree ${tree}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nm\n`)

	/** Ten times the same folder in each folder. */
	function plantWide(gitDir: string, levels: number, leaf: string): string {
		let oid = leaf
		for (let level = 0; level < levels; level++)
			oid = plantTree(
				gitDir,
				Array.from({ length: 10 }, (_, n) => entry("40000", `${n}`, oid)),
			)
		return oid
	}

	function plantDeep(gitDir: string, levels: number, leaf: string): string {
		let oid = leaf
		for (let level = 0; level < levels; level++) oid = plantTree(gitDir, [entry("40000", "d", oid)])
		return oid
	}

	const bombs: [what: string, plantSource: (gitDir: string, file: string) => string][] = [
		["files", (gitDir, file) => plantWide(gitDir, 9, plantTree(gitDir, [entry("100644", "f", file)]))],
		["folders without a file", (gitDir) => plantWide(gitDir, 9, plantTree(gitDir, []))],
		[
			"folders within each other",
			(gitDir, file) => plantDeep(gitDir, 200, plantTree(gitDir, [entry("100644", "f", file)])),
		],
		[
			"names",
			(gitDir, file) => {
				const long = (n: number) => `${n}${"x".repeat(9000)}`
				return plantTree(gitDir, [
					entry(
						"40000",
						"y".repeat(9000),
						plantTree(
							gitDir,
							Array.from({ length: 1500 }, (_, n) => entry("100644", long(n), file)),
						),
					),
				])
			},
		],
		["bytes of a folder", (gitDir, file) => plant(gitDir, "tree", Buffer.alloc(40 << 20, entry("100644", "f", file)))],
	]

	/** Publishes it past every check, as a stranger's repository would have it. */
	function plantVersion(gitDir: string, source: string, indexText = makeIndex("6.6.6")) {
		const index = plant(gitDir, "blob", indexText)
		return tag(gitDir, plantTree(gitDir, [entry("100644", "index.json", index), entry("40000", "src", source)]))
	}
	function tag(gitDir: string, tree: string) {
		writeFileSync(join(gitDir, "refs/tags/fix-v6.6.6-20260101"), `${plantCommit(gitDir, tree)}\n`)
	}
	const states = async ({ library, folder }: Awaited<ReturnType<typeof makePublished>>) =>
		(await library.versions(folder)).versions.map(({ version, state }) => [version, state])
	const oneUnreadable = [
		["6.6.6", "unreadable"],
		["1.0.0", "sound"],
	]

	test.each(bombs)("%s: that version alone cannot be read", async (_what, plantSource) => {
		const made = await makePublished()
		const { library, folder, gitDir } = made
		plantVersion(gitDir, plantSource(gitDir, plant(gitDir, "blob", "x")))
		expect(await states(made)).toEqual(oneUnreadable)
		expect((await library.open(folder)).standing.published?.version).toBe("6.6.6")
		expect((await library.list()).modules).toMatchObject([{ name: "fix" }])
		expect(await failureOf(library.checkout({ folder, version: "6.6.6", keepChanges: true }))).toMatchObject({
			code: "repository-unusable",
			data: { reason: "too-large" },
		})
	})

	test("is not published either: it could not be read again", async () => {
		const { library, folder } = await makePublished()
		writeFiles(folder, { [`src/${"d/".repeat(100)}f`]: "x" })
		const failure = await failureOf(publish(library, folder, "1.0.1"))
		expect(failure).toMatchObject({ code: "repository-unusable", data: { reason: "too-large" } })
		expect(read(folder)).toBe(makeIndex("1.0.0"))
		renameSync(join(folder, "src/d/d"), join(folder, "src/e"))
		expect(await publish(library, folder, "1.0.1")).toMatchObject({ state: "published" })
	})

	test.skipIf(process.platform === "win32").each([
		["a pipe", "pipe"],
		["a path to one", "../../../pipe"],
	])("an object that is %s is not waited for", async (what, name) => {
		const made = await makePublished()
		const { gitDir, root } = made
		execFileSync("mkfifo", [join(root, "pipe")])
		if (what === "a pipe") {
			const tree = plantTree(gitDir, [])
			const path = join(gitDir, "objects", tree.slice(0, 2), tree.slice(2))
			rmSync(path)
			symlinkSync(join(root, "pipe"), path)
			plantVersion(gitDir, tree)
		} else tag(gitDir, name)
		expect(await states(made)).toEqual(oneUnreadable)
	})

	test.skipIf(process.platform === "win32")("an object behind a linked folder is not read", async () => {
		const { gitDir, outside, repository } = await makePublished()
		const blob = plant(gitDir, "blob", "mine")
		const objects = openObjects(repository)
		expect(Buffer.from(await objects.readBlob(blob)).toString()).toBe("mine")
		renameSync(join(gitDir, "objects", blob.slice(0, 2)), join(outside, "linked"))
		symlinkSync(join(outside, "linked"), join(gitDir, "objects", blob.slice(0, 2)))
		expect(await failureOf(objects.readBlob(blob))).toMatchObject({ data: { reason: "link" } })
		expect(await failureOf(objects.has(blob))).toMatchObject({ data: { reason: "link" } })
	})

	test("an object's name is no path, wherever that leads", async () => {
		const { repository, root } = await makePublished()
		const failure = await failureOf(openObjects(repository).readTree("../../../outside/profile"))
		expect(failure.data.output).toBe('it names "../../../outside/profile"')
		expect(read(root, "outside/profile")).toBe("export A=1\n")
	})

	test.each<[what: string, paths: string[], isWithin: boolean]>([
		["100 000 entries", Array.from({ length: 100_000 }, () => "src/f"), true],
		["one more", Array.from({ length: 100_001 }, () => "src/f"), false],
		["100 folders within each other", [`${"d/".repeat(100)}f`], true],
		["101", [`${"d/".repeat(101)}f`], false],
		["names of 16 MiB", ["x".repeat(16 << 20)], true],
		["a letter more", ["x".repeat(16 << 20), "y"], false],
	])("%s", (_what, paths, isWithin) => {
		const count = createTreeMeter("/m")
		const counting = () => {
			for (const path of paths) count(path)
		}
		if (isWithin) counting()
		else expect(counting).toThrow("too-large")
	})

	test.each([
		["that a module may have is known", 0, [1, 2, ["web"]]],
		["that no module may have is not read", MAX_INDEX_BYTES, [0, 1, undefined]],
	])("an index.json %s", async (_what, padding, known) => {
		const { library, folder, gitDir, repository } = await makePublished()
		const source = plantTree(gitDir, [entry("100644", "a.txt", plant(gitDir, "blob", "stranger"))])
		plantVersion(gitDir, source, makeIndex("6.6.6") + " ".repeat(padding))
		const place = { folder, name: "fix", repository, objects: openObjects(repository) }
		const [destination, digests] = ["/srv/a.txt", [digestOf("stranger")]]
		const commit = readFileSync(join(gitDir, "refs/tags/fix-v6.6.6-20260101"), "utf8").trim()
		expect([
			(await library.findContents({ module: { name: "fix", folder }, destination, digests })).length,
			(await library.publishedContents(folder, new Set([destination]))).get(destination)?.size,
			await readEnabledPools(place, { commit }),
		]).toEqual(known)
	})

	test("a blob has as many bytes as are wanted, and no more", async () => {
		const { gitDir, repository } = await makePublished()
		const objects = openObjects(repository)
		for (const [level, size] of [
			[9, 1 << 20],
			[0, 100],
		] as const) {
			const blob = plant(gitDir, "blob", Buffer.alloc(size), level)
			expect((await objects.readBlob(blob, size)).length).toBe(size)
			expect(await failureOf(objects.readBlob(blob, size - 1))).toMatchObject({ data: { reason: "too-large" } })
		}
	})

	test("a commit has at most 16 MiB", async () => {
		const { gitDir, repository } = await makePublished()
		const { readCommit } = openObjects(repository)
		const text = `tree ${plantTree(gitDir, [])}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\n`
		const [sound, large] = [1000, 17 << 20].map((size) => plant(gitDir, "commit", text + "m".repeat(size)))
		expect((await readCommit(sound ?? "")).message).toHaveLength(1001)
		expect(await failureOf(readCommit(large ?? ""))).toMatchObject({ data: { reason: "too-large" } })
	})

	test.skipIf(!hasGit)("also from a pack", async () => {
		const { gitDir, folder, repository } = await makePublished()
		const large = plant(gitDir, "blob", Buffer.alloc(1 << 20))
		execFileSync("git", ["-C", folder, "pack-objects", "-q", ".git/objects/pack/pack"], { input: `${large}\n` })
		rmSync(join(gitDir, "objects", large.slice(0, 2)), { recursive: true })
		const objects = openObjects(repository)
		expect((await objects.readBlob(large, 1 << 20)).length).toBe(1 << 20)
		expect(await failureOf(objects.readBlob(large, (1 << 20) - 1))).toMatchObject({ data: { reason: "too-large" } })
	})

	test("a damaged object, whose tag is gone, is a problem of its module alone", async () => {
		const { library, folder, gitDir } = await makePublished()
		await library.open(folder)
		const commit = readFileSync(join(gitDir, "refs/heads/main"), "utf8").trim()
		rmSync(join(gitDir, "refs/tags"), { recursive: true })
		const path = join(gitDir, "objects", commit.slice(0, 2), commit.slice(2))
		rmSync(path)
		writeFileSync(path, "rubbish")
		expect((await library.open(folder)).standing.problems).toMatchObject([{ code: "repository-unusable" }])
		expect((await library.list()).modules).toMatchObject([{ problem: { code: "repository-unusable" } }])
	})
})
