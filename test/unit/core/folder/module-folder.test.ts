import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
	chmodSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from "node:fs"
import { open } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { readContent } from "../../../../core/folder/read-content.ts"
import { MAX_INDEX_BYTES } from "../../../../core/folder/read-index-file.ts"
import { readModuleFolder } from "../../../../core/folder/read-module-folder.ts"
import { FailureError } from "../../../../core/schema/failure.ts"
import { printFinding } from "../../../../core/schema/finding.ts"
import { digestInput, manifestSchema } from "../../../../core/schema/manifest.ts"

const specification = fileURLToPath(new URL("../../../fixtures/modules/spec", import.meta.url))
const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex")

let folder: string
beforeEach(() => {
	folder = join(mkdtempSync(join(tmpdir(), "hotfix-folder-")), "fix")
	mkdirSync(join(folder, "src"), { recursive: true })
})
afterEach(() => {
	rmSync(dirname(folder), { recursive: true, force: true })
})

const put = (path: string, content: string | Buffer = path) => {
	mkdirSync(dirname(join(folder, path)), { recursive: true })
	writeFileSync(join(folder, path), content)
}
const link = (path: string, to: string) => symlinkSync(to, join(folder, path))
/** An index with one operation for each target; line 3 is the first of them. */
const putIndex = (...targets: string[]) => {
	const operations = targets.map(
		(target, index) => `{"target": ${JSON.stringify(target)}, "destination": "/d/${index}"}`,
	)
	put(
		"index.json",
		`{"metadata": {"schema_version": "1.0.0"}, "pools": [{"id": "p", "closure": ["systemctl restart x"], "operations": [\n\n${operations.join(",\n")}\n]}]}`,
	)
}
const findings = async () =>
	(await readModuleFolder(folder)).findings.map(({ severity, rule, line }) => `${line} ${severity} ${rule}`)
const failure = async (promise: Promise<unknown>) => {
	const error = await promise.then(
		() => undefined,
		(thrown: unknown) => thrown,
	)
	expect(error).toBeInstanceOf(FailureError)
	return (error as FailureError).failure
}
const collect = async (target: string) => {
	const pieces: Uint8Array[] = []
	for await (const piece of readContent(folder, target)) pieces.push(piece)
	return { bytes: Buffer.concat(pieces), longest: Math.max(0, ...pieces.map(({ length }) => length)) }
}

test("sources are read with a length each time: without one Node 18, which appliances have, reads nothing", async () => {
	put("src/a")
	putIndex("a")
	const probe = await open(join(folder, "src/a"))
	await probe.close()
	const read = vi.spyOn(Object.getPrototypeOf(probe), "read")
	expect((await readModuleFolder(folder)).manifest?.sources).toMatchObject([{ digest: sha256("src/a") }])
	expect(read.mock.calls.length).toBeGreaterThan(0)
	for (const [, , length] of read.mock.calls) expect(length).toBeGreaterThan(0)
	read.mockRestore()
})

describe("a sound module", () => {
	test("the specification's example: text byte for byte, manifest whole", async () => {
		const { text, manifest, module, findings, sources, name } = await readModuleFolder(specification)
		expect(Buffer.from(text).equals(readFileSync(join(specification, "index.json")))).toBe(true)
		expect(findings.map(({ rule }) => rule)).toEqual(["npm-build"])
		expect(name).toBe("spec")
		expect(module?.pools).toHaveLength(2)
		expect(sources.map(({ target, used }) => `${target} ${used}`)).toEqual(
			["auth.tsx", "config.py", "header.tsx", "login.tsx"].map((target) => `${target} true`),
		)
		expect(manifestSchema.parse(manifest)).toEqual(manifest)
		expect(manifest?.index).toBe(text)
		expect(manifest?.digest).toBe(sha256(digestInput(text, manifest?.sources ?? [])))
	})

	test("digest, size, mode and real path of each source", async () => {
		put("src/a.sh", "echo")
		chmodSync(join(folder, "src/a.sh"), 0o4750)
		putIndex("src/a.sh")
		const { sources, manifest } = await readModuleFolder(folder)
		const source = { target: "a.sh", size: 4, digest: sha256("echo"), mode: 0o4750 }
		expect(sources).toEqual([{ ...source, used: true, path: join(folder, "src/a.sh") }])
		expect(manifest?.sources).toEqual([source])
	})

	test("the digest names the content: same bytes same digest, any change another", async () => {
		put("src/a")
		put("src/b")
		putIndex("a", "src/b")
		const digest = async () => (await readModuleFolder(folder)).manifest?.digest
		const first = await digest()
		expect(first).toMatch(/^[0-9a-f]{64}$/)
		const copy = `${folder}-copy`
		cpSync(folder, copy, { recursive: true })
		expect((await readModuleFolder(copy)).manifest?.digest).toBe(first)
		put("src/unused")
		expect(await digest()).toBe(first)
		chmodSync(join(folder, "src/a"), 0o600)
		const second = await digest()
		put("src/b", "other")
		expect(new Set([first, second, await digest()]).size).toBe(3)
	})

	test.each([
		"Ünïcode – 補丁.txt",
		"with\nnewline",
		" leading and trailing ",
		"-dash",
		"a\\b",
		"deep/er/😀/x",
		"src/nested",
	])("a source called %j", async (target) => {
		put(`src/${target}`, "content")
		putIndex(`src/${target}`)
		const { manifest, findings } = await readModuleFolder(folder)
		expect(findings).toEqual([])
		expect(manifest?.sources).toMatchObject([{ target, digest: sha256("content") }])
		expect((await collect(`src/${target}`)).bytes.toString()).toBe("content")
	})

	test("hundreds of sources, in the order of their targets", async () => {
		const targets = Array.from({ length: 300 }, (_, index) => `f${String(index).padStart(3, "0")}`)
		for (const target of targets.toReversed()) put(`src/${target}`)
		putIndex(...targets)
		const { manifest, findings } = await readModuleFolder(folder)
		expect(findings).toEqual([])
		expect(manifest?.sources.map(({ target }) => target)).toEqual(targets)
		expect(manifest?.sources[299]?.digest).toBe(sha256("src/f299"))
	})

	test("a link inside src/ stands for its file", async () => {
		put("src/real/a", "content")
		link("src/b", "real/a")
		link("src/c", join(folder, "src/real/a"))
		putIndex("b", "c", "real/a")
		const { manifest, sources } = await readModuleFolder(folder)
		expect(manifest?.sources.map(({ digest }) => digest)).toEqual(Array(3).fill(sha256("content")))
		expect(new Set(sources.map(({ path }) => path))).toEqual(new Set([join(folder, "src/real/a")]))
		expect((await collect("b")).bytes.toString()).toBe("content")
	})

	test("a huge sparse file is read in pieces, not held", async () => {
		put("src/huge", "")
		const size = 128 * 1024 * 1024
		truncateSync(join(folder, "src/huge"), size)
		putIndex("huge")
		const before = process.memoryUsage().arrayBuffers
		let most = 0
		const watch = setInterval(() => {
			most = Math.max(most, process.memoryUsage().arrayBuffers)
		}, 5)
		const { manifest } = await readModuleFolder(folder)
		clearInterval(watch)
		expect(manifest?.sources[0]?.size).toBe(size)
		expect(most - before).toBeLessThan(size / 4)
	})
})

describe("sources that do not fit", () => {
	test("a missing source is a fault where its operation names it, each of them", async () => {
		put("src/there")
		putIndex("gone", "there", "src/gone/too")
		expect(await findings()).toEqual(["3 fault source-missing", "5 fault source-missing"])
		const { manifest, module, findings: found } = await readModuleFolder(folder)
		expect(manifest).toBeUndefined()
		expect(module).toBeDefined()
		expect(found.map(printFinding)[0]).toBe(
			'index.json:3:12: $.pools[0].operations[0].target: there is no file "gone" in src/: put the file there, or correct the target',
		)
	})

	test("a name that differs in case or Unicode form is named", async () => {
		put("src/Auth.tsx")
		put("src/\u00fc.txt")
		putIndex("auth.tsx", "u\u0308.txt")
		const { findings } = await readModuleFolder(folder)
		expect(findings.filter(({ rule }) => rule === "source-missing").map(({ remedy }) => remedy)).toEqual([
			'write "Auth.tsx", as the file is called',
			'write "\u00fc.txt", as the file is called',
		])
	})

	test("missing sources are told together with the faults of the index, a wrong target once", async () => {
		put(
			"index.json",
			'{"metadata": {"schema_version": "1"},\n"pools": [{"id": "p", "closure": [],\n"operations": [{"target": "gone", "destination": "x"},\n{"target": "../y", "destination": "/y"}]}]}',
		)
		expect(await findings()).toEqual([
			"1 fault version-not-semantic",
			"2 fault no-closure",
			"3 fault source-missing",
			"3 fault destination-not-absolute",
			"4 fault target-leaves-source",
		])
	})

	test("no src/ at all", async () => {
		rmSync(join(folder, "src"), { recursive: true })
		putIndex("a")
		expect(await findings()).toEqual(["3 fault source-missing"])
	})

	test("unused sources are warnings, many are counted, editors' leavings are not told", async () => {
		put("src/used")
		put("src/.gitkeep")
		put("src/sub/.DS_Store")
		for (let index = 0; index < 25; index += 1) put(`src/u${index}`)
		putIndex("used")
		const { findings, manifest } = await readModuleFolder(folder)
		expect(new Set(findings.map(({ severity, rule }) => `${severity} ${rule}`))).toEqual(
			new Set(["warning source-unused"]),
		)
		expect(findings).toHaveLength(21)
		expect(findings.at(-1)?.message).toBe("no operation uses 5 further files in src/")
		expect(manifest?.sources.map(({ target }) => target)).toEqual(["used"])
	})

	test.each([
		["a file outside", "../../outside"],
		["an absolute path outside", "/etc/passwd"],
		["a folder outside", "../.."],
		["index.json beside it", "../index.json"],
	])("a link that leaves src/ is refused, used or not: %s", async (_, to) => {
		put("../outside", "secret")
		link("src/x", to)
		putIndex("x")
		expect(await findings()).toEqual(["3 fault link-leaves-source"])
		expect((await readModuleFolder(folder)).sources).toEqual([])
		expect(await failure(collect("x"))).toMatchObject({ code: "module-unreadable" })
		put("src/y")
		putIndex("y")
		expect(await findings()).toEqual(["1 fault link-leaves-source"])
	})

	test("a link through a folder whose name begins alike does not pass for inside", async () => {
		put("src-other/a", "secret")
		link("src/x", "../src-other/a")
		putIndex("x")
		expect(await findings()).toEqual(["3 fault link-leaves-source"])
	})

	test("src/ itself a link out of the module is refused", async () => {
		rmSync(join(folder, "src"), { recursive: true })
		put("../elsewhere/a")
		link("src", "../elsewhere")
		putIndex("a")
		expect(await findings()).toEqual(["1 fault source-folder-refused", "3 fault source-missing"])
		expect(await failure(collect("a"))).toMatchObject({ code: "module-unreadable" })
	})

	test("links to folders, to nothing and to themselves: a fault when used, else a warning", async () => {
		put("src/dir/a")
		link("src/folder", "dir")
		link("src/nothing", "gone")
		link("src/circle", "circle")
		link("src/dir/up", "..")
		putIndex("dir/a")
		const expected = ["link-broken", "link-to-folder", "link-to-folder", "source-unreadable"]
		expect((await findings()).toSorted()).toEqual(expected.map((rule) => `1 warning ${rule}`))
		putIndex("folder", "nothing", "circle", "dir/up", "dir/a")
		expect(await findings()).toEqual([
			"3 fault link-to-folder",
			"4 fault link-broken",
			"5 fault source-unreadable",
			"6 fault link-to-folder",
		])
	})

	test("pipes and sockets are refused and never waited for", async () => {
		execFileSync("mkfifo", [join(folder, "src/pipe")])
		const server = createServer().listen(join(folder, "src/socket"))
		await new Promise((resolve) => server.once("listening", resolve))
		putIndex("pipe")
		expect(await findings()).toEqual(["1 fault source-special", "3 fault source-special"])
		expect(await failure(collect("pipe"))).toMatchObject({ data: { reason: "not-a-file" } })
		await new Promise((resolve) => server.close(resolve))
	})

	test("a folder named as a source", async () => {
		put("src/dir/a")
		putIndex("dir")
		expect(await findings()).toEqual(["1 warning source-unused", "3 fault source-missing"])
		expect(await failure(collect("dir"))).toMatchObject({ data: { reason: "a-folder" } })
	})

	test("a name that is no UTF-8 is told, and the rest is read", async () => {
		put("src/a")
		writeFileSync(Buffer.concat([Buffer.from(join(folder, "src/")), Buffer.from([0xff, 0x41])]), "x")
		putIndex("a")
		expect(await findings()).toEqual(["1 warning name-not-utf-8"])
		expect((await readModuleFolder(folder)).manifest).toBeDefined()
	})
})

describe("an index that cannot be read as text", () => {
	const putFileForFolder = () => {
		rmSync(folder, { recursive: true })
		writeFileSync(folder, "")
	}
	const rows: [name: string, prepare: () => void, reason: string][] = [
		["no folder", () => rmSync(folder, { recursive: true }), "missing"],
		["a file as folder", putFileForFolder, "missing"],
		["no index.json", () => {}, "missing"],
		["index.json a folder", () => mkdirSync(join(folder, "index.json")), "a-folder"],
		["index.json a pipe", () => execFileSync("mkfifo", [join(folder, "index.json")]), "not-a-file"],
		["index.json a link to nothing", () => link("index.json", "gone"), "missing"],
		["index.json a link to itself", () => link("index.json", "index.json"), "its links lead in a circle"],
		["index.json too large", () => put("index.json", " ".repeat(MAX_INDEX_BYTES + 1)), "too-large"],
		["index.json endless", () => link("index.json", "/dev/zero"), "not-a-file"],
	]
	test.each(rows)("%s", async (_, prepare, reason) => {
		prepare()
		expect(await failure(readModuleFolder(folder))).toMatchObject({ code: "module-unreadable", data: { reason } })
	})

	test("the largest index that is allowed is read", async () => {
		put("src/a")
		putIndex("a")
		const text = readFileSync(join(folder, "index.json"), "utf8")
		put("index.json", text + " ".repeat(MAX_INDEX_BYTES - Buffer.byteLength(text)))
		expect((await readModuleFolder(folder)).manifest).toBeDefined()
	})

	test("bytes that are no UTF-8 are a fault at their place", async () => {
		put("index.json", Buffer.concat([Buffer.from('{"ä": 1,\n "b": "é'), Buffer.from([0xe9, 0x22, 0x7d])]))
		const { findings, module } = await readModuleFolder(folder)
		expect(module).toBeUndefined()
		expect(findings.map(({ line, column, rule }) => `${line}:${column} ${rule}`)).toEqual(["2:9 not-utf-8"])
	})

	test.each(["", "{", "null", "[]", "\0", "\ufeff{}"])("index %j has a fault and no stack trace", async (text) => {
		put("index.json", text)
		const { findings, module, manifest } = await readModuleFolder(folder)
		expect(findings.some(({ severity }) => severity === "fault")).toBe(true)
		expect([module, manifest]).toEqual([undefined, undefined])
	})
})

describe("readContent", () => {
	test("gives every byte in pieces of at most 1 MiB", async () => {
		const content = Buffer.alloc(3_000_001, "0123456789abcdefg")
		put("src/big", content)
		const { bytes, longest } = await collect("src/big")
		expect(sha256(bytes)).toBe(sha256(content))
		expect(longest).toBeLessThanOrEqual(1024 * 1024)
	})

	test.each(["../index.json", "src/../../outside", "..", "/etc/passwd", "a/../../index.json"])(
		"opens nothing outside src/: %s",
		async (target) => {
			put("index.json", "secret")
			put("../outside", "secret")
			put("src/a/b")
			expect((await failure(collect(target))).code).toBe("module-unreadable")
		},
	)

	test("an empty source is empty, a missing one a failure", async () => {
		put("src/empty", "")
		expect((await collect("empty")).bytes).toHaveLength(0)
		expect(await failure(collect("gone"))).toMatchObject({
			data: { path: join(folder, "src/gone"), reason: "missing" },
		})
	})

	test("a reader that stops early leaves no file open", async () => {
		put("src/big", Buffer.alloc(2_000_000))
		const isOpen = () => execFileSync("ls", ["-l", `/proc/${process.pid}/fd`], { encoding: "utf8" }).includes("src/big")
		for await (const piece of readContent(folder, "big")) {
			expect(piece.length).toBeGreaterThan(0)
			expect(isOpen()).toBe(true)
			break
		}
		expect(isOpen()).toBe(false)
	})
})
