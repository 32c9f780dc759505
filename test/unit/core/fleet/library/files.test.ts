import {
	chmodSync,
	existsSync,
	linkSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { digestOf } from "../../../../../core/fleet/digest.ts"
import { run } from "../../../../support/appliances/command.ts"
import { collect } from "./collect.ts"
import { failureOf, makeIndex, makeModule, makePlace, read, writeFiles } from "./place.ts"

const digest = (text: string) => digestOf(text)
/** Nothing of ours is left beside the module's files. */
const leftOvers = (folder: string) =>
	readdirSync(folder, { recursive: true }).filter((name) => String(name).includes(".hotfix-"))

test("a source's digest is that of the text that is shown, whoever saves meanwhile", async () => {
	const { library, root } = makePlace()
	const folder = makeModule(root)
	let isReading = true
	let turn = 0
	const save = () => {
		if (!isReading) return
		writeFileSync(join(root, "next"), "x".repeat((turn++ % 50) + 1))
		renameSync(join(root, "next"), join(folder, "src/a.txt"))
		setImmediate(save)
	}
	save()
	try {
		for (let count = 0; count < 50; count++) {
			const { text = "", digest: told, size } = await library.readSource(folder, "a.txt")
			expect([told, size]).toEqual([digest(text), text.length])
		}
		expect(turn).toBeGreaterThan(50)
	} finally {
		isReading = false
	}
})

describe("saving a text", () => {
	test("writes it where the file is what the typing began from, and keeps its mode", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		chmodSync(join(folder, "index.json"), 0o640)
		const { textDigest, text } = await library.open(folder)
		expect(textDigest).toBe(digest(text))
		const saved = await library.save({ folder, text: "{ new }", base: textDigest })
		expect(saved).toEqual({ state: "saved", digest: digest("{ new }") })
		expect(read(folder)).toBe("{ new }")
		expect(statSync(join(folder, "index.json")).mode & 0o777).toBe(0o640)
		expect(leftOvers(folder)).toEqual([])
	})

	test("a file that somebody else changed is a conflict with both texts, and nothing is written", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const { textDigest } = await library.open(folder)
		writeFileSync(join(folder, "index.json"), "theirs")
		const saved = await library.save({ folder, text: "ours", base: textDigest })
		expect(saved).toEqual({ state: "conflict", theirs: { text: "theirs", digest: digest("theirs") }, ours: "ours" })
		expect(read(folder)).toBe("theirs")
		expect(await library.save({ folder, text: "theirs", base: textDigest })).toMatchObject({ state: "saved" })
		rmSync(join(folder, "index.json"))
		expect(await library.save({ folder, text: "ours", base: textDigest })).toMatchObject({
			state: "conflict",
			theirs: {},
		})
		expect(await library.save({ folder, text: "ours" })).toMatchObject({ state: "saved" })
		expect(await library.save({ folder, text: "again" })).toMatchObject({ state: "conflict", theirs: { text: "ours" } })
		expect(leftOvers(folder)).toEqual([])
	})

	test("of many programs that save at once exactly one wins", async () => {
		const place = makePlace()
		const folder = makeModule(place.root)
		const { textDigest: base } = await place.library.open(folder)
		const programs = [place.library, place.again(), place.again(), place.again()]
		const saves = programs.flatMap((library, one) =>
			[0, 1, 2].map((two) => library.save({ folder, text: `${one}-${two}`, base })),
		)
		const states = (await Promise.all(saves)).map(({ state }) => state)
		expect(states.filter((state) => state === "saved")).toHaveLength(1)
		expect(read(folder)).toMatch(/^\d-\d$/)
	})

	test("a link stays a link where it leads into the module, and is not written through elsewhere", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		writeFiles(folder, { "real.json": makeIndex("1.0.0") })
		rmSync(join(folder, "index.json"))
		symlinkSync("real.json", join(folder, "index.json"))
		expect(await library.save({ folder, text: "new", base: digest(makeIndex("1.0.0")) })).toMatchObject({
			state: "saved",
		})
		expect(readlinkSync(join(folder, "index.json"))).toBe("real.json")
		expect(read(folder, "real.json")).toBe("new")
		writeFileSync(join(root, "victim"), "victim")
		rmSync(join(folder, "index.json"))
		symlinkSync(join(root, "victim"), join(folder, "index.json"))
		expect(await failureOf(library.save({ folder, text: "evil", base: digest("victim") }))).toMatchObject({
			code: "source-refused",
			data: { reason: "outside" },
		})
		expect(read(root, "victim")).toBe("victim")
	})
})

describe("drafts", () => {
	test("are offered by the next program when they are newer than the file, and go with a save", async () => {
		const place = makePlace()
		const folder = makeModule(place.root)
		const { textDigest: base } = await place.library.open(folder)
		await place.library.keepDraft({ folder, text: "typed", base })
		await place.library.keepDraft({ folder, target: "a.txt", text: "typed too", base: digest("one\n") })
		const { drafts } = await place.again().open(folder)
		expect(drafts.map(({ target, text }) => [target, text])).toEqual(
			expect.arrayContaining([
				[undefined, "typed"],
				["a.txt", "typed too"],
			]),
		)
		expect(existsSync(join(folder, "drafts"))).toBe(false)
		await place.library.save({ folder, text: "typed", base })
		expect((await place.again().open(folder)).drafts.map(({ target }) => target)).toEqual(["a.txt"])
		await place.library.dropDrafts({ folder, target: "src/a.txt" })
		expect(readdirSync(join(place.data, "drafts"))).toEqual([])
	})

	test("one that says the same is not offered; one that its file overtook is, and a conflict keeps it", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const { textDigest: base } = await library.open(folder)
		await library.keepDraft({ folder, text: "typed", base })
		// A colleague's change after the program was killed: what was typed is still nobody else's to throw away.
		utimesSync(join(folder, "index.json"), new Date(), new Date(Date.now() + 60_000))
		expect((await library.open(folder)).drafts).toMatchObject([{ text: "typed", base }])
		writeFileSync(join(folder, "index.json"), "theirs")
		expect(await library.save({ folder, text: "typed", base })).toMatchObject({ state: "conflict" })
		expect((await library.open(folder)).drafts).toHaveLength(1)
		await library.keepDraft({ folder, text: "theirs", base })
		expect((await library.open(folder)).drafts).toEqual([])
	})

	test("what is typed in a program that still runs is offered to no other, and stays", async () => {
		const place = makePlace()
		const folder = makeModule(place.root)
		const { textDigest: base } = await place.library.open(folder)
		// This test's own parent stands for the other program: it lives.
		const other = join(place.data, "drafts")
		await place.library.keepDraft({ folder, text: "mine", base })
		const [mine = ""] = readdirSync(other)
		writeFileSync(
			join(other, mine.replace(/\.[^.]+\.json$/, `.${process.ppid}-.json`)),
			JSON.stringify({ folder, owner: "x", text: "theirs", keptAt: new Date().toISOString() }),
		)
		writeFileSync(
			join(other, mine.replace(/\.[^.]+\.json$/, ".999999999-1.json")),
			JSON.stringify({ folder, owner: "x", text: "of a dead one", keptAt: new Date().toISOString() }),
		)
		expect((await place.library.open(folder)).drafts.map(({ text }) => text).sort()).toEqual(["mine", "of a dead one"])
		await place.library.save({ folder, text: "mine", base })
		expect(readdirSync(other)).toHaveLength(1)
	})

	test("a save drops what it saved, what its window kept before and what it took up; the rest stays", async () => {
		const place = makePlace()
		const { library, data, root } = place
		const folder = makeModule(root)
		const { textDigest: base } = await library.open(folder)
		const ofDead = (start: number, text: string) => {
			const kept = readdirSync(join(data, "drafts"))[0] ?? ""
			const draft = JSON.stringify({ folder, owner: "x", text, keptAt: "2026-11-28T00:00:00.000Z", base })
			writeFiles(data, { [`drafts/${kept.split(".")[0]}.999999999-${start}.w9.json`]: draft })
		}
		const texts = async () => (await library.open(folder)).drafts.map(({ text }) => text).sort()
		await library.keepDraft({ folder, text: "mine, older", base, window: "w1" })
		await library.keepDraft({ folder, text: "of another window", base, window: "w2" })
		await library.keepDraft({ folder, text: "without a window", base })
		ofDead(1, "never seen")
		ofDead(2, "saved")
		ofDead(3, "taken up")
		const takenUp = (await library.open(folder)).drafts.filter(({ text }) => text === "taken up").map(({ id }) => id)
		const saving = library.save({ folder, text: "saved", base, window: "w1", takenUp })
		expect(await saving).toMatchObject({ state: "saved" })
		expect(await texts()).toEqual(["never seen", "of another window", "without a window"])
		expect(readdirSync(join(data, "drafts"))).toHaveLength(3)

		// Taken up, and kept anew by whoever types it: another text by now.
		const [other] = (await library.open(folder)).drafts.filter(({ text }) => text === "of another window")
		await sleep(5)
		await library.keepDraft({ folder, text: "typed on", base, window: "w2" })
		await library.dropDrafts({ folder, window: "w1", takenUp: [other?.id ?? ""] })
		expect(await texts()).toEqual(["never seen", "typed on", "without a window"])
	})

	test("a draft that was taken up goes on in the draft of the window that did, and in no other", async () => {
		const place = makePlace()
		const { library, data } = place
		const folder = makeModule(place.root)
		const { textDigest: base } = await library.open(folder)
		await library.keepDraft({ folder, text: "one", base, window: "w1" })
		const [first] = (await library.open(folder)).drafts
		await library.keepDraft({ folder, text: "one two", base, window: "w2", takenUp: [first?.id ?? ""] })
		const [second, ...others] = (await library.open(folder)).drafts
		expect([second?.text, others]).toEqual(["one two", []])
		const takenUp = [second?.id ?? ""]
		await library.keepDraft({ folder, text: "one two three", base, window: "w3", takenUp })
		await library.save({ folder, text: "one two three", base, window: "w3", takenUp })
		expect(readdirSync(join(data, "drafts"))).toEqual([])
	})

	test("what is kept while a save runs stays", async () => {
		const place = makePlace()
		const { library } = place
		const folder = makeModule(place.root)
		const { textDigest: base } = await library.open(folder)
		await library.keepDraft({ folder, text: "older", base, window: "w1" })
		const saving = library.save({ folder, text: "saved", base, window: "w1" })
		await library.keepDraft({ folder, text: "typed meanwhile", base, window: "w1" })
		expect(await saving).toMatchObject({ state: "saved" })
		expect((await library.open(folder)).drafts.map(({ text }) => text)).toEqual(["typed meanwhile"])
	})

	test("rubbish in their folder is passed over", async () => {
		const { library, root, data } = makePlace()
		const folder = makeModule(root)
		writeFiles(data, {
			"drafts/x.1-1.json": "{",
			"drafts/y.1-1.json": JSON.stringify({ folder, target: "../../etc/passwd", text: "" }),
			"drafts/z": "",
		})
		expect((await library.open(folder)).drafts).toEqual([])
	})
})

describe("sources", () => {
	const text = (target: string, content = "x") => ({ target, from: { kind: "text" as const, text: content } })

	test("are added from texts, paths and uploads, with their executable bit, and read back", async () => {
		const { library, root, data } = makePlace()
		const folder = makeModule(root)
		writeFiles(root, { "tool.sh": "#!/bin/sh\n" })
		chmodSync(join(root, "tool.sh"), 0o755)
		const bytes = Buffer.from([0, 1, 2, 255])
		const { upload } = await library.put(undefined, bytes.subarray(0, 2))
		expect(await library.put(upload, bytes.subarray(2))).toEqual({ upload, size: 4 })
		const results = await collect(
			library.addSources(folder, [
				text("src/deep/er/b.txt", "b"),
				{ target: "tool.sh", from: { kind: "path", path: join(root, "tool.sh") } },
				{ target: "blob", from: { kind: "upload", upload } },
				{ target: "later", from: { kind: "upload", upload: "unknown" } },
			]),
		)
		expect(results.map(({ state }) => state)).toEqual(["done", "done", "done", "failed"])
		expect(read(folder, "src/deep/er/b.txt")).toBe("b")
		expect(statSync(join(folder, "src/tool.sh")).mode & 0o777).toBe(0o755)
		expect(readFileSync(join(folder, "src/blob"))).toEqual(bytes)
		expect(
			readdirSync(join(data, "uploads"), { recursive: true }).filter((name) => String(name).includes("-")),
		).toEqual([])
		expect(await library.readSource(folder, "tool.sh")).toEqual({
			target: "tool.sh",
			size: 10,
			digest: digest("#!/bin/sh\n"),
			isExecutable: true,
			text: "#!/bin/sh\n",
		})
		const blob = await library.readSource(folder, "src/blob")
		expect([blob.size, blob.text]).toEqual([4, undefined])
		expect(await library.setExecutable(folder, "tool.sh", false)).toMatchObject({ state: "done" })
		expect(statSync(join(folder, "src/tool.sh")).mode & 0o777).toBe(0o644)
		expect((await library.open(folder)).sources.map(({ target, isExecutable }) => [target, isExecutable])).toEqual([
			["a.txt", false],
			["blob", false],
			["deep/er/b.txt", false],
			["tool.sh", false],
		])
		expect(leftOvers(folder)).toEqual([])
	})

	test("what stands there already is a conflict unless it is the one that is replaced", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const add = (replaces?: string) =>
			collect(library.addSources(folder, [{ ...text("a.txt", "two"), ...(replaces && { replaces }) }]))
		expect(await add()).toEqual([{ state: "conflict", target: "a.txt", digest: digest("one\n") }])
		expect(await add(digest("other"))).toEqual([{ state: "conflict", target: "a.txt", digest: digest("one\n") }])
		expect(read(folder, "src/a.txt")).toBe("one\n")
		expect(await add(digest("one\n"))).toEqual([{ state: "done", target: "a.txt", digest: digest("two") }])
	})

	test("are renamed and removed where they are what was looked at; empty folders go", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root, "fix", { "src/deep/b.txt": "b" })
		const move = (target: string, to: string, base: string) => library.renameSource(folder, { target, to, base })
		expect(await move("deep/b.txt", "a.txt", digest("b"))).toEqual({
			state: "conflict",
			target: "deep/b.txt",
			digest: digest("one\n"),
		})
		expect(await move("deep/b.txt", "c.txt", digest("x"))).toMatchObject({ state: "conflict" })
		expect(await move("deep/b.txt", "other/c.txt", digest("b"))).toMatchObject({ state: "done" })
		expect(existsSync(join(folder, "src/deep"))).toBe(false)
		expect(await library.removeSources(folder, [{ target: "other/c.txt", base: digest("x") }])).toMatchObject([
			{ state: "conflict" },
		])
		expect(
			await library.removeSources(folder, [
				{ target: "other/c.txt", base: digest("b") },
				{ target: "a.txt", base: digest("one\n") },
			]),
		).toMatchObject([{ state: "done" }, { state: "done" }])
		expect(readdirSync(join(folder, "src"))).toEqual([])
		expect(await library.removeSources(folder, [{ target: "a.txt", base: digest("one\n") }])).toMatchObject([
			{ state: "conflict" },
		])
	})

	test("names with line ends, quotes, unicode and 255 bytes", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const names = [
			"line\nend",
			"quote\"'`$(x)",
			"Grüße 🦊",
			"e\u0301",
			" blank ",
			"-rf",
			"x".repeat(255),
			`${"é".repeat(127)}/tail`,
		]
		const results = await collect(
			library.addSources(
				folder,
				names.map((name) => text(name, name)),
			),
		)
		expect(results.map(({ state }) => state)).toEqual(names.map(() => "done"))
		for (const name of names) expect((await library.readSource(folder, name)).text).toBe(name)
		expect((await library.open(folder)).sources).toHaveLength(names.length + 1)
		expect(await library.propose(folder)).toMatchObject({ content: expect.stringMatching(/^[0-9a-f]{40}$/) })
	})

	test.each([
		["../x", "outside"],
		["/etc/passwd", "outside"],
		["a/../../x", "outside"],
		["", "name"],
		["a\0b", "name"],
		["a/", "name"],
		["\ud800", "name"],
		[".git/config", "git-folder"],
		["deep/.GIT/hooks/x", "git-folder"],
		["git~1/hooks/x", "git-folder"],
		["x".repeat(256), "name-too-long"],
		["a.txt/below", "in-the-way"],
		["folder", "a-folder"],
		["out/x", "outside"],
		["out-file", "outside"],
	])("%j cannot be one: %s", async (target, reason) => {
		const { library, root } = makePlace()
		const folder = makeModule(root, "fix", { "src/folder/y": "y" })
		writeFiles(root, { "out/keep": "keep", file: "file" })
		symlinkSync(join(root, "out"), join(folder, "src/out"))
		symlinkSync(join(root, "file"), join(folder, "src/out-file"))
		const [result] = await collect(library.addSources(folder, [text(target)]))
		expect(result).toMatchObject({ state: "failed", failure: { code: "source-refused", data: { reason } } })
		const base = digest("file")
		const [removed] = await library.removeSources(folder, [{ target, base }])
		expect(removed?.state).not.toBe("done")
		expect(readdirSync(join(root, "out"))).toEqual(["keep"])
		expect(read(root, "file")).toBe("file")
		expect(existsSync(join(root, "x"))).toBe(false)
		expect(leftOvers(folder)).toEqual([])
	})

	test("files that vanish, folders, pipes and devices", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		await run("mkfifo", [join(root, "pipe")])
		const from = (path: string) => ({ target: "new", from: { kind: "path" as const, path } })
		const results = await collect(
			library.addSources(folder, [from(join(root, "gone")), from(root), from(join(root, "pipe")), from("/dev/zero")]),
		)
		expect(results.map((result) => result.state === "failed" && result.failure.data.reason)).toEqual([
			"vanished",
			"a-folder",
			"not-a-file",
			"not-a-file",
		])
		expect(readdirSync(join(folder, "src"))).toEqual(["a.txt"])
	})

	test("a thousand files: told in steps, in their order", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const counts: number[] = []
		let results = 0
		for await (const step of library.addSources(
			folder,
			Array.from({ length: 1000 }, (_, i) => text(`many/${i}`)),
		)) {
			counts.push(step.count)
			results += step.results.length
		}
		expect(results).toBe(1000)
		expect(counts.length).toBeGreaterThanOrEqual(50)
		expect(counts).toEqual([...counts].sort((a, b) => a - b))
		expect(readdirSync(join(folder, "src/many"))).toHaveLength(1000)
	}, 180_000)
})

const isRoot = process.getuid?.() === 0
describe.skipIf(!isRoot)(`a disk that refuses${isRoot ? "" : ": mounting takes root"}`, () => {
	let place: ReturnType<typeof makePlace>
	let disk: string
	beforeAll(async () => {
		const { mkdtempSync } = await import("node:fs")
		disk = mkdtempSync("/tmp/hotfix-small-disk-")
		await run("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk])
	})
	afterAll(async () => {
		await run("umount", [disk])
		rmSync(disk, { recursive: true })
	})

	test("no space: the last good state stays, nothing is left over", async () => {
		place = makePlace()
		const folder = makeModule(disk, "full")
		const { textDigest: base, text } = await place.library.open(folder)
		expect(await failureOf(place.library.save({ folder, text: "x".repeat(500_000), base }))).toMatchObject({
			code: "disk-full",
		})
		expect(read(folder)).toBe(text)
		const big = { kind: "text" as const, text: "y".repeat(500_000) }
		const results = await collect(
			place.library.addSources(folder, [
				{ target: "a.txt", from: big, replaces: digest("one\n") },
				{ target: "small", from: { kind: "text", text: "s" } },
			]),
		)
		expect(results).toMatchObject([{ state: "failed", failure: { code: "disk-full" } }, { state: "done" }])
		expect(read(folder, "src/a.txt")).toBe("one\n")
		expect(leftOvers(folder)).toEqual([])
	})

	test("read-only: said as that", async () => {
		place = makePlace()
		const folder = makeModule(disk, "locked")
		const { textDigest: base } = await place.library.open(folder)
		await run("mount", ["-o", "remount,ro", disk])
		try {
			expect(await failureOf(place.library.save({ folder, text: "x", base }))).toMatchObject({ code: "read-only" })
			expect((await place.library.open(folder)).text).toBe(makeIndex("1.0.0"))
			const { content } = await place.library.propose(folder)
			expect(await failureOf(place.library.publish({ folder, version: "1.0.0", base, content }))).toMatchObject({
				code: "read-only",
			})
		} finally {
			await run("mount", ["-o", "remount,rw", disk])
		}
	})
})

describe("modules", () => {
	test("a new one is sound: no fault, no warning", async () => {
		const { library } = makePlace()
		const row = await library.create({ name: "first", description: "What it mends" })
		expect(row).toMatchObject({
			name: "first",
			isOwn: true,
			version: "1.0.0",
			faults: 0,
			warnings: 0,
			working: { state: "never-published" },
		})
		const opened = await library.open(row.folder)
		expect(opened.findings).toEqual([])
		expect((await library.propose(row.folder)).findings).toEqual([])
		expect(await failureOf(library.create({ name: "first" }))).toMatchObject({ code: "name-taken" })
		for (const name of ["", "a b", "../x", "a/b", ".hidden", "a..b", "x".repeat(129)])
			expect(await failureOf(library.create({ name }))).toMatchObject({ code: "bad-request" })
		expect(readdirSync(library.folder)).toEqual(["first"])
	})

	test("are listed, duplicated, archived, imported by copy or in place, and forgotten", async () => {
		const { library, root } = makePlace()
		const { folder } = await library.create({ name: "first" })
		const elsewhere = makeModule(root, "elsewhere")
		await library.duplicate(folder, "second")
		await library.import({ folder: elsewhere, copy: true, name: "third" })
		await library.import({ folder: elsewhere, copy: false })
		await library.archive(folder, true)
		const names = async () =>
			(await library.list()).modules.map(({ name, isOwn, isArchived }) => [name, isOwn, isArchived])
		expect(await names()).toEqual([
			["elsewhere", false, false],
			["first", true, true],
			["second", true, false],
			["third", true, false],
		])
		expect(read(join(library.folder, "second"), "src/example.txt")).toBe(read(folder, "src/example.txt"))
		expect((await library.open(folder)).isArchived).toBe(true)
		await library.archive(folder, false)
		library.forget(elsewhere)
		expect(await names()).toEqual([
			["first", true, false],
			["second", true, false],
			["third", true, false],
		])
		expect(existsSync(elsewhere)).toBe(true)
		expect(await failureOf(library.import({ folder: root, copy: false }))).toMatchObject({ code: "module-unreadable" })
		expect(await failureOf(library.import({ folder: join(root, "nowhere"), copy: true }))).toMatchObject({
			code: "module-unreadable",
		})
		expect(readdirSync(library.folder).sort()).toEqual(["first", "second", "third"])
	})

	test("a copy keeps links and leaves pipes out", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		symlinkSync("/etc/passwd", join(folder, "src/link"))
		await run("mkfifo", [join(folder, "src/pipe")])
		const { folder: copy } = await library.import({ folder, copy: true })
		expect(lstatSync(join(copy, "src/link")).isSymbolicLink()).toBe(true)
		expect(existsSync(join(copy, "src/pipe"))).toBe(false)
	})

	test("what cannot be read is a row with a problem, the others are there", async () => {
		const { library, root } = makePlace()
		await library.create({ name: "good" })
		mkdirSync(join(library.folder, "broken/index.json"), { recursive: true })
		writeFiles(library.folder, { "faulty/index.json": "{", "no-module/readme": "" })
		const gone = makeModule(root, "gone")
		await library.import({ folder: gone, copy: false })
		rmSync(gone, { recursive: true })
		const { modules } = await library.list()
		expect(modules.map(({ name, faults, problem }) => [name, faults, problem?.code])).toEqual([
			["broken", 0, "module-unreadable"],
			["faulty", 1, undefined],
			["gone", 0, "module-unreadable"],
			["good", 0, undefined],
		])
	})

	test("a hard link to a source is not written through", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		linkSync(join(folder, "src/a.txt"), join(root, "other-name"))
		await collect(
			library.addSources(folder, [{ target: "a.txt", from: { kind: "text", text: "two" }, replaces: digest("one\n") }]),
		)
		expect(read(root, "other-name")).toBe("one\n")
	})
})
