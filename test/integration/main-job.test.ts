import { createHash } from "node:crypto"
import { lstat, mkdtemp, readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { poll } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { type HotfixResult, hotfix, makeModule, parseLines, startHotfix, waitForOutput } from "../support/hotfix.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED the main job on systemd appliances: ${systemd.why}`)

const fixture = "homeserver/spec-example"
const specExample = join(projectFolder, "test/fixtures/modules", fixture)
const site = "/var/www/homeserver"
const replaced = [
	"src/components/auth.tsx",
	"src/components/header.tsx",
	"src/components/login.tsx",
	"backend/config.py",
]

describe.skipIf(!systemd.ok)(`the main job on systemd appliances${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let data: string

	beforeAll(async () => {
		lab = await createLab({ name: "main-job" })
		data = await mkdtemp(join(tmpdir(), "hotfix-data-"))
	}, 480_000)
	afterAll(() => lab?.destroy(), 60_000)

	const on = (appliance: Appliance) => [
		"--on",
		`root@${appliance.host}`,
		"--identity",
		lab.identity,
		"--known-hosts",
		lab.knownHosts,
	]
	const run = (appliance: Appliance, module = specExample, ...more: string[]) =>
		hotfix(["run", module, ...on(appliance), "--json", ...more], data)

	test("the specification's example is applied, proved and remembered", async () => {
		const alpha = await lab.boot("applied")
		const result = await run(alpha)
		expect(result).toMatchObject({ status: 0, stderr: "" })
		expect(outcomes(result)).toEqual({ website_security_patch: "applied", backend_config_fix: "applied" })
		expect(finalClosure(result)).toBe("passed")
		expectNumbered(result)
		for (const path of replaced) {
			const source = await readFile(join(specExample, "src", path.split("/").at(-1) ?? ""), "utf8")
			expect(await readFile(join(alpha.rootPath, site, path), "utf8")).toBe(source)
		}
		const health = JSON.parse(await alpha.execOk("curl -fsS http://localhost:5000/health"))
		expect(health).toMatchObject({ status: "ok", backend: { sessionSeconds: 3600 } })

		const remembered = await hotfix(["history", ...on(alpha), "--pool", "website_security_patch", "--json"], data)
		expect(parseLines(remembered.stdout)).toMatchObject([
			{
				module: { version: "1.1.0" },
				outcome: "applied",
				pools: [{ pool: "website_security_patch", outcome: "applied" }],
			},
		])
		const seen = await hotfix(["history", "--json"], data)
		expect(
			parseLines<{ pool: string; outcome: string }>(seen.stdout).map(({ pool, outcome }) => [pool, outcome]),
		).toEqual(
			expect.arrayContaining([
				["website_security_patch", "applied"],
				["backend_config_fix", "applied"],
			]),
		)

		const again = await run(alpha)
		expect(outcomes(again)).toEqual({ website_security_patch: "unchanged", backend_config_fix: "unchanged" })
		expect(again.status).toBe(0)
		const commands = again.events.filter((event) => event.type === "command-started" && event.phase !== "final-closure")
		expect(commands).toEqual([])
	})

	test("a customer's change that the fix breaks: everything put back, service healthy, next pool goes on", async () => {
		const beta = await lab.boot("customer", {
			async arrange(root) {
				// The customer's own page uses what only their own header exports, and the header is one of our destinations.
				await append(
					join(root, site, "src/components/header.tsx"),
					"\nexport function Greeting() {\n\treturn <p>Welcome home</p>\n}\n",
				)
				const app = join(root, site, "src/app.tsx")
				const text = await readFile(app, "utf8")
				await writeFile(
					app,
					text.replace("{ Header }", "{ Greeting, Header }").replace("<main>", "<main>\n\t\t\t<Greeting />"),
				)
			},
		})
		await beta.execOk(`cd ${site} && npm run build && systemctl restart homeserver`)
		const before = await readTree(beta)
		const result = await run(beta)

		expect(result.status).toBe(1)
		expect(outcomes(result)).toEqual({ website_security_patch: "failed", backend_config_fix: "applied" })
		expect(finalClosure(result)).toBe("not-run")
		expect(phases(result, "website_security_patch")).toEqual([
			"preflight",
			"backup",
			"apply",
			"closure",
			"restore",
			"reclosure",
		])
		const failed = result.events.find((event) => event.type === "pool-finished")
		expect(failed).toMatchObject({
			reason: { phase: "closure", command: "npm run build", exit: 1, output: expect.stringContaining("Greeting") },
		})

		const after = await readTree(beta)
		for (const path of replaced.slice(0, 3)) expect(after[path]).toEqual(before[path])
		expect(after["backend/config.py"]).not.toEqual(before["backend/config.py"])
		expect(JSON.parse(await beta.execOk("curl -fsS http://localhost:5000/health"))).toMatchObject({ status: "ok" })
		expect(await beta.execOk("cat /var/log/hotfix.log")).toMatch(/\[ERROR\].*website_security_patch.*npm run build/)
	})

	test("a closure that fails after rollback too is told as degraded, and the backup stays", async () => {
		const gamma = await lab.boot("degraded")
		const module = await makeModule(fixture, (index) => {
			index.pools[0]?.closure.push("false")
		})
		const before = await readTree(gamma)
		const result = await run(gamma, module)
		expect(result.status).toBe(3)
		expect(outcomes(result)).toEqual({ website_security_patch: "degraded", backend_config_fix: "applied" })
		expect((await readTree(gamma))["src/components/auth.tsx"]).toEqual(before["src/components/auth.tsx"])
		expect((await gamma.execOk("find /var/lib/hotfix/backups -type f | wc -l")).trim()).not.toBe("0")
	})

	test("the connection cut in the middle of the closure: the run ends there, and all of it is shown", async () => {
		const delta = await lab.boot("cut")
		const module = await makeModule(fixture, (index) => {
			index.pools[0]?.closure.splice(1, 0, "echo before-the-cut; sleep 4; echo after-the-cut")
		})
		const child = startHotfix(["run", module, ...on(delta), "--json"], data)
		const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
		let output = ""
		child.stdout?.on("data", (chunk) => (output += chunk))
		await waitForOutput(child, "before-the-cut")
		await delta.cutConnections()
		expect(await ended).toBe(0)
		const result = { status: 0, stdout: output, stderr: "", events: parseLines(output) } as HotfixResult
		expectNumbered(result)
		expect(output).toContain("after-the-cut\\n")
		expect(outcomes(result)).toEqual({ website_security_patch: "applied", backend_config_fix: "applied" })
	})

	test("the desktop killed in the middle of the closure: another one attaches and sees all of it", async () => {
		const epsilon = await lab.boot("killed")
		const module = await makeModule(fixture, (index) => {
			index.pools[0]?.closure.splice(1, 0, "echo before-the-kill; sleep 3; echo after-the-kill")
		})
		const child = startHotfix(["run", module, ...on(epsilon), "--json"], data)
		const output = await waitForOutput(child, "before-the-kill")
		child.kill("SIGKILL")
		const id = parseLines<{ run: string }>(output)[0]?.run ?? ""
		const busy = await run(epsilon, module)
		expect(busy.status).toBe(4)
		expect(busy.stderr).toContain(id)

		const fresh = await mkdtemp(join(tmpdir(), "hotfix-other-desktop-"))
		await poll("the run ends on the appliance", 30, async () => {
			const { stdout } = await hotfix(["history", ...on(epsilon), "--json"], fresh)
			return parseLines<{ state: string }>(stdout)[0]?.state === "finished" ? true : undefined
		})
		const runner = (await epsilon.execOk("ls /var/lib/hotfix/runners/*.cjs")).trim()
		const attached = parseLines(await epsilon.execOk(`node ${runner} attach --run ${id} --events -`))
		expectNumbered({ status: 0, stdout: "", stderr: "", events: attached })
		expect(attached.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
		expect(JSON.stringify(attached)).toContain("after-the-kill")
	})

	test("through sudo without a password, from an ordinary user", async () => {
		const zeta = await lab.boot("sudo")
		const options = ["--on", `support@${zeta.host}`, "--identity", lab.identity, "--known-hosts", lab.knownHosts]
		const result = await hotfix(["run", specExample, ...options, "--sudo", "--json"], data)
		expect(result).toMatchObject({ status: 0, stderr: "" })
		expect(outcomes(result)).toEqual({ website_security_patch: "applied", backend_config_fix: "applied" })
	})

	test("several appliances at once: each has its own outcome, the worst one is the exit code", async () => {
		const [one, two] = await Promise.all([lab.boot("one"), lab.boot("two")])
		await two.execOk(`echo 'broken(' >> ${site}/src/app.tsx`)
		const hosts = [`root@${one.host}`, `root@${two.host}`]
		const result = await hotfix(
			["run", specExample, "--on", ...hosts, "--identity", lab.identity, "--known-hosts", lab.knownHosts, "--json"],
			data,
		)
		const byAppliance = (name: string) =>
			outcomes({ ...result, events: result.events.filter((event) => "appliance" in event && event.appliance === name) })
		expect(byAppliance(hosts[0] ?? "")).toEqual({ website_security_patch: "applied", backend_config_fix: "applied" })
		// Their page was broken before us, so the closure cannot pass after the way back either.
		expect(byAppliance(hosts[1] ?? "")).toEqual({ website_security_patch: "degraded", backend_config_fix: "applied" })
		expect(result.status).toBe(3)
	})
})

function outcomes(result: HotfixResult): Record<string, string> {
	return Object.fromEntries(
		result.events
			.filter((event) => event.type === "pool-finished")
			.map((event) => ("pool" in event && "outcome" in event ? [event.pool, event.outcome] : [])),
	)
}

function finalClosure(result: HotfixResult): unknown {
	const event = result.events.find(({ type }) => type === "final-closure")
	return event && "outcome" in event ? event.outcome : undefined
}

function phases(result: HotfixResult, pool: string): unknown[] {
	return result.events
		.filter((event) => event.type === "phase-started" && "pool" in event && event.pool === pool)
		.map((event) => ("phase" in event ? event.phase : undefined))
}

/** 1, 2, 3 ... to the end of the run, without a gap or a double. */
function expectNumbered(result: HotfixResult): void {
	expect(result.events.map(({ seq }) => seq)).toEqual(result.events.map((_, index) => index + 1))
	expect(result.events.at(-1)?.type).toBe("run-finished")
}

/** Content, mode, owner and times of every destination. */
async function readTree(appliance: Appliance) {
	const entries = await Promise.all(
		replaced.map(async (path) => {
			const file = join(appliance.rootPath, site, path)
			const { mode, uid, gid, mtimeMs } = await lstat(file)
			return [
				path,
				{
					mode,
					uid,
					gid,
					mtimeMs,
					digest: createHash("sha256")
						.update(await readFile(file))
						.digest("hex"),
				},
			] as const
		}),
	)
	return Object.fromEntries(entries)
}

async function append(file: string, text: string): Promise<void> {
	await writeFile(file, (await readFile(file, "utf8")) + text)
}
