import { expect, test } from "vitest"
import type { Host } from "../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { makeAfterBootHost, makeAwaitDisks } from "../../../../core/runner/after-boot.ts"
import { makeUntilShutdownHost } from "../../../../core/runner/until-shutdown.ts"

/** What systemd answers, one after the other and then the last one for ever, and how often is asked. */
const boots: [string, string[], number][] = [
	["is over", ["running"], 1],
	["is over, with a unit that failed", ["degraded"], 1],
	["is under way", ["initializing", "starting", "starting", "running"], 4],
	["never ends", ["starting"], 600],
	["was told to stop again", ["stopping", "running"], 2],
	["cannot be asked about", [""], 1],
]

test.each(boots)("a closure when the boot %s", async (_, answers, asked) => {
	const left = [...answers]
	const told: string[] = []
	let time = 0
	const host: Host = {
		...createNodeHost(),
		run: async (program, args) => {
			told.push([program, ...args].join(" "))
			return { exit: 1, stdout: `${left.length > 1 ? left.shift() : left[0]}\n`, stderr: "" }
		},
		shell: {
			open: async ({ mark }) => {
				throw new Error(`opened ${mark} after ${told.length}`)
			},
			endMarked: async () => 7,
		},
	}
	host.clock = {
		...host.clock,
		monotonic: () => time,
		sleep: async (ms) => {
			time += ms
		},
	}
	const { shell } = makeAfterBootHost(host)
	await expect(shell.open({ mark: "m", onOutput: () => {} })).rejects.toThrow(`opened m after ${asked}`)
	expect(new Set(told)).toEqual(new Set(["systemctl is-system-running"]))
	expect(await shell.endMarked("m")).toBe(7)
})

/** How often the disks are looked for, and what systemd answers then: they are there at the third time. */
const mounts: [string, string, number][] = [
	["under way", "starting", 3],
	["over", "running", 1],
]

test.each(mounts)("disks while the boot is %s", async (_, answer, looked) => {
	const host = createNodeHost()
	host.run = async () => ({ exit: 0, stdout: `${answer}\n`, stderr: "" })
	host.clock = { ...host.clock, monotonic: () => 0, sleep: async () => {} }
	let count = 0
	await makeAwaitDisks(host)(async () => ++count === 3)
	expect(count).toBe(looked)
})

/** Whether the run was asked to stop, what systemd answers, and whether this program ends before the closure. */
const shutdowns: [boolean, string, boolean][] = [
	[true, "stopping", true],
	[true, "running", false],
	[true, "", false],
	[false, "stopping", false],
]

test.each(shutdowns)("asked to stop: %s, system: %s", async (isAsked, state, ends) => {
	const told: string[] = []
	const real = createNodeHost()
	const host: Host = {
		...real,
		run: async () => ({ exit: 0, stdout: `${state}\n`, stderr: "" }),
		shell: { ...real.shell, open: async () => Promise.reject(new Error("opened")) },
	}
	const asked = new AbortController()
	if (isAsked) asked.abort()
	const { shell } = makeUntilShutdownHost(host, asked.signal, () => told.push("ended"))
	await expect(shell.open({ mark: "m", onOutput: () => {} })).rejects.toThrow("opened")
	expect(told).toEqual(ends ? ["ended"] : [])
})
