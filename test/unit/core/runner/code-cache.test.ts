import { chmod, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { makeCodeCache } from "../../../../core/runner/code-cache.ts"
import { makeFolder } from "./place.ts"
import { makeAppliance } from "./run-bundle.ts"

const data = Buffer.from("what V8 made of it")
const program = "ab".repeat(32)

/** A state folder with a cache in it, as a run leaves it. */
async function makeKept() {
	const base = await makeFolder()
	const state = join(base, "state")
	await mkdir(state, { mode: 0o700 })
	const cacheFor = (...args: string[]) => makeCodeCache(args, program)
	cacheFor("apply", "--state", state).write(() => data)
	const folder = join(state, "code-cache")
	const [name = ""] = await readdir(folder)
	const file = join(folder, name)
	return { base, state, folder, file, cacheFor, read: () => cacheFor("apply", "--state", state).read() }
}

describe("the code cache", () => {
	it("is kept by a run and found by every command, privately", async () => {
		const { state, folder, file, cacheFor } = await makeKept()
		for (const args of [
			["plan", "--state", state],
			["status", `--state=${state}`],
			["recover", "--state", state],
		])
			expect(cacheFor(...args).read()).toEqual(data)
		expect((await stat(folder)).mode & 0o777).toBe(0o700)
		expect((await stat(file)).mode & 0o777).toBe(0o600)
	})

	it("takes the place of another version's", async () => {
		const { state, folder, read } = await makeKept()
		makeCodeCache(["worker", "--state", state], "cd".repeat(32)).write(() => data)
		expect(await readdir(folder)).toHaveLength(1)
		expect(read()).toBeUndefined()
	})

	it.each(["plan", "status", "history", "attach", "serve", "recover", "--help"])(
		"is not written by %s",
		async (name) => {
			const state = await makeFolder()
			makeCodeCache([name, "--state", state], program).write(() => data)
			expect(await readdir(state)).toEqual([])
		},
	)

	it("is neither read nor written where a folder stands for the appliance", async () => {
		const { state, cacheFor } = await makeKept()
		expect(cacheFor("apply", "--root", "/", "--state", state).read()).toBeUndefined()
		const other = await makeFolder()
		cacheFor("apply", "--root=/", "--state", other).write(() => data)
		expect(await readdir(other)).toEqual([])
	})

	it("makes no state folder", async () => {
		const base = await makeFolder()
		makeCodeCache(["apply", "--state", join(base, "state")], program).write(() => data)
		expect(await readdir(base)).toEqual([])
	})

	const doubts: Record<string, (kept: Awaited<ReturnType<typeof makeKept>>) => Promise<unknown>> = {
		"a byte is another one": async ({ file }) => {
			const bytes = await readFile(file)
			bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
			await writeFile(file, bytes)
		},
		"its end is missing": async ({ file }) => writeFile(file, (await readFile(file)).subarray(0, -1)),
		"it is empty": ({ file }) => writeFile(file, ""),
		"others may read the state folder": ({ state }) => chmod(state, 0o755),
		"others may write to its folder": ({ folder }) => chmod(folder, 0o702),
		"others may write to it": ({ file }) => chmod(file, 0o602),
		"it is a link": async ({ file, base }) => {
			await rename(file, join(base, "aside"))
			await symlink(join(base, "aside"), file)
		},
		"its folder is a link": async ({ folder, base }) => {
			await rename(folder, join(base, "aside"))
			await symlink(join(base, "aside"), folder)
		},
	}
	it.each(Object.keys(doubts))("is not trusted when %s", async (name) => {
		const kept = await makeKept()
		expect(kept.read()).toEqual(data)
		await doubts[name]?.(kept)
		expect(kept.read()).toBeUndefined()
	})
})

describe("the bundle", () => {
	it("leaves its compiled self behind a run, and runs the same with one that V8 refuses", async () => {
		const appliance = await makeAppliance()
		const { folder, state, module, run } = appliance
		const pool = { id: "web", files: { page: "new" }, closure: [`test -e ${folder}/page`] }
		const args = ["apply", "--module", await module("1.0.0", [pool])]
		expect((await run(...args)).exit).toBe(0)
		const [name = ""] = await readdir(join(state, "code-cache"))
		const kept = join(state, "code-cache", name)
		const size = (await stat(kept)).size
		expect(size).toBeGreaterThan(100_000)
		const program = name.slice(0, 32)
		makeCodeCache(["apply", "--state", state], program).write(() => Buffer.from("no code at all, but with its digest"))
		expect((await stat(kept)).size).toBeLessThan(1000)
		const again = await run(...args)
		expect(again).toMatchObject({ exit: 0, stderr: "" })
		expect((await stat(kept)).size).toBeGreaterThan(100_000)
		expect((await run(...args)).exit).toBe(0)
	})
})
