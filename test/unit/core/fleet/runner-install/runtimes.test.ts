import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readRuntimes } from "../../../../../core/fleet/runner-install/runtimes.ts"

const program = Buffer.from("a program ".repeat(50_000))
const digest = createHash("sha256").update(program).digest("hex")
const name = `node-v24.1.0-x64-${digest}`

let root: string
let folder: string
let cache: string
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "runtimes-"))
	folder = join(root, "dist")
	cache = join(root, "data/runtimes")
	await mkdir(join(folder, "x64"), { recursive: true })
	await mkdir(join(root, "data"))
	await writeFile(join(folder, "x64/node"), program)
	await list([{ architecture: "x64", version: "24.1.0", digest, size: program.length }])
})
afterEach(() => rm(root, { recursive: true, force: true }))

const list = (runtimes: unknown) => writeFile(join(folder, "runtimes.json"), JSON.stringify(runtimes))
const codeOf = (work: Promise<unknown>) =>
	work.then(
		() => "no failure",
		(error) => error.failure.code,
	)

test("nothing is packed before it is asked for, and then once, for this program and the next", async () => {
	const runtimes = await readRuntimes(folder, cache)
	expect(runtimes.list).toMatchObject([{ architecture: "x64", name, size: program.length }])
	expect(await readdir(join(root, "data"))).toEqual([])
	const [first, second] = await Promise.all([runtimes.pack(name), runtimes.pack(name)])
	expect(second).toBe(first)
	const packed = await readFile(first.path)
	expect([gunzipSync(packed).equals(program), packed.length]).toEqual([true, first.size])
	await rm(join(folder, "x64/node"))
	expect(await (await readRuntimes(folder, cache)).pack(name)).toEqual(first)
	expect(await readdir(cache)).toEqual([`${name}.gz`])
})

test("what is forgotten is packed anew", async () => {
	const runtimes = await readRuntimes(folder, cache)
	const { path } = await runtimes.pack(name)
	await writeFile(path, "bad")
	await runtimes.forget(name)
	expect(gunzipSync(await readFile((await runtimes.pack(name)).path)).equals(program)).toBe(true)
})

test("whoever reads it goes on when another one forgets it; whoever comes a moment later finds it again", async () => {
	const runtimes = await readRuntimes(folder, cache)
	const reader = await runtimes.open(name)
	await runtimes.forget(name)
	expect(gunzipSync(await reader.file.readFile()).equals(program)).toBe(true)
	await reader.file.close()
	// Another program's word: here it is still known as packed.
	await rm((await runtimes.pack(name)).path)
	const late = await runtimes.open(name)
	const packed = await late.file.readFile()
	await late.file.close()
	expect([gunzipSync(packed).equals(program), packed.length]).toEqual([true, late.size])
})

test("packed ones of other builds go, and what was left half; what another program is packing does not", async () => {
	await mkdir(cache, { recursive: true })
	for (const file of ["node-v22.gz", "dead.new", "alive.new"]) await writeFile(join(cache, file), "")
	await utimes(join(cache, "dead.new"), 1, 1)
	await (await readRuntimes(folder, cache)).pack(name)
	expect((await readdir(cache)).sort()).toEqual(["alive.new", `${name}.gz`])
})

test("a program that is no longer what was built is not packed", async () => {
	await writeFile(join(folder, "x64/node"), "another one")
	expect(await codeOf((await readRuntimes(folder, cache)).pack(name))).toBe("internal")
	expect(await readdir(cache)).toEqual([])
})

test.each([
	["no list", () => rm(join(folder, "runtimes.json")), []],
	["an empty list", () => list([]), []],
])("%s: this build carries none", async (_, arrange, expected) => {
	await arrange()
	const runtimes = await readRuntimes(folder, cache)
	expect(runtimes.list).toEqual(expected)
	expect(await codeOf(runtimes.pack(name))).toBe("not-found")
})

test.each([
	["no JSON", () => writeFile(join(folder, "runtimes.json"), "{")],
	["no list", () => list({})],
	["a digest that is a path", () => list([{ architecture: "x64", version: "1.2.3", digest: "../../x", size: 1 }])],
	["a version that is two words", () => list([{ architecture: "x64", version: "1.2.3 ; rm", digest, size: 1 }])],
])("a list that is damaged is said: %s", async (_, arrange) => {
	await arrange()
	expect(await codeOf(readRuntimes(folder, cache))).toBe("internal")
})

const isRoot = process.getuid?.() === 0
test.skipIf(!isRoot)(`a data folder that can only be read${isRoot ? "" : ": only root can mount one"}`, async () => {
	execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", join(root, "data")])
	try {
		expect(await codeOf((await readRuntimes(folder, cache)).pack(name))).toBe("read-only")
	} finally {
		execFileSync("umount", ["-l", join(root, "data")])
	}
})
