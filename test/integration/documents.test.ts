import { spawn } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { copyFile, mkdir, mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { collectOutput, run } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { waitForOutput } from "../support/hotfix.ts"

const documents = ["README.md", ...globSync("docs/**/*.md", { cwd: projectFolder })]
const commands = [...new Set(documents.flatMap(readCommands))]
const specExample = join(projectFolder, "test/fixtures/modules/homeserver/spec-example")

/** The command lines of a document's `sh` blocks. */
function readCommands(document: string): string[] {
	const text = readFileSync(join(projectFolder, document), "utf8")
	return [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n").filter(Boolean))
}

const { scripts } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"))

/** What `npm test` itself goes through before this test: running them here again would run the suites inside a suite. */
const RUN_BY_THE_SUITES = ["npm run build", "npm run check", "npm test"]
/** Minutes to hours by design; a short soak is one of the suites. */
const TOO_LONG = ["npm run soak", "npm run bench", "npm run mutation"]

test("every document's links lead somewhere", () => {
	for (const document of documents) {
		const text = readFileSync(join(projectFolder, document), "utf8")
		for (const [, link = ""] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
			expect(globSync(join(projectFolder, document, "..", link)), `${document}: ${link}`).toHaveLength(1)
		}
	}
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
	}, 240_000)
	afterAll(async () => {
		if (agent) process.kill(agent)
		await lab?.destroy()
	}, 60_000)

	const elsewhere = ["npm run demo", "npm start", ...RUN_BY_THE_SUITES, ...TOO_LONG]
	const rest = commands.filter((command) => !elsewhere.includes(command))
	test.each(rest)("%s", async (command) => {
		const line = command.replaceAll("MODULE", specExample).replaceAll("HOST", appliance.host)
		const { status, stdout, stderr } = await shell(line, env)
		expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
		expect(stdout).not.toBe("")
	})
})

function shell(line: string, env: NodeJS.ProcessEnv = process.env) {
	return collectOutput(spawn("sh", ["-c", line], { cwd: projectFolder, env, stdio: ["ignore", "pipe", "pipe"] }))
}
