import { spawn } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { parseVersionTag } from "../../../../../core/fleet/library/version-tag.ts"
import { waitForOutput } from "../../../../support/hotfix.ts"
import { git, hasGit, makeIndex, makeModule, makePlace, publish, read, writeFiles } from "./place.ts"

const program = join(dirname(fileURLToPath(import.meta.url)), "program.ts")

/** Starts a program, kills it some time after it has said its first word; answers with the last number it told. */
async function runAndKill(what: string, data: string, folder: string, afterMs: number): Promise<number> {
	const child = spawn(process.execPath, [program, what, data, folder], { stdio: ["ignore", "pipe", "inherit"] })
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
}, 60_000)

test("killed while saving: one whole text stands", async () => {
	const place = makePlace()
	const folder = makeModule(place.root)
	for (const afterMs of [20, 45, 70]) {
		const told = await runAndKill("save", place.data, folder, afterMs)
		const { n, end } = JSON.parse(read(folder))
		expect(n).toBe(end)
		expect(n).toBeGreaterThanOrEqual(told)
	}
}, 120_000)

test.skipIf(!hasGit)(
	"killed while publishing, at any moment: what was published stays, and publishing goes on",
	async () => {
		const place = makePlace()
		const folder = makeModule(place.root)
		const published = new Map<string, string>()
		for (let round = 0; round < 8; round++) {
			await runAndKill("publish", place.data, folder, round * 37)
			await place.library.open(folder)
			expect(existsSync(join(folder, ".git/index.lock"))).toBe(false)
			expect(readdirSync(join(folder, ".git")).filter((name) => name.startsWith("hotfix-lock"))).toEqual([])
			expect(git(folder, "fsck", "--strict", "--no-dangling")).toBe("")
			// Every commit of a version has its tag again, and every tag its bytes.
			const commits = git(folder, "log", "--format=%(trailers:key=Hotfix-Version,valueonly)")
				.split("\n")
				.filter(Boolean)
			expect(git(folder, "tag").split("\n").sort()).toEqual(commits.sort())
			for (const tag of commits) {
				const bytes = `${git(folder, "rev-parse", `${tag}^{tree}`)} ${git(folder, "rev-parse", tag)}`
				expect(published.get(tag) ?? bytes).toBe(bytes)
				published.set(tag, bytes)
				expect(git(folder, "show", `${tag}:index.json`)).toContain(
					`"schema_version": "${parseVersionTag(tag)?.version}"`,
				)
			}
			writeFiles(folder, { "src/a.txt": `round ${round}\n` })
			expect(await publish(place.library, folder)).toMatchObject({ state: "published" })
			expect(
				git(folder, "status", "--porcelain")
					.replace(/^\?\? \.hotfix-\S+$/gm, "")
					.trim(),
			).toBe("")
		}
		expect(published.size).toBeGreaterThan(8)
	},
	240_000,
)
