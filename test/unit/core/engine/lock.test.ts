import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Host } from "../../../../core/engine/host.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { readHolder, takeLock } from "../../../../core/engine/lock/lock.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	mkdirSync(join(bench.options.stateFolder, "lock"), { recursive: true })
})
afterEach(() => bench.remove())

const take = (run: string, host = bench.host) =>
	takeLock(host, makeLayout(bench.options.stateFolder), { run, by: "me" })
const names = () => readdirSync(join(bench.options.stateFolder, "lock"))

test("one at a time; the second is told who and since when", async () => {
	const first = await take("one")
	expect(first.state).toBe("taken")
	expect(await take("two")).toMatchObject({
		state: "busy",
		run: "one",
		by: "me",
		since: expect.stringMatching(/^\d{4}-/),
	})
	if (first.state === "taken") await first.release()
	expect((await take("two")).state).toBe("taken")
	expect(names()).toEqual(["2"])
})

/** What is known of a holder, and whether its lock can be taken over. */
const holders: [string, Partial<Host["self"]>, "taken" | "busy"][] = [
	["alive", {}, "busy"],
	["dead", { pid: 2 ** 22 + 1 }, "taken"],
	["of a pid that another process has by now", { startTime: "1" }, "taken"],
	["from before a reboot", { bootId: "another" }, "taken"],
	["where the system tells neither start nor boot", { startTime: undefined, bootId: undefined }, "busy"],
]

test.each(holders)("a holder %s", async (_, self, expected) => {
	await take("holder", { ...bench.host, self: { ...bench.host.self, ...self } })
	expect((await take("next")).state).toBe(expected)
})

test("a lock that goes while it is looked at is looked for again", async () => {
	const first = await take("one")
	if (first.state === "taken") await first.release()
	let isGone = false
	const disk: Host["disk"] = {
		...bench.host.disk,
		async open(path, ...rest) {
			// Between the look at the file and its opening, a higher number has come and this one gone.
			if (path.endsWith("/lock/1") && !isGone) {
				isGone = true
				await bench.host.disk.rename(path, path.replace(/1$/, "2"))
			}
			return bench.host.disk.open(path, ...rest)
		},
	}
	expect(await take("next", { ...bench.host, disk })).toMatchObject({ state: "taken", number: 3 })
	expect(isGone).toBe(true)
})

test("half a lock, as a power cut leaves it, is free", async () => {
	await take("one")
	writeFileSync(join(bench.options.stateFolder, "lock/1"), '{"run":"on')
	expect((await take("two")).state).toBe("taken")
})

test("of many that try at the same moment one gets it", async () => {
	const all = await Promise.all(Array.from({ length: 20 }, (_, index) => take(`run-${index}`)))
	expect(all.filter(({ state }) => state === "taken")).toHaveLength(1)
	expect(names()).toHaveLength(1)
})

test("one that was slow between looking and taking gives way to a higher number", async () => {
	const layout = makeLayout(bench.options.stateFolder)
	const slow: Host = {
		...bench.host,
		disk: {
			...bench.host.disk,
			link: async (from, to) => {
				if (to.endsWith("/1")) {
					// Meanwhile two others came, and one is there still.
					const first = await take("first")
					if (first.state === "taken") await first.release()
					await take("second")
				}
				await bench.host.disk.link(from, to)
			},
		},
	}
	expect(await takeLock(slow, layout, { run: "slow" })).toMatchObject({ state: "busy", run: "second" })
	expect(names()).toEqual(["2"])
	expect(await readHolder(bench.host, layout)).toMatchObject({ run: "second" })
	expect(readFileSync(join(layout.lock, "2"), "utf8")).toContain('"second"')
})
