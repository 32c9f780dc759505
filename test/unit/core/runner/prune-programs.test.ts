import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, expect, test } from "vitest"
import { prunePrograms } from "../../../../core/runner/prune-programs.ts"
import { makePlace } from "./place.ts"

const DAY = 24 * 3600 * 1000
const now = Date.now()
const digest = (mark: number) => String(mark).repeat(64)
const runner = (mark: number) => `${digest(mark)}.cjs`
const runtime = (mark: number) => `node-v24.0.0-x64-${digest(mark)}`

let state: string
let proc: string
let unitFolder: string
let program: string[]
beforeEach(async () => {
	const place = await makePlace()
	state = place.options.stateFolder
	proc = join(state, "proc")
	unitFolder = join(state, "units")
	program = [join(state, "runtimes", runtime(1)), "--option", join(state, "runners", runner(1))]
	await put(join(proc, "1", "cmdline"), 0, "/sbin/init\0")
})

async function put(path: string, ageMs: number, text = ""): Promise<void> {
	await mkdir(join(path, ".."), { recursive: true })
	await writeFile(path, text)
	await utimes(path, (now - ageMs) / 1000, (now - ageMs) / 1000)
}
const putRunner = (mark: number, days: number) => put(join(state, "runners", runner(mark)), days * DAY)
const putRuntime = (mark: number, days: number) => put(join(state, "runtimes", runtime(mark)), days * DAY)
const left = async (folder: string) => (await readdir(join(state, folder))).sort()
const prune = () => prunePrograms(state, { program, now, proc, unitFolder })

test("this one stays, of the others the newest three runners and the newest runtime", async () => {
	for (const mark of [1, 2, 3, 4, 5, 6]) await putRunner(mark, mark === 1 ? 29 : mark)
	for (const mark of [1, 2, 3]) await putRuntime(mark, mark === 1 ? 29 : mark)
	await prune()
	expect(await left("runners")).toEqual([1, 2, 3, 4].map(runner))
	expect(await left("runtimes")).toEqual([1, 2].map(runtime))
})

test("what no run has used for 30 days goes, however few there are; a run is use", async () => {
	for (const mark of [1, 2, 3]) await putRunner(mark, [0, 400, 31, 29][mark] ?? 0)
	await putRuntime(1, 400)
	await putRuntime(2, 31)
	await prune()
	expect([await left("runners"), await left("runtimes")]).toEqual([[1, 3].map(runner), [runtime(1)]])
	for (const path of program.filter((word) => word.startsWith("/")))
		expect(Math.abs((await stat(path)).mtimeMs - now)).toBeLessThan(1000)
})

test("what a process works with stays, and what the shell of a connection is about to start", async () => {
	for (const mark of [1, 7, 8, 9]) await putRunner(mark, 100)
	for (const mark of [1, 7, 8, 9]) await putRuntime(mark, 100)
	await put(
		join(proc, "700", "cmdline"),
		0,
		[join(state, "runtimes", runtime(7)), join(state, "runners", runner(7)), "serve"].join("\0"),
	)
	await put(
		join(proc, "800", "cmdline"),
		0,
		["/bin/sh", "-c", "script", "hotfix", digest(8), "300", runtime(8)].join("\0"),
	)
	await prune()
	expect(await left("runners")).toEqual([1, 7, 8].map(runner))
	expect(await left("runtimes")).toEqual([1, 7, 8].map(runtime))
})

test("what the unit for the next boot names stays", async () => {
	for (const mark of [1, 8, 9]) {
		await putRunner(mark, 100)
		await putRuntime(mark, 100)
	}
	const start = `ExecStart="${join(state, "runtimes", runtime(8))}" "${join(state, "runners", runner(8))}" "recover"`
	await put(join(unitFolder, "hotfix-recover-0123456789ab.service"), 0, start)
	await put(join(unitFolder, "other.service"), 0, start.replaceAll("8", "9"))
	await prune()
	expect([await left("runners"), await left("runtimes")]).toEqual([[1, 8].map(runner), [1, 8].map(runtime)])
})

test("where no process can be seen, only what is half goes", async () => {
	await put(join(state, "runners", ".half.1"), 2 * DAY)
	await put(join(state, "runners", ".half.2"), DAY / 2)
	for (const mark of [1, 2, 3, 4, 5, 6]) await putRunner(mark, 100)
	await prunePrograms(state, { program, now, proc: join(state, "nothing"), unitFolder })
	expect(await left("runners")).toEqual([".half.2", ...[1, 2, 3, 4, 5, 6].map(runner)])
})

test("a unit that cannot be read might name anything: nothing is removed", async () => {
	await putRunner(2, 100)
	await mkdir(join(unitFolder, "hotfix-recover.service"), { recursive: true })
	await expect(prune()).rejects.toMatchObject({ failure: { code: "internal" } })
	expect(await left("runners")).toEqual([runner(2)])
})

test("where nothing was ever brought there is nothing to do, and a runner from elsewhere is left alone", async () => {
	await put(join(state, "own/node"), 400 * DAY)
	await prunePrograms(state, { program: [join(state, "own/node")], now, proc, unitFolder })
	expect((await stat(join(state, "own/node"))).mtimeMs).toBeLessThan(now - 399 * DAY)
})

test("where it cannot be known what a process works with, nothing is removed", async () => {
	for (const mark of [1, 2]) await putRunner(mark, 100)
	// As where no more files may be open: an error that is no answer.
	await mkdir(join(proc, "4242", "cmdline"), { recursive: true })
	await prune()
	expect(await left("runners")).toEqual([1, 2].map(runner))
})
