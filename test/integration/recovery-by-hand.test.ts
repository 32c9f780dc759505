import { execFileSync, spawn, spawnSync } from "node:child_process"
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { mkdtemp, rename } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeEach, expect, test } from "vitest"
import { poll } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { compareTrees, readTree, type Tree } from "../support/tree.ts"

const page = readFileSync(join(projectFolder, "docs/recovery-by-hand.md"), "utf8")
const runner = join(projectFolder, "dist/runner/hotfix-runner.cjs")

let folder: string
let state: string
let files: string
let before: Tree
/** What a dead run had left at work. */
let ended: number[]

/** An appliance's files: one with owner, mode, times and attributes of its own, one behind a link, one with two names. */
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "hotfix-by-hand-"))
	state = join(folder, "state")
	files = join(folder, "files")
	mkdirSync(join(files, "web"), { recursive: true })
	write("web/web.conf", "the customer's\n")
	write("app-1.js", "old\n")
	symlinkSync("app-1.js", join(files, "app.js"))
	write("two", "old\n")
	linkSync(join(files, "two"), join(files, "names"))
	sh(`cd ${files} && chmod 4750 web/web.conf && touch -d '2024-03-01 10:20:30.123456789' web/web.conf app-1.js`)
	if (process.getuid?.() === 0) sh(`cd ${files} && chown 1:60 web/web.conf && chmod 4750 web/web.conf`)
	spawnSync("setfattr", ["-n", "user.note", "-v", "theirs", join(files, "web/web.conf")])
	before = readTree(files)
	ended = []
})

test("a degraded pool: by hand, and by the next runner that comes", async () => {
	const module = makeModule(["test -e MENDED || { cd WEB; rm web.conf; mkdir -p web.conf/theirs; false; }"])
	expect(spawnSync(process.execPath, [runner, ...applyOf(module)]).status).toBe(3)
	const run = onlyRun()
	const seen = whatStands(run)
	expect(seen).toContain(`cannot restore ${files}/web/web.conf`)
	expect(seen).toContain('"type":"pool-closed","pool":"web","outcome":"degraded"')

	await rename(join(files, "web/web.conf"), join(folder, "aside"))
	writeFileSync(join(folder, "mended"), "")
	putBackByHand(run)
	expect(compareTrees(before, readTree(files))).toEqual([])

	const told = withRunner(run, ["recover", "status", "revert"])
	expect(told).toContain("web")
	expect(compareTrees(before, readTree(files))).toEqual([])
})

test("a run that was cut short, its runner gone", async () => {
	const module = makeModule(["test -e MENDED || { touch RUNNING; sleep 600; }"])
	const child = spawn(process.execPath, [runner, ...applyOf(module)], { stdio: "ignore", detached: true })
	await poll("the closure runs", 120, () => (existsSync(join(folder, "running")) ? true : undefined))
	const run = onlyRun()
	expect(whatStands(run)).toContain(`"pid":${child.pid}`)
	process.kill(-Number(child.pid), "SIGKILL")
	expect(readFileSync(join(files, "web/web.conf"), "utf8")).toBe("ours\n")
	writeFileSync(join(folder, "mended"), "")

	putBackByHand(run)
	expect(ended.length).toBeGreaterThan(0)
	expect(compareTrees(before, readTree(files))).toEqual([])

	withRunner(run, ["recover", "status"])
	expect(compareTrees(before, readTree(files))).toEqual([])
	expect(whatStands(run)).toContain('"type":"run-closed"')
})

/** The commands of a section of the page, block by block. */
function blocksOf(section: string): string[] {
	const from = page.indexOf(`\n${section}`)
	expect(from, section).toBeGreaterThan(0)
	const text = page.slice(from + 1).split(/\n## /)[0] ?? ""
	return [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block)
}

/** Section 1. A run that never ended has no receipt. */
function whatStands(run: string): string {
	const [block = ""] = blocksOf("## 1.")
	return sh(existsSync(join(state, `receipts/${run}.txt`)) ? block : block.replace(/^tail .*\n/m, ""), run)
}

/** Section 2, once a runner has come back as a desktop would bring it, up to the last of these commands of its. */
function withRunner(run: string, commands: string[]): string {
	for (const name of ["runners", "runtimes"]) mkdirSync(join(state, name))
	const options = ["--state", state, "--log", join(folder, "log")]
	const text = `process.argv.push(...${JSON.stringify(options)})\nrequire(${JSON.stringify(runner)})\n`
	writeFileSync(join(state, "runners/any.cjs"), text)
	const lines = (blocksOf("## 2.")[0] ?? "").replaceAll("DIGEST", "any").trim().split("\n")
	const wanted = lines.filter((line) => !line.startsWith("node ") || commands.some((name) => line.includes(name)))
	expect(wanted).toHaveLength(2 + commands.length)
	// `recover` ends with the exit code of the run that it ended.
	return sh(["set +e", ...wanted].join("\n"), run)
}

/** Sections 3 and 4, word for word: what a command prints is pasted where the page says so. */
function putBackByHand(run: string): void {
	const [left = "", list = "", values = "", putBack = "", inPlace = "", made = ""] = blocksOf("## 3.")
	const [prove = ""] = blocksOf("## 4.")
	for (const [, pid] of sh(`${left.trim()} || true`, run).matchAll(/^\/proc\/(\d+)\/environ$/gm)) {
		process.kill(Number(pid), "SIGKILL")
		ended.push(Number(pid))
	}
	const [first, second] = sh(list, run).match(/[0-9a-f]{64}/g) ?? []
	expect(first).toBe(second)
	for (const line of sh(inState(values), run).trim().split("\n")) {
		const last = putBack.split("\n").findIndex((one) => one.startsWith("mv -T"))
		const isInPlace = line.includes("/two'")
		const block = isInPlace ? `${putBack.split("\n").slice(0, last).join("\n")}\n${inPlace}` : putBack
		expect(sh(inState(`${line}\n${block}`), run)).toContain("back: ")
	}
	const printed = sh(inState(`M=backups/pools/POOL/RUN/manifest.json\n${made}`), run)
		.trim()
		.split("\n")
	const makes = JSON.parse(printed.pop()?.replace('"makes":', "") ?? "") as string[]
	for (const path of printed) sh(`rm -f '${path}'`)
	for (const path of makes.reverse().filter((path) => existsSync(path))) sh(`rmdir '${path}'`)
	expect(sh(inState(`M=backups/pools/POOL/RUN/manifest.json\n${prove}`), run)).toContain('"closure":["')
}

const inState = (commands: string) => `cd /var/lib/hotfix\n${commands}`

/** As at the appliance, with the test's own state folder. */
function sh(commands: string, run = ""): string {
	const text = commands.replaceAll("/var/lib/hotfix", state).replaceAll("POOL", "web").replaceAll("RUN", run)
	return execFileSync("sh", ["-c", `set -e\n${text}`], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
}

function write(name: string, text: string): void {
	writeFileSync(join(files, name), text)
}

function makeModule(closure: string[]): string {
	const module = join(folder, "module")
	mkdirSync(join(module, "src"), { recursive: true })
	writeFileSync(join(module, "src/new"), "ours\n")
	const places = ["web/web.conf", "web/conf.d/extra.conf", "app.js", "two"]
	const index = {
		metadata: { schema_version: "1.0.0" },
		pools: [
			{
				id: "web",
				operations: places.map((place) => ({ target: "new", destination: join(files, place) })),
				closure: closure.map((line) =>
					line
						.replace("WEB", join(files, "web"))
						.replace("RUNNING", join(folder, "running"))
						.replace("MENDED", join(folder, "mended")),
				),
			},
		],
	}
	writeFileSync(join(module, "index.json"), JSON.stringify(index))
	return module
}

const applyOf = (module: string) => ["apply", "--module", module, "--state", state, "--log", join(folder, "log")]

function onlyRun(): string {
	const [run = "", ...others] = readdirSync(join(state, "runs"))
	expect(others).toEqual([])
	return run
}
