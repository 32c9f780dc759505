import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterEach, beforeEach, expect, test } from "vitest"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { readHolder, takeLock } from "../../../../core/engine/lock/lock.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
let children: ChildProcess[]
beforeEach(() => {
	bench = createWorkbench()
	children = []
	mkdirSync(join(bench.options.stateFolder, "lock"), { recursive: true })
})
afterEach(() => {
	for (const child of children) child.kill("SIGKILL")
	bench.remove()
})

const layout = () => makeLayout(bench.options.stateFolder)
const names = () => readdirSync(layout().lock)

/** A process that tries to take the lock each time it is told to, and says what came of it. */
function startRacer(run: string) {
	const engine = new URL("../../../../core/engine/", import.meta.url).href
	const script = `
		import { createInterface } from "node:readline"
		import { makeLayout } from "${engine}layout.ts"
		import { takeLock } from "${engine}lock/lock.ts"
		import { createNodeHost } from "${engine}node-host/node-host.ts"
		const host = createNodeHost()
		const layout = makeLayout(${JSON.stringify(bench.options.stateFolder)})
		console.log("ready")
		for await (const _ of createInterface(process.stdin)) {
			const taken = await takeLock(host, layout, { run: ${JSON.stringify(run)} })
			console.log(taken.state === "taken" ? "taken" : "busy " + taken.run)
		}
	`
	const file = join(bench.folder, `${run}.mts`)
	writeFileSync(file, script)
	const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] })
	children.push(child)
	const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
	const next = async () => String((await lines.next()).value)
	return {
		run,
		ready: next,
		race: () => {
			child.stdin.write("go\n")
			return next()
		},
		die: async () => {
			const gone = once(child, "exit")
			child.kill("SIGKILL")
			await gone
		},
	}
}

test("of several processes that find the holder dead exactly one takes over, round after round", async () => {
	let racers = Array.from({ length: 6 }, (_, index) => startRacer(`run-${index}`))
	await Promise.all(racers.map(({ ready }) => ready()))
	for (let round = 0; racers.length > 1; round++) {
		const said = await Promise.all(racers.map(({ race }) => race()))
		const winner = racers[said.indexOf("taken")]
		expect(
			said.filter((word) => word === "taken"),
			`round ${round}`,
		).toHaveLength(1)
		expect(said.filter((word) => word !== "taken")).toEqual(Array(racers.length - 1).fill(`busy ${winner?.run}`))
		expect(names()).toHaveLength(1)
		// The next round finds a lock whose holder is dead.
		await winner?.die()
		expect(await readHolder(bench.host, layout())).toBeUndefined()
		racers = racers.filter((racer) => racer !== winner)
	}
})

test("within one process too, also under one name", async () => {
	const all = await Promise.all(
		Array.from({ length: 20 }, () => takeLock(bench.host, layout(), { run: "recover", by: "me" })),
	)
	expect(all.filter(({ state }) => state === "taken")).toHaveLength(1)
	expect(names()).toHaveLength(1)
})

test("what a process left that was killed while it took the lock goes away", async () => {
	writeFileSync(join(layout().lock, "aside-4194303-killed"), "half")
	expect((await takeLock(bench.host, layout(), { run: "next" })).state).toBe("taken")
	expect(names()).toEqual(["1"])
})

test.skipIf(process.platform !== "linux")("a holder that is dead, but that nobody has waited for", async () => {
	// The shell's child ends only when its parent is a program that waits for no child.
	const script = "exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 60 3<&-"
	const parent = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] })
	children.push(parent)
	const [text] = await once(parent.stdout, "data")
	const pid = Number(String(text))
	const wait = async (isSo: () => boolean) => {
		for (let turn = 0; turn < 500 && !isSo(); turn++) await bench.host.clock.sleep(10)
	}
	await wait(() => readFileSync(`/proc/${parent.pid}/comm`, "utf8") === "sleep\n")
	parent.stdin.end()
	const stat = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
	await wait(() => stat()[0] === "Z")
	expect(stat()[0]).toBe("Z")
	const self = { ...bench.host.self, pid, startTime: stat()[19] }
	await takeLock({ ...bench.host, self }, layout(), { run: "zombie" })
	expect((await takeLock(bench.host, layout(), { run: "next" })).state).toBe("taken")
})

/** What no holder ever wrote; a signal to such a pid would reach a whole group. */
test.each(["0", "-1", "1.5", "null", '"1"'])("a lock of pid %s is nobody's", async (pid) => {
	writeFileSync(join(layout().lock, "1"), `{"run":"odd","since":"2026-01-01T00:00:00.000Z","pid":${pid}}`)
	expect(await readHolder(bench.host, layout())).toBeUndefined()
	expect((await takeLock(bench.host, layout(), { run: "next" })).state).toBe("taken")
})
