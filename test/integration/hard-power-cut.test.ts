import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createMachine, type Machine, type MachinePool } from "../support/machine.ts"
import { createPowerDisk, type PowerDisk, whyNoPowerCuts } from "../support/power-disk.ts"
import { compareTrees, readTree, type Tree } from "../support/tree.ts"

const why = whyNoPowerCuts()
if (why) console.warn(`SKIPPED hard power cuts: ${why}`)

const MOMENTS = 12

/**
 * State folder and destinations on one disk, and the power of that goes: DESIGN invariants 1, 3 and 4 on a real ext4. Red
 * without the syncs of files; those of folders ext4 does with them, and the simulated disk of `test/fault` proves each.
 */
describe.skipIf(why)(`hard power cuts${why ? `: ${why}` : ""}`, () => {
	let machine: Machine
	let disk: PowerDisk
	let module: string
	let pools: MachinePool[]
	/** Each pool's files before the run. */
	let before: Map<string, Tree>

	beforeAll(async () => {
		machine = createMachine("disk/state")
		disk = await createPowerDisk(machine.at("disk"), 48)
		const at = (name: string) => machine.at(`disk/files/${name}`)
		for (const name of ["one/a", "one/b", "two/a", "two/linked", "three/a"])
			machine.write(`disk/files/${name}`, "old\n")
		linkSync(at("two/linked"), at("two/other-name"))
		machine.write("disk/files/one/large", Buffer.alloc(2 << 20, "o"))
		await machine.apply([{ id: "one", files: { [at("one/a")]: "first\n" } }])
		pools = [
			{
				id: "one",
				files: {
					[at("one/a")]: "new\n",
					[at("one/b")]: "new\n",
					[at("one/large")]: Buffer.alloc(3 << 20, "n"),
					[at("one/made/deep/c")]: "new\n",
				},
			},
			{
				id: "two",
				files: { [at("two/a")]: "new\n", [at("two/linked")]: "new\n", [at("two/made/d")]: "new\n" },
				closure: [`! grep -q new ${at("two/a")}`],
			},
			{ id: "three", files: { [at("three/a")]: "new\n" } },
		]
		module = machine.module(pools)
		before = new Map(pools.map(({ id }) => [id, look(id)]))
		await disk.save()
	})
	afterAll(async () => {
		await disk?.end()
		machine?.remove()
	})

	const look = (id: string) => readTree(machine.at(`disk/files/${id}`))

	test("what was not synced is gone, so that these tests can fail", async () => {
		machine.write("disk/synced", "here")
		const file = openSync(machine.at("disk/synced"), "r")
		fsyncSync(file)
		closeSync(file)
		machine.write("disk/unsynced", "here")
		await disk.cut()
		await disk.boot()
		expect(machine.read("disk/synced")).toBe("here")
		expect(existsSync(machine.at("disk/unsynced"))).toBe(false)
		await disk.reset()
	})

	test("at moments all through a run, and in the recovery: all new, or all exactly as before", async () => {
		const { lines } = await runUntil("apply", Number.POSITIVE_INFINITY)
		expect(readOutcomes(lines)).toEqual({ one: "applied", two: "failed", three: "applied" })
		const outcomes = new Set<string>()
		for (let moment = 0; moment < MOMENTS; moment++) {
			await disk.reset()
			const after = 1 + Math.floor((moment * (lines.length - 1)) / (MOMENTS - 1))
			const cut = await runUntil("apply", after)
			// Every second recovery loses its power as well.
			const again = moment % 2 ? await runUntil("recover", 1 + (moment % 5)) : undefined
			try {
				outcomes.add(JSON.stringify(await checkInvariants([...cut.lines, ...(again?.lines ?? [])])))
			} catch (error) {
				throw new Error(`power cut after event ${after}: ${(error as Error).message}`, { cause: error })
			}
		}
		// At least: nothing done, the first pool done, all done.
		expect(outcomes.size).toBeGreaterThanOrEqual(3)
	})

	/** Runs a command of the runner; after so many events the power goes. What it said until then. */
	async function runUntil(command: "apply" | "recover", events: number): Promise<{ lines: string[] }> {
		const args = command === "apply" ? ["apply", "--module", module] : ["recover"]
		const common = ["--state", machine.state, "--log", machine.at("update.log"), "--events", "-"]
		const child = spawn(process.execPath, [machine.at("hotfix-runner.cjs"), ...args, ...common], {
			stdio: ["ignore", "pipe", "ignore"],
		})
		const ended = once(child, "close")
		const lines: string[] = []
		let cutting: Promise<void> | undefined
		for await (const line of createInterface(child.stdout)) {
			if (line.startsWith("{")) lines.push(line)
			if (lines.length >= events) cutting ??= disk.cut().then(() => void child.kill("SIGKILL"))
		}
		await ended
		if (events === Number.POSITIVE_INFINITY) return { lines }
		// A recovery that had less to say ends before.
		await (cutting ?? disk.cut())
		await disk.boot()
		return { lines }
	}

	/** What the pools came to, by what stands on the disk. */
	async function checkInvariants(told: string[]): Promise<Record<string, string>> {
		const recovered = await machine.run("recover")
		expect(recovered.stderr).toBe("")
		expect([0, 1, 5]).toContain(recovered.exit)
		const status = JSON.parse((await machine.run("status", "--json")).stdout)
		expect(status).toMatchObject({ interrupted: [] })
		const said: Record<string, string> = {}
		for (const { pool, outcome } of status.modules[0].pools) said[pool] = outcome
		const found: Record<string, string> = {}
		for (const { id, files } of pools) {
			const differences = compareTrees(before.get(id) ?? new Map(), look(id))
			const isNew = Object.entries(files).every(([path, content]) => hasContent(path, content))
			if (!isNew) expect(differences, `${id} is neither new nor as before`).toEqual([])
			found[id] = isNew ? "new" : "as before"
			// Of the first version's pool nothing is remembered before this run's is closed.
			if (isNew) expect(said[id]).toBe("applied")
		}
		expect(found.two).toBe("as before")
		checkEvents(told)
		return found
	}

	/** Whatever was told is on the disk, under its own number. */
	function checkEvents(told: string[]): void {
		const run = told[0] === undefined ? undefined : JSON.parse(told[0]).run
		const text = readFileSync(join(machine.state, "runs", run, "events.jsonl"), "utf8")
		const recorded = text.split("\n").filter(Boolean)
		expect(recorded.map((line) => JSON.parse(line).seq)).toEqual(recorded.map((_, index) => index + 1))
		expect(JSON.parse(recorded.at(-1) ?? "")).toMatchObject({ type: "run-finished" })
		for (const line of told) expect(recorded).toContain(line)
	}
})

function hasContent(path: string, content: string | Buffer): boolean {
	return existsSync(path) && readFileSync(path).equals(Buffer.from(content))
}

function readOutcomes(lines: string[]): Record<string, string> {
	const finished = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "pool-finished")
	return Object.fromEntries(finished.map(({ pool, outcome }) => [pool, outcome]))
}
