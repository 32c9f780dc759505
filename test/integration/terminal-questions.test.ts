import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { type Stranger, startStranger } from "../support/ssh/strangers.ts"
import { canOpenTerminal, openTerminal } from "../support/terminal.ts"

const able = canOpenTerminal()

describe.skipIf(!able.ok)(`questions at a terminal${able.ok ? "" : `: ${able.why}`}`, () => {
	test("unknown host keys come in one numbered table; those that are chosen are trusted and run", async () => {
		const { strangers, module, folder } = await setUp("alpha", "beta", "gamma")
		const terminal = run(strangers, module, folder)
		await terminal.shows("3 appliances are not known yet")
		for (const one of strangers) expect(terminal.screen()).toContain(one.fingerprint)
		const numberOf = (one: Stranger) =>
			new RegExp(`^ +(\\d) .*:${one.port} .*${one.fingerprint.replace(/[+/]/g, "\\$&")}`, "m").exec(
				terminal.screen(),
			)?.[1]
		const [alpha, beta, gamma] = strangers.map(numberOf)
		await terminal.shows("Trust all, none, or numbers (1,3-5): ")
		terminal.type("4\r")
		await terminal.shows("numbers from 1 to 3 are needed")
		terminal.type(`${alpha}, ${gamma}\r`)
		expect(await terminal.ended).toBe(6)
		expect([alpha, beta, gamma].toSorted()).toEqual(["1", "2", "3"])
		const known = await readFile(join(folder, "data/known_hosts"), "utf8")
		const isKnown = strangers.map((one) => known.includes(one.publicKey.split(" ")[1] ?? ""))
		expect(isKnown).toEqual([true, false, true])
		expect(await Promise.all(strangers.map(greetingOf))).toEqual(["hello\n", undefined, "hello\n"])
	})

	test.each([
		["the end of input", "\u0004"],
		["Ctrl-C", "\u0003"],
	])("%s trusts none, and the program ends by itself", async (_name, keys) => {
		const { strangers, module, folder } = await setUp("alpha", "beta")
		const terminal = run(strangers, module, folder)
		await terminal.shows("Trust all, none, or numbers")
		terminal.type(keys)
		expect(await terminal.ended).toBe(6)
		expect(terminal.screen()).not.toContain("unexpected fault")
		expect(await Promise.all(strangers.map(greetingOf))).toEqual([undefined, undefined])
	})

	test("--trust answers without asking; one key that is left is asked about by itself", async () => {
		const { strangers, module, folder } = await setUp("alpha", "beta")
		const terminal = run(strangers, module, folder, "--trust", strangers[0]?.fingerprint ?? "")
		await terminal.shows("Does the appliance's owner see the same one? [yes/no]")
		expect(terminal.screen()).toContain(strangers[1]?.fingerprint)
		expect(terminal.screen()).not.toContain(strangers[0]?.fingerprint)
		terminal.type("yes\r")
		expect(await terminal.ended).toBe(0)
		expect(await Promise.all(strangers.map(greetingOf))).toEqual(["hello\n", "hello\n"])
	})
})

async function setUp(...names: string[]) {
	const folder = await mkdtemp(join(tmpdir(), "terminal-"))
	onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }))
	const strangers = await Promise.all(names.map((name) => startStranger(folder, name)))
	onTestFinished(async () => void (await Promise.all(strangers.map((one) => one.stop()))))
	const module = join(folder, "greeting")
	await mkdir(join(module, "src"), { recursive: true })
	await writeFile(join(module, "src/greeting"), "hello\n")
	const pool = { id: "p", operations: [{ target: "greeting", destination: "/etc/greeting" }], closure: ["true"] }
	const index = { metadata: { schema_version: "1.0.0" }, pools: [pool], finalClosure: [] }
	await writeFile(join(module, "index.json"), JSON.stringify(index))
	return { folder, strangers, module }
}

/** All of them sign in with one key: an option holds for every appliance of the command. */
function run(strangers: Stranger[], module: string, folder: string, ...more: string[]) {
	const on = strangers.flatMap(({ user, host, port }) => ["--on", `${user}@${host}:${port}`])
	const terminal = openTerminal(
		["run", module, ...on, "--identity", strangers[0]?.keyPath ?? "", ...more],
		join(folder, "data"),
	)
	onTestFinished(terminal.destroy)
	return terminal
}

function greetingOf({ root }: Stranger): Promise<string | undefined> {
	return readFile(join(root, "etc/greeting"), "utf8").catch(() => undefined)
}
