import { spawn } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { collectOutput } from "../../../../support/appliances/command.ts"
import { waitForOutput } from "../../../../support/hotfix.ts"
import { git, hasGit, makeIndex, makeModule, makePlace, publish, read } from "./place.ts"

const program = fileURLToPath(new URL("./program.ts", import.meta.url))

/** It is started dozens of times: what its start compiles is kept. */
const withCache = (data: string) => ({ ...process.env, NODE_COMPILE_CACHE: join(data, "compiled") })

/** Starts a program, kills it some time after it has said its first word; answers with the last number it told. */
async function runAndKill(what: string, data: string, folder: string, afterMs: number): Promise<number> {
	const child = spawn(process.execPath, [program, what, data, folder], {
		stdio: ["ignore", "pipe", "inherit"],
		env: withCache(data),
	})
	let output = ""
	child.stdout.on("data", (chunk) => (output += chunk))
	await waitForOutput(child, "0\n", 30)
	await sleep(afterMs)
	const ended = new Promise((resolve) => child.once("close", resolve))
	child.kill("SIGKILL")
	await ended
	return Number(output.trimEnd().split("\n").at(-1))
}

test("killed while typing: the last text that was kept is offered", async () => {
	const place = makePlace()
	const folder = makeModule(place.root)
	const told = await runAndKill("type", place.data, folder, 300)
	const { drafts, text } = await place.library.open(folder)
	expect(drafts).toHaveLength(1)
	expect(Number(/^typed (\d+) x{20000}$/.exec(drafts[0]?.text ?? "")?.[1])).toBeGreaterThanOrEqual(told)
	expect(text).toBe(makeIndex("1.0.0"))
}, 180_000)

test("killed while saving: one whole text stands", async () => {
	const place = makePlace()
	const folder = makeModule(place.root)
	for (const afterMs of [20, 45, 70]) {
		const told = await runAndKill("save", place.data, folder, afterMs)
		const { n, end } = JSON.parse(read(folder))
		expect(n).toBe(end)
		expect(n).toBeGreaterThanOrEqual(told)
	}
}, 300_000)

test.skipIf(!hasGit)(
	"killed before each step of a publication: the next one ends it, and nothing published changed",
	async () => {
		const place = makePlace()
		const folder = makeModule(place.root)
		const published = new Map<string, string>()
		let step = 0
		for (let isDone = false; !isDone; ) {
			step++
			const { stdout } = await collectOutput(
				spawn(process.execPath, [program, "publish", place.data, folder, String(step)], {
					stdio: ["ignore", "pipe", "inherit"],
					env: withCache(place.data),
				}),
			)
			isDone = stdout === "published\n"
			await place.library.open(folder)
			if (existsSync(join(folder, ".git/refs/heads/main"))) checkVersions(folder, published)
			expect(leftOvers(folder)).toEqual([])
			expect(await publish(place.library, folder), `step ${step}`).toMatchObject({ state: "published" })
			const left = git(folder, "status", "--porcelain")
				.split("\n")
				.filter((line) => !/^\?\? \.hotfix-|^$/.test(line))
			expect(left, `step ${step}`).toEqual([])
		}
		checkVersions(folder, published)
		expect(git(folder, "fsck", "--strict", "--no-dangling")).toBe("")
		console.log(`killed at ${step - 1} steps of a publication`)
		expect(step).toBeGreaterThan(15)
	},
	900_000,
)

/** Locks of ours, or git's in our name. */
function leftOvers(folder: string): string[] {
	if (!existsSync(join(folder, ".git"))) return []
	return readdirSync(join(folder, ".git")).filter((name) => name === "index.lock" || name.startsWith("hotfix-lock"))
}

/** Every commit of a version has its tag again, and every tag the bytes that it had. */
function checkVersions(folder: string, published: Map<string, string>): void {
	const log = git(folder, "log", "--format=%(trailers:key=Hotfix-Version,valueonly)").split("\n").filter(Boolean)
	const refs = git(folder, "for-each-ref", "--format=%(refname:short) %(objectname) %(*tree)", "refs/tags").split("\n")
	expect(refs.map((line) => line.split(" ")[0]).sort()).toEqual(log.sort())
	for (const line of refs) {
		const tag = line.split(" ")[0] ?? ""
		expect(published.get(tag) ?? line).toBe(line)
		published.set(tag, line)
	}
}
