import { spawn } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { appendFile, copyFile, cp, mkdir, mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { collectOutput, run } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { waitForOutput } from "../support/hotfix.ts"
import { createMachine } from "../support/machine.ts"

/** Its commands need an appliance in trouble: `recovery-by-hand.test.ts` makes one and follows them. */
const IN_TROUBLE = "docs/recovery-by-hand.md"
const documents = ["README.md", ...globSync("docs/**/*.md", { cwd: projectFolder, exclude: [IN_TROUBLE] })]
/** Its blocks are whole stories: `signing.test.ts` follows them. */
const SIGNING = "docs/signing.md"
const commands = [...new Set(documents.filter((path) => path !== SIGNING).flatMap(readCommands))]
const specExample = join(projectFolder, "test/fixtures/modules/homeserver/spec-example")

/** The command lines of a document's `sh` blocks. */
function readCommands(document: string): string[] {
	const text = readFileSync(join(projectFolder, document), "utf8")
	return [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n").filter(Boolean))
}

const { scripts } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"))

/** What `npm test` itself goes through before this test: running them here again would run the suites inside a suite. */
const RUN_BY_THE_SUITES = ["npm run build", "npm run check", "npm test"]
/** Minutes to hours by design; a short soak is one of the suites. What the others write is compared, or tested by itself. */
const TOO_LONG = ["npm run soak", "npm run bench", "npm run mutation", "npm run references", "npm run pictures"]

/** What stands in code in a document's prose, once each. */
function inline(pattern: RegExp): string[] {
	const texts = documents
		.filter((path) => !path.startsWith("docs/reference/"))
		.map((path) => readFileSync(join(projectFolder, path), "utf8"))
	const found = texts.flatMap((text) => [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code = ""]) => code))
	return [...new Set(found)].filter((code) => pattern.test(code))
}

/** Commands in the order of a day; each is run, and ends with 0. */
const DAY = [
	"hotfix import-legacy FOLDER --to NEW",
	"hotfix key list",
	"hotfix publish MODULE",
	"hotfix checkout MODULE VERSION",
	"hotfix checkout MODULE kept/TIME",
	"hotfix rollout prepare MODULE --on HOST ...",
	"hotfix rollout start MODULE ... --preview",
	"hotfix rollout start MODULE --on HOST ...",
	"hotfix rollout status [ROLLOUT]",
	"hotfix rollout report ROLLOUT [--html FILE] [--jsonl FILE]",
	"hotfix rollout pause ROLLOUT",
	"hotfix rollout resume ROLLOUT",
	"hotfix rollout retry ROLLOUT",
	"hotfix rollout halt ROLLOUT",
	"hotfix rollout undo ROLLOUT",
]

/** Short forms of some of these, and what the blocks of the README run. */
const BESIDES = [
	...["hotfix plan --json", "hotfix rollout prepare", "hotfix rollout resume"],
	...["hotfix plan MODULE --on HOST", "hotfix history", "hotfix serve", "hotfix checkout", "hotfix publish"],
	// Keys need an agent that has them: `library/signature.test.ts`.
	"hotfix key use OLD.pub NEW.pub",
	// Refused for one that has begun: `rollout/rollout.test.ts`.
	"hotfix rollout skip ROLLOUT APPLIANCE...",
]

/** Likewise, on an appliance; its desktop speaks `hotfix-runner serve` (`conformance/`). */
const THERE = [
	"hotfix-runner plan --module DIR",
	"hotfix-runner apply",
	"hotfix-runner status",
	"hotfix-runner history --json",
	"hotfix-runner history --pool POOL --json",
	"hotfix-runner history --verify",
	"hotfix-runner attach --run RUN --events -",
	"hotfix-runner recover",
]

test("what documents say of hotfix-runner in passing, one after the other", async () => {
	expect(inline(/^hotfix-runner [a-z]/).sort()).toEqual([...THERE, "hotfix-runner serve"].sort())
	const machine = createMachine()
	onTestFinished(() => machine.remove())
	const module = machine.module([{ id: "files", files: { [machine.at("file")]: "new\n" } }])
	for (const command of THERE) {
		const [run = ""] = (await machine.history()).map(({ run }) => run)
		const words = new Map(Object.entries({ DIR: module, POOL: "files", RUN: run, apply: `apply --module ${module}` }))
		const line = command.replace(/\w+/g, (word) => words.get(word) ?? word)
		const { exit, stdout, stderr } = await machine.run(...line.split(" ").slice(1))
		expect({ line, exit, stderr }).toEqual({ line, exit: 0, stderr: "" })
		expect(stdout).not.toBe("")
	}
	expect(machine.read("file")).toBe("new\n")
})

test("npm run demo: repaired, put back, not reached", async () => {
	expect(commands).toContain("npm run demo")
	expect(scripts.demo).toMatch(/&& node dist\/cli\/hotfix\.js demo$/)
	const { status, stdout, stderr } = await shell("node dist/cli/hotfix.js demo")
	expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
	expect(stdout).toMatch(/applied/)
	expect(stdout).toMatch(/failed, put back/)
	expect(stdout).toMatch(/not started/)
})

test("npm start: serves the app where Electron is not", async () => {
	expect(commands).toContain("npm start")
	const data = await mkdtemp(join(tmpdir(), "hotfix-data-"))
	const child = spawn("node", [...scripts.start.split(" ").slice(1), "--no-open", "--data", data], {
		cwd: projectFolder,
		env: { ...process.env, DISPLAY: "", WAYLAND_DISPLAY: "" },
		stdio: ["ignore", "pipe", "inherit"],
	})
	const ended = new Promise((resolve) => child.once("close", resolve))
	const url = /http:\S+/.exec(await waitForOutput(child, "http://"))?.[0] ?? ""
	const page = await fetch(url)
	expect(page.status).toBe(200)
	expect(await page.text()).toContain("<title>Hotfix Manager</title>")
	child.kill("SIGTERM")
	expect(await ended).toBe(0)
})

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED the documents' commands on an appliance: ${systemd.why}`)

describe.skipIf(!systemd.ok)(`the documents' commands on an appliance${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let appliance: Appliance
	const env: NodeJS.ProcessEnv = { ...process.env, XDG_DATA_HOME: "" }
	let agent: number

	/** An engineer's home: keys in an SSH agent, the appliance in ~/.ssh/known_hosts. */
	beforeAll(async () => {
		lab = await createLab({ name: "documents" })
		appliance = await lab.boot("alpha")
		const home = await mkdtemp(join(tmpdir(), "hotfix-home-"))
		await mkdir(join(home, ".ssh"), { mode: 0o700 })
		await copyFile(lab.knownHosts, join(home, ".ssh/known_hosts"))
		const started = await run("ssh-agent", ["-s"])
		env.HOME = home
		env.XDG_DATA_HOME = join(home, "data")
		env.SSH_AUTH_SOCK = /SSH_AUTH_SOCK=([^;]+)/.exec(started)?.[1]
		agent = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1])
		const { status } = await shell(`ssh-add -q ${lab.identity}`, env)
		expect(status).toBe(0)
	}, 480_000)
	afterAll(async () => {
		if (agent) process.kill(agent)
		await lab?.destroy()
	}, 180_000)

	test("what documents say of hotfix in passing, in a day's order", async () => {
		expect(inline(/^hotfix [a-z]/).sort()).toEqual([...DAY, ...BESIDES].sort())
		const day = await createDay()
		for (const command of DAY) {
			const line = await day.fillIn(command)
			const { status, stdout, stderr } = await shell(line, env)
			expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: "" })
			expect(stdout).not.toBe("")
		}
	})

	/** What a person would type for the words in capitals. */
	async function createDay() {
		const folder = await mkdtemp(join(tmpdir(), "hotfix-day-"))
		const module = join(folder, "module")
		await cp(specExample, module, { recursive: true })
		const on = `--on root@${appliance.host}`
		let rollout: string | undefined
		const changeModule = () => appendFile(join(module, "src/auth.tsx"), "// not published\n")
		const fetchKept = async () => (await shell(`git -C ${module} for-each-ref refs/hotfix/kept`)).stdout
		const words: [word: string, typed: string | (() => Promise<string>)][] = [
			["[ROLLOUT]", ""],
			["[--html FILE] [--jsonl FILE]", ""],
			["...", ""],
			["--on HOST", on],
			["--preview", `${on} --preview`],
			["FOLDER", join(projectFolder, "test/fixtures/legacy/pools")],
			["NEW", join(folder, "new")],
			["MODULE", module],
			["VERSION", () => changeModule().then(() => "1.1.0 --keep-changes")],
			["kept/TIME", async () => /kept\/.*/.exec(await fetchKept())?.[0] ?? "none"],
			["APPLIANCE", `root@${appliance.host}`],
			["ROLLOUT", async () => (rollout ??= await fetchRollout())],
		]
		return {
			async fillIn(command: string) {
				let line = command.replace("hotfix", "node dist/cli/hotfix.js")
				for (const [word, typed] of words)
					if (line.includes(word)) line = line.replace(word, typeof typed === "string" ? typed : await typed())
				return line
			},
		}
	}

	async function fetchRollout(): Promise<string> {
		const { stdout } = await shell("node dist/cli/hotfix.js rollout status --json", env)
		return /"id":"([^"]+)"/.exec(stdout)?.[1] ?? "none"
	}

	const elsewhere = ["npm run demo", "node dist/cli/hotfix.js demo", "npm start", ...RUN_BY_THE_SUITES, ...TOO_LONG]
	const rest = commands.filter((command) => !elsewhere.includes(command))
	test.each(rest)("%s", async (command) => {
		const line = command.replaceAll("MODULE", specExample).replaceAll("HOST", appliance.host)
		const { status, stdout, stderr } = await shell(line, env)
		expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
		expect(stdout).not.toBe("")
	})
})

/** As somebody types it, with the machine's own Node: the one that npm brings is in no person's PATH. */
function shell(line: string, env: NodeJS.ProcessEnv = process.env) {
	const PATH = (env.PATH ?? "").split(":").filter((folder) => !folder.endsWith("node_modules/.bin"))
	const typed = { ...env, PATH: PATH.join(":") }
	return collectOutput(spawn("sh", ["-c", line], { cwd: projectFolder, env: typed, stdio: ["ignore", "pipe", "pipe"] }))
}
