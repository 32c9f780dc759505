import { execFileSync } from "node:child_process"
import {
	chownSync,
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { findAuthor } from "../../../../../core/fleet/library/git/author.ts"
import { moveBranch, readHead } from "../../../../../core/fleet/library/git/refs.ts"
import { createObjectWriter } from "../../../../../core/fleet/library/git/write-object.ts"
import { failureOf, makeIndex, makeModule, makePlace, publish, read, writeFiles } from "./place.ts"

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

test("a branch with any name that git allows is published to", async () => {
	const { library, folder, gitDir } = await makePublished()
	rmSync(join(gitDir, "index"))
	writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/team/ärger-1.x@y\n")
	expect(await publish(library, folder, "1.0.1")).toMatchObject({ state: "published" })
	expect(existsSync(join(gitDir, "refs/heads/team/ärger-1.x@y"))).toBe(true)
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

	test("is still copied, without what would lead elsewhere", async () => {
		const { library, folder, gitDir } = await makePublished()
		chownSync(gitDir, 65_534, 65_534)
		const copy = await library.import({ folder, copy: true, name: "copied" })
		expect(await publish(library, copy.folder, "1.0.1")).toMatchObject({ state: "published" })
		expect(read(copy.folder)).toBe(makeIndex("1.0.1"))
	})
})
