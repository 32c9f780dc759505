import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, describe, expect, test } from "vitest"
import { answerFromOptions } from "../../../../core/cli/answer-questions.ts"
import { type ApplianceOptions, chooseAppliances, parseAddress } from "../../../../core/cli/appliance-options.ts"
import { printRun } from "../../../../core/cli/commands/history.ts"
import { printPlan } from "../../../../core/cli/commands/plan.ts"
import { exitOfRun } from "../../../../core/cli/commands/run.ts"
import { csvHead, csvRun } from "../../../../core/cli/history-csv.ts"
import { exitOfFailure } from "../../../../core/cli/print-failure.ts"
import { describeEvent, describeLink, describeState } from "../../../../core/cli/run-display.ts"
import { printSummary } from "../../../../core/cli/run-summary.ts"
import { worstExit } from "../../../../core/cli/worst-exit.ts"
import type { Services } from "../../../../core/fleet/services/types.ts"
import type { Appliance } from "../../../../core/schema/appliance.ts"
import type { DesktopRun, Question } from "../../../../core/schema/desktop.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { FailureError } from "../../../../core/schema/failure.ts"
import type { Plan } from "../../../../core/schema/plan.ts"
import { makeAppliance, makeRun } from "../fleet/make.ts"

describe("addresses", () => {
	test.each([
		["kitchen", { host: "kitchen" }],
		["support@10.0.0.7", { user: "support", host: "10.0.0.7" }],
		["support@kitchen.local:2222", { user: "support", host: "kitchen.local", port: 2222 }],
		["fe80::1", { host: "fe80::1" }],
		["fe80::1%eth0", { host: "fe80::1%eth0" }],
		["root@[fe80::1]:2222", { user: "root", host: "fe80::1", port: 2222 }],
	])("%s", (text, address) => expect(parseAddress(text)).toEqual(address))

	test.each([
		"",
		"@kitchen",
		"a b",
		"kitchen:0",
		"kitchen:65536",
		"kitchen:ssh",
		"a@b@c",
		"kitchen/x",
		"a,b",
		`${"u".repeat(65)}@a`,
	])("%j is none", (text) => expect(() => parseAddress(text)).toThrow(FailureError))
})

const saved = { ...makeAppliance({ name: "kitchen", signIn: { method: "key", path: "saved" } }), embedded: false }
function choose(options: ApplianceOptions, all = [saved]) {
	const appliances = {
		list: () => all,
		adHoc: (given: Omit<Appliance, "id" | "name">) => ({ id: "ad-hoc", name: "", ...given }),
	} as unknown as Services["appliances"]
	const fleet = { standings: () => [], groups: () => [{ name: "Bakeries", filter: "tag:bakery" }] }
	const state = { snapshot: () => ({ runs: [] }) }
	const services = { appliances, fleet, state } as unknown as Services
	return chooseAppliances(services, { on: ["kitchen"], sshConfig: "none", ...options })
}

describe("an appliance of the fleet by its name", () => {
	test("is reached as the fleet says", async () => expect(await choose({})).toEqual([saved]))
	test.each([
		[{ identity: "other" }, { signIn: { method: "key", path: "other" }, become: "none" }],
		[{ password: true }, { signIn: { method: "password" }, become: "none" }],
		[{ sudo: true }, { signIn: { method: "key", path: "saved" }, become: "sudo" }],
		[{ doas: true }, { signIn: { method: "key", path: "saved" }, become: "doas" }],
		[{ jump: "me@gate:24,inner" }, { signIn: { method: "key", path: "saved" }, jump: "me@gate:24,inner" }],
		[{ jump: "none" }, { jump: "none" }],
	])("what the command line says goes before: %j", async (options, expected) =>
		expect(await choose(options)).toMatchObject([{ host: saved.host, ...expected }]),
	)

	test("so it does for the whole fleet, as for a filter that fits all", async () =>
		expect(await choose({ on: [], fleet: true, identity: "other", jump: "gate", sudo: true })).toMatchObject([
			{ host: saved.host, signIn: { method: "key", path: "other" }, jump: "gate", become: "sudo" },
		]))

	test.each(["a b", "a,,b", "@a", "a:x"])("no way leads through %j", async (jump) =>
		expect(choose({ jump })).rejects.toMatchObject({ failure: { code: "bad-request" } }),
	)
})

describe("appliances by group and filter", () => {
	const shop = (name: string, tags: string[]) => ({
		...makeAppliance({ id: name, name, host: `${name}.test`, tags }),
		embedded: false,
	})
	const fleet = [shop("one", ["bakery"]), shop("two", ["bakery"]), shop("three", ["butcher"])]
	const names = async (options: ApplianceOptions) =>
		(await choose({ on: [], ...options }, fleet)).map(({ name }) => name)

	test.each<[ApplianceOptions, string[]]>([
		[{ group: "Bakeries" }, ["one", "two"]],
		[{ filter: "-tag:bakery" }, ["three"]],
		[{ filter: "*" }, ["one", "two", "three"]],
		[{ group: "Bakeries", filter: "name:two" }, ["two"]],
		[{ group: "Bakeries", on: ["three", "one"] }, ["one", "two", "three"]],
	])("%j", async (options, expected) => expect(await names(options)).toEqual(expected))

	test.each<[ApplianceOptions, string]>([
		[{}, "cannot tell which appliance"],
		[{ group: "Florists" }, 'there is no group "Florists": Bakeries'],
		[{ filter: "tag:florist" }, "no appliance of the fleet fits"],
		[{ filter: "is:up" }, 'cannot read the filter: is: "up"'],
		[{ filter: "" }, "it is empty; * fits everything"],
	])("%j is refused: nothing is meant by chance", async (options, reason) =>
		expect(names(options)).rejects.toMatchObject({
			failure: { code: "bad-request", data: { reason: expect.stringContaining(reason) } },
		}),
	)
})

describe("an appliance by its address", () => {
	const folder = mkdtempSync(join(tmpdir(), "choose-"))
	afterAll(() => rmSync(folder, { recursive: true }))
	const sshConfig = join(folder, "config")
	writeFileSync(sshConfig, "Host web\n HostName 10.0.0.5\n User owner\n Port 2222\n ProxyCommand never\n", {
		mode: 0o600,
	})

	test.each([
		["web", { host: "web", user: "owner", port: 2222 }],
		["support@web", { host: "web", user: "support", port: 2222 }],
		["web:24", { host: "web", user: "owner", port: 24 }],
		["other", { host: "other", user: "root", port: 22 }],
	])("%s gets what it leaves open from the SSH configuration", async (address, expected) => {
		expect(await choose({ on: [address], sshConfig })).toMatchObject([{ name: address, ...expected }])
	})

	test("without a configuration it is root's, at port 22", async () =>
		expect(await choose({ on: ["web"] })).toMatchObject([{ host: "web", user: "root", port: 22 }]))

	test("a configuration that is not there is said", async () =>
		expect(choose({ on: ["web"], sshConfig: join(folder, "absent") })).rejects.toMatchObject({
			failure: { code: "ssh-config-unreadable", data: { path: join(folder, "absent") } },
		}))
})

test.each([
	[[], 0],
	[[0, 0], 0],
	[[0, 5], 5],
	[[5, 1], 1],
	[[1, 4], 4],
	[[4, 2], 2],
	[[2, 6], 6],
	[[6, 3, 0], 3],
])("the worst of %j is %i", (exits, worst) => expect(worstExit(exits)).toBe(worst))

test.each([
	["busy", 4],
	["refused-downgrade", 2],
	["host-key-changed", 6],
	["authentication-failed", 6],
	["no-suitable-runtime", 6],
	["disk-full", 6],
	["runner-failed", 3],
] as const)("a run that did not start for %s ends with %i", (code, exit) =>
	expect(exitOfFailure({ code, data: {} })).toBe(exit),
)

describe("answers from options", () => {
	const hostKey: Question = {
		id: "1",
		kind: "host-key",
		appliance: "a",
		host: "h",
		port: 22,
		keyType: "ssh-ed25519",
		fingerprint: "SHA256:right",
	}

	test("a fingerprint is trusted only when it is the very one", () => {
		expect(answerFromOptions(hostKey, { trust: ["SHA256:right"] })).toEqual({ kind: "trust" })
		expect(answerFromOptions(hostKey, { trust: ["SHA256:righ"] })).toBeUndefined()
		expect(answerFromOptions(hostKey, {})).toBeUndefined()
	})

	test("a secret is read from its file without the line's end, and a wrong one is not offered again", async () => {
		const file = join(await mkdtemp(join(tmpdir(), "hotfix-secret-")), "secret")
		await writeFile(file, " with blanks \r\n")
		const question: Question = { id: "1", kind: "sudo-password", appliance: "a", user: "u", wrong: false }
		expect(answerFromOptions(question, { sudoPasswordFile: file })).toEqual({ kind: "secret", secret: " with blanks " })
		expect(answerFromOptions({ ...question, wrong: true }, { sudoPasswordFile: file })).toBeUndefined()
		expect(() => answerFromOptions(question, { sudoPasswordFile: `${file}.gone` })).toThrow(FailureError)
	})

	test("the appliance's password never goes to a jump host", async () => {
		const file = join(await mkdtemp(join(tmpdir(), "hotfix-secret-")), "secret")
		await writeFile(file, "secret\n")
		const question: Question = { id: "1", kind: "password", appliance: "a", host: "h", port: 22, via: [], user: "u" }
		expect(answerFromOptions(question, { passwordFile: file })).toEqual({ kind: "secret", secret: "secret" })
		expect(answerFromOptions({ ...question, jump: true }, { passwordFile: file })).toBeUndefined()
	})
})

test("what appliances say is shown inert", () => {
	const common = { seq: 1, time: "2026-01-01T00:00:00Z", run: "r" }
	const hostile = "\u001b]0;title\u0007\u001b[2Jgone\u202e"
	const shown = [
		describeEvent({ ...common, type: "command-started", phase: "closure", index: 0, command: hostile }),
		describeEvent({
			...common,
			type: "command-output",
			phase: "closure",
			index: 0,
			stream: "stdout",
			text: `${hostile}\nnext`,
		}),
		describeEvent({ ...common, type: "file", phase: "apply", destination: `/etc/${hostile}`, action: "replaced" }),
		...printSummary([
			{
				id: "1",
				batch: "b",
				applianceId: "a",
				applianceName: "a",
				module: { name: "m", version: "1.0.0", digest: "0" },
				kind: "apply",
				state: "finished",
				startedAt: "",
				outcome: "failed",
				pools: [{ pool: "p", outcome: "failed", reason: { phase: "closure", message: hostile, output: hostile } }],
			} satisfies DesktopRun,
		]),
	].join("\n")
	expect(shown).toContain("gone")
	// biome-ignore lint/suspicious/noControlCharactersInRegex: the test is about them
	expect(shown.replaceAll(/\u001b\[\d+m/g, "")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: the tests are about them
const ours = /\u001b\[\d+m/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: likewise
const moving = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/

describe("a hostile appliance's words on the terminal", () => {
	const hostile = "web\u001b[2J\u001b]52;c;x\u0007\u202e\r✔ applied"
	const common = { seq: 1, time: "", run: hostile }
	const module = { name: hostile, version: hostile, digest: "0".repeat(64) }
	test.each<RunEvent>([
		{ ...common, type: "run-started", kind: "apply", module, pools: [hostile] },
		{ ...common, type: "pool-started", pool: hostile },
		{ ...common, type: "command-finished", phase: "closure", index: 0, signal: hostile, durationMs: 1 },
		{ ...common, type: "pool-finished", pool: hostile, outcome: "failed" },
	])("$type", (event) => expect(describeEvent(event)?.replaceAll(ours, "")).not.toMatch(moving))

	test("the summary", () => {
		const run = {
			...makeRun(),
			applianceName: hostile,
			module,
			pools: [{ pool: hostile, outcome: "applied" as const }],
		}
		expect(printSummary([run]).join("").replaceAll(ours, "")).not.toMatch(moving)
	})

	test("the history", () => {
		const pool = { pool: hostile, outcome: "applied" as const, phases: [], files: [], commands: [], durationMs: 1 }
		const run = {
			run: hostile,
			kind: "apply" as const,
			module,
			startedAt: hostile,
			state: "finished" as const,
			pools: [pool],
		}
		expect(printRun(hostile, run).replaceAll("\n", "").replaceAll(ours, "")).not.toMatch(moving)
	})

	test("the plan", () => {
		const pool = {
			pool: hostile,
			description: hostile,
			operations: [],
			checks: [hostile],
			closure: [hostile],
			timeoutSeconds: 1,
			warnings: [hostile],
		}
		const plan: Plan = {
			module,
			installedVersion: hostile,
			pools: [{ ...pool, would: "apply" }],
			finalClosure: [hostile],
			space: { neededBytes: 0, freeBytes: 0 },
			spaces: [],
			interrupted: [],
			findings: [],
		}
		expect(printPlan("alpha", plan).join("").replaceAll(ours, "")).not.toMatch(moving)
	})
})

describe("a run that started, and whose end nobody knows", () => {
	const gone = makeRun({ state: "finished", run: "r1", failure: { code: "unknown-run", data: { run: "r1" } } })
	test.each([
		["unknown-run", 3],
		["internal", 3],
		["cancelled", 3],
		["host-key-changed", 6],
	] as const)('with %s ends with %i, never with "nothing was touched"', (code, exit) =>
		expect(exitOfRun({ ...gone, failure: { code, data: {} } })).toBe(exit),
	)

	test("the summary says so", () => expect(printSummary([gone]).join("\n")).toMatch(/how it ended is not known/))
})

test("a reader that goes away changes neither the exit code nor what is said", async () => {
	const child = spawn(process.execPath, ["core/cli/main.ts", "--help"], { stdio: ["ignore", "pipe", "pipe"] })
	child.stdout.destroy()
	const said = text(child.stderr)
	const [exit] = await once(child, "close")
	expect([exit, await said]).toEqual([0, ""])
})

describe("the connection of a run in words", () => {
	const upload = { step: "runtime", sentBytes: 1536 * 1024, totalBytes: 45 * 1024 ** 2 } as const
	const failure = { code: "refused" as const, data: { host: "alpha.test", port: 22 } }
	const linkOf = (change: Partial<DesktopRun>) => describeLink(makeRun(change))?.()

	test("what is brought: once as a line, and how far at the bottom", () => {
		const run = makeRun({ state: "uploading", upload })
		expect(describeState(run)).toContain("bringing Node along for the runner")
		expect(linkOf(run)).toBe("bringing Node along for the runner: 1.5 MiB of 45 MiB")
		// It is being packed: how much it will be is not known.
		expect(linkOf({ state: "uploading", upload: { ...upload, totalBytes: 0 } })).toBe(
			"bringing Node along for the runner",
		)
		expect(linkOf({ state: "running", upload })).toBeUndefined()
	})

	test("why it is lost as a line, and when it is tried again at the bottom", () => {
		const retryAt = new Date(Date.now() + 3800).toISOString()
		expect(describeState(makeRun({ state: "lost", failure, retryAt }))).toMatch(
			/connection lost; the run goes on there\. alpha\.test is there, but no SSH server listens/,
		)
		expect(linkOf({ state: "lost", failure, retryAt })).toBe("next attempt in 4 s")
		expect(linkOf({ state: "lost", failure, retryAt: "2026-01-01T00:00:00Z" })).toBe("connecting again")
		expect(linkOf({ state: "lost", failure })).toBeUndefined()
	})
})

test("a remembered run as CSV: a line a pool, as many cells as columns", () => {
	const pools = [
		{ pool: "web", outcome: "applied" as const, phases: [], files: [], commands: [], durationMs: 12.4 },
		{
			pool: "cron",
			outcome: "failed" as const,
			reason: { phase: "closure" as const, message: "a command failed", command: "=cmd", exit: 2 },
			phases: [],
			files: [],
			commands: [],
			durationMs: 3,
			finishedAt: "2026-01-01T00:00:04Z",
		},
	]
	const lines = csvRun("kitchen", {
		run: "r1",
		kind: "apply",
		module: { name: "m", version: "1.0.0", digest: "0".repeat(64) },
		startedAt: "2026-01-01T00:00:00Z",
		finishedAt: "2026-01-01T00:00:09Z",
		state: "finished",
		pools,
	})
	expect(lines).toEqual([
		"2026-01-01T00:00:09Z,kitchen,m,1.0.0,apply,web,applied,12,,,,,r1",
		"2026-01-01T00:00:04Z,kitchen,m,1.0.0,apply,cron,failed,3,closure,a command failed,'=cmd,2,r1",
	])
	for (const line of lines) expect(line.split(",")).toHaveLength(csvHead().split(",").length)
})
