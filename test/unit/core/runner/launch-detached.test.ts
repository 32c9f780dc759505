import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, onTestFinished, test } from "vitest"
import { createJournal } from "../../../../core/engine/journal/journal.ts"
import type { JournalRecord } from "../../../../core/engine/journal/records.ts"
import { type HandOver, makeHandOver } from "../../../../core/runner/jobs/hand-over.ts"
import type { Job, Place } from "../../../../core/runner/jobs/job.ts"
import { createDetachedLaunch } from "../../../../core/runner/jobs/launch-detached.ts"
import { makeFolder, makePlace } from "./place.ts"

const job: Job = { kind: "revert", run: "r1", request: { pool: "p", original: false, force: false } }

/** A worker of a few lines of shell; it finds the files of the hand-over in `$2`. */
async function launchWith(script: string) {
	const place = await makePlace()
	const folder = join(place.options.stateFolder, "requests")
	const path = join(await makeFolder(), "worker")
	await writeFile(path, `cd ${folder}\n${script}`)
	const launch = createDetachedLaunch({ program: ["/bin/sh", path], common: ["--state", "x"], systemd: false })
	return { folder, started: launch(place, job) }
}

const say = (word: unknown) => `echo '${JSON.stringify(word)}' > word && mv word r1.started.json`

test.each([
	["started", { state: "started", run: "r1" }],
	["busy", { state: "busy", run: "r0", since: "2026-01-01T00:00:00.000Z", by: "anna" }],
	["refused", { state: "refused", failure: { code: "module-disabled", data: { module: "m" } } }],
])("what the worker says is the answer: %s", async (_, result) => {
	const { folder, started } = await launchWith(`sleep 0.05; ${say({ result })}`)
	expect(await started).toEqual(result)
	expect(await readdir(folder)).toEqual([])
})

test("a failure that the worker says is thrown", async () => {
	const { started } = await launchWith(say({ failure: { code: "state-damaged", data: { path: "/x" } } }))
	await expect(started).rejects.toMatchObject({ failure: { code: "state-damaged", data: { path: "/x" } } })
})

test("a worker that dies without a word is told with its last output", async () => {
	const { folder, started } = await launchWith("echo the reason >&2; exit 7")
	await expect(started).rejects.toMatchObject({
		failure: { code: "runner-failed", data: { exit: 7, output: "the reason\n" } },
	})
	expect(await readdir(folder)).toEqual([])
})

test("a worker that dies when its run has begun leaves a doubt: it is not told as one that never began", async () => {
	const { started } = await launchWith("mkdir -p ../runs/r1 && touch ../runs/r1/events.jsonl; exit 7")
	await expect(started).rejects.toMatchObject({ failure: { code: "timed-out" } })
})

describe("what became of a job whose answer was lost", () => {
	async function settleWith(arrange: (handOver: HandOver, place: Place) => Promise<void>) {
		const place = await makePlace()
		const launch = createDetachedLaunch({ program: ["/bin/false"], common: [], systemd: false })
		const handOver = makeHandOver(place, "r1")
		await arrange(handOver, place)
		return { place, handOver, settled: launch.settle(place, "r1") }
	}
	const begin = async ({ options }: Place) => {
		await mkdir(join(options.stateFolder, "runs/r1"), { recursive: true, mode: 0o700 })
		await writeFile(join(options.stateFolder, "runs/r1/events.jsonl"), "")
	}

	test.each([
		["a record", "runs/r1/events.jsonl", ""],
		[
			"an end that was noted",
			"checkpoint.json",
			JSON.stringify({ format: 1, state: { format: 1, modules: {}, files: {} }, runs: ["r0", "r1"] }),
		],
	])("a run that has %s has begun", async (_, path, text) => {
		const { settled } = await settleWith(async (__, { options }) => {
			await mkdir(join(options.stateFolder, "runs/r1"), { recursive: true, mode: 0o700 })
			await writeFile(join(options.stateFolder, path), text)
		})
		expect(await settled).toEqual({ state: "started", run: "r1" })
	})

	test("a run that has a journal has begun", async () => {
		const { settled } = await settleWith(async (_, { host, options }) => {
			await mkdir(join(options.stateFolder, "runs/r1"), { recursive: true, mode: 0o700 })
			const module = { name: "m", version: "1.0.0", digest: "0".repeat(64) }
			const open: JournalRecord = {
				type: "run-open",
				run: "r1",
				kind: "apply",
				module,
				pools: ["p"],
				at: "2026-01-01T00:00:00Z",
			}
			const journal = await createJournal(host, join(options.stateFolder, "runs/r1/journal.jsonl"), open)
			await journal.close()
		})
		expect(await settled).toEqual({ state: "started", run: "r1" })
	})

	test("a journal without a beginning is of a run that never began", async () => {
		const { settled } = await settleWith(async (_, { options }) => {
			await mkdir(join(options.stateFolder, "runs/r1"), { recursive: true, mode: 0o700 })
			await writeFile(join(options.stateFolder, "runs/r1/journal.jsonl"), "")
		})
		await expect(settled).rejects.toMatchObject({ failure: { code: "unknown-run" } })
	})

	test("a job that its worker dropped never began", async () => {
		const { settled } = await settleWith(async (handOver) => {
			await handOver.writeJob(job)
			await handOver.takeJob()
			await handOver.sayWord({ failure: { code: "unknown-run", data: { run: "r1" } } })
		})
		await expect(settled).rejects.toMatchObject({ failure: { code: "unknown-run" } })
	})

	test("a worker that has the job is waited for until it says that its run has begun", async () => {
		const { settled, handOver, place } = await settleWith(async (handOver) => {
			await handOver.writeJob(job)
			await handOver.takeJob()
		})
		expect(await Promise.race([settled, sleep(100, "waits")])).toBe("waits")
		await begin(place)
		// There, but nobody could follow it yet.
		expect(await Promise.race([settled, sleep(100, "waits")])).toBe("waits")
		await handOver.leave()
		expect(await settled).toEqual({ state: "started", run: "r1" })
	})

	test("another worker that comes late and leaves is not the one that has the job", async () => {
		const { settled, handOver, place } = await settleWith(async (handOver) => {
			await handOver.writeJob(job)
			await handOver.takeJob()
		})
		const late = makeHandOver({ ...place, host: { ...place.host, self: { ...place.host.self, pid: 1 } } }, "r1")
		expect(await late.takeJob()).toBeUndefined()
		await late.leave()
		expect(await Promise.race([settled, sleep(100, "waits")])).toBe("waits")
		await handOver.leave()
		await expect(settled).rejects.toMatchObject({ failure: { code: "unknown-run" } })
	})

	test.each([
		[{ result: { state: "busy", run: "r0", since: "s" } } as const, { state: "busy", run: "r0", since: "s" }],
		[
			{ failure: { code: "state-damaged", data: {} } } as const,
			{ state: "refused", failure: { code: "state-damaged", data: {} } },
		],
	])("the word of a worker that nobody heard: %j", async (word, answer) => {
		const { settled } = await settleWith(async (handOver) => {
			await handOver.writeJob(job)
			await handOver.takeJob()
			await handOver.sayWord(word)
		})
		expect(await settled).toEqual(answer)
	})

	test.each([
		["that is dead", 2 ** 22 - 1, undefined],
		["of before a reboot", process.pid, "0-0"],
	])("a worker %s begins nothing any more", async (_, pid, boot) => {
		const { settled } = await settleWith(async (handOver, { host, options }) => {
			await handOver.writeJob(job)
			await handOver.takeJob()
			await handOver.leave()
			const name = `r1.taken.${pid}..${boot ?? host.self.bootId ?? ""}`
			await writeFile(join(options.stateFolder, "requests", name), JSON.stringify(job))
		})
		await expect(settled).rejects.toMatchObject({ failure: { code: "unknown-run" } })
	})

	test("a job that nobody has taken is taken back; who takes one that comes later learns that it may not begin", async () => {
		const { settled, handOver } = await settleWith((handOver) => handOver.writeJob(job))
		expect(await handOver.isWithdrawn()).toBe(false)
		await expect(settled).rejects.toMatchObject({ failure: { code: "unknown-run" } })
		expect(await handOver.takeJob()).toBeUndefined()
		await handOver.writeJob(job)
		expect(await handOver.takeJob()).toEqual(job)
		expect(await handOver.isWithdrawn()).toBe(true)
	})

	test("what was withdrawn stays so when the clock is set, until the next boot", async () => {
		const { settled, handOver, place } = await settleWith(async () => {})
		await expect(settled).rejects.toMatchObject({ failure: { code: "unknown-run" } })
		const folder = join(place.options.stateFolder, "requests")
		const long = new Date(0)
		for (const name of await readdir(folder)) await utimes(join(folder, name), long, long)
		await writeFile(join(folder, "r0.withdrawn.0-0"), "")
		await utimes(join(folder, "r0.withdrawn.0-0"), long, long)
		await handOver.writeJob(job)
		expect(await handOver.isWithdrawn()).toBe(true)
		expect((await readdir(folder)).some((name) => name.startsWith("r0."))).toBe(false)
	})

	test("a worker that waits for the job does so no longer", async () => {
		const { settled, handOver } = await settleWith((handOver) => handOver.expectJob())
		const waiting = handOver.awaitJob(new AbortController().signal)
		await expect(settled).rejects.toMatchObject({ failure: { code: "unknown-run" } })
		expect(await waiting).toBeUndefined()
	})
})

test("a program that cannot be started is told", async () => {
	const launch = createDetachedLaunch({ program: ["/nonexistent/node"], common: [], systemd: false })
	await expect(launch(await makePlace(), job)).rejects.toMatchObject({ failure: { code: "runner-failed" } })
})

test("the worker gets the command, the job, and a session of its own", async () => {
	const { folder, started } = await launchWith(
		`echo "$@" > args; cp r1.json job; stat -c %a r1.json > mode; cut -d' ' -f6 /proc/$$/stat > session; echo $$ > pid
		${say({ result: { state: "started", run: "r1" } })}`,
	)
	await started
	const read = (name: string) => readFile(join(folder, name), "utf8")
	expect(await read("args")).toBe("worker --run r1 --state x\n")
	expect(JSON.parse(await read("job"))).toEqual(job)
	expect(await read("mode")).toBe("600\n")
	expect(await read("session")).toBe(await read("pid"))
})

test("a job is given out once, however many ask at the same moment", async () => {
	const handOver = makeHandOver(await makePlace(), "r1")
	await handOver.writeJob(job)
	const taken = await Promise.all(Array.from({ length: 20 }, () => handOver.takeJob()))
	expect(taken.filter((one) => one !== undefined)).toEqual([job])
	expect(await handOver.takeJob()).toBeUndefined()
})

describe("a worker that was started before its job is known", () => {
	/** Waits for the job as long as it is awaited; `$WAIT` says what it does first. */
	const waiting = `case "$*" in *--ahead*) echo ahead >>how;; *) echo later >>how;; esac
		while [ -e r1.awaited ] && [ ! -e r1.json ] && [ ! -e gives-up ]; do sleep 0.01; done
		mv r1.json r1.taken 2>/dev/null || { echo none >>how; exit 0; }
		${say({ result: { state: "started", run: "r1" } })}`
	const how = async (folder: string) => (await readFile(join(folder, "how"), "utf8")).trim().split("\n")

	async function prepareWith(script: string) {
		const place = await makePlace()
		const folder = join(place.options.stateFolder, "requests")
		const path = join(await makeFolder(), "worker")
		await writeFile(path, `cd ${folder}\n${script}`)
		const launch = createDetachedLaunch({ program: ["/bin/sh", path], common: [], systemd: false })
		await launch.prepare(place, "r1")
		return { place, folder, launch }
	}

	test("gets it, and no other one is started", async () => {
		const { place, folder, launch } = await prepareWith(waiting)
		expect(await launch(place, job)).toEqual({ state: "started", run: "r1" })
		expect(await how(folder)).toEqual(["ahead"])
		expect((await readdir(folder)).sort()).toEqual(["how", "r1.taken"])
	})

	test("gets it even when it is asked for at the same moment", async () => {
		const { place, folder, launch } = await prepareWith(`sleep 0.2; ${waiting}`)
		expect(await launch(place, job)).toEqual({ state: "started", run: "r1" })
		expect(await how(folder)).toEqual(["ahead"])
	})

	test("has given up: another one does it", async () => {
		const { place, folder, launch } = await prepareWith(waiting)
		await writeFile(join(folder, "gives-up"), "")
		await poll(async () => (await how(folder)).includes("none"))
		expect(await launch(place, job)).toEqual({ state: "started", run: "r1" })
		expect(await how(folder)).toEqual(["ahead", "none", "later"])
	})

	test("is dismissed: it ends, and nothing is left", async () => {
		const { folder, launch } = await prepareWith(waiting)
		await poll(async () => (await readdir(folder)).includes("how"))
		await launch.dismiss()
		await poll(async () => (await how(folder)).includes("none"))
		expect(await readdir(folder)).toEqual(["how"])
	})

	test("waits for the job, and not longer than it is awaited", async () => {
		const handOver = makeHandOver(await makePlace(), "r1")
		const never = new AbortController().signal
		expect(await handOver.awaitJob(never)).toBeUndefined()
		await handOver.expectJob()
		expect(await handOver.awaitJob(never, 50)).toBeUndefined()
		expect(await handOver.awaitJob(AbortSignal.abort())).toBeUndefined()
		const taken = handOver.awaitJob(never)
		await handOver.writeJob(job)
		expect(await taken).toEqual(job)
		expect(await handOver.isTaken()).toBe(true)
		const dismissed = handOver.awaitJob(never)
		await handOver.remove()
		expect(await dismissed).toBeUndefined()
	})

	async function poll(isSo: () => Promise<boolean>) {
		await expect.poll(() => isSo().catch(() => false), { timeout: 5000, interval: 10 }).toBe(true)
	}
})

describe("where systemd", () => {
	/** Programs of the test's own in the place of systemd's; each notes how it was called. */
	async function launchBy(programs: { "systemd-run"?: string; systemctl?: string }, worker: string) {
		const place = await makePlace()
		const folder = join(place.options.stateFolder, "requests")
		const base = await makeFolder()
		const path = join(base, "worker")
		await writeFile(path, `cd ${folder}\n${worker}`)
		for (const [name, script] of Object.entries(programs)) {
			await writeFile(join(base, name), `#!/bin/sh\necho "$*" >>${base}/${name}.calls\n${script}\n`, { mode: 0o755 })
		}
		const before = process.env.PATH
		process.env.PATH = `${base}:/usr/bin:/bin`
		if (!programs["systemd-run"]) process.env.PATH = base
		onTestFinished(() => {
			process.env.PATH = before
		})
		const launch = createDetachedLaunch({ program: ["/bin/sh", path], common: [], systemd: true, askLimitMs: 500 })
		const calls = async (name: string) => (await readFile(join(base, `${name}.calls`), "utf8")).trim().split("\n")
		return { folder, base, calls, started: launch(place, job) }
	}
	/** Takes the job as a worker does, and notes which one it is; does nothing where another one has it. */
	const worker = `PATH=/usr/bin:/bin; mv r1.json r1.taken 2>/dev/null || exit 2; echo \${WHO:-child} >who; $BEFORE
		${say({ result: { state: "started", run: "r1" } })}`
	/** What stands behind `--` is what is to be started. */
	const startUnit = 'while [ "$1" != -- ]; do shift; done; shift; export WHO=unit'
	const who = (folder: string) => readFile(join(folder, "who"), "utf8")

	test("is not there at all, a child does it", async () => {
		const { started, folder } = await launchBy({}, worker)
		expect([await started, await who(folder)]).toEqual([{ state: "started", run: "r1" }, "child\n"])
	})

	test("refuses, a child does it", async () => {
		const { started, folder } = await launchBy({ "systemd-run": "exit 1", systemctl: "exit 3" }, worker)
		expect([await started, await who(folder)]).toEqual([{ state: "started", run: "r1" }, "child\n"])
	})

	test("does not answer, a child does it, in its time", async () => {
		const { started, folder } = await launchBy({ "systemd-run": "sleep 30", systemctl: "sleep 30" }, worker)
		expect([await started, await who(folder)]).toEqual([{ state: "started", run: "r1" }, "child\n"])
	})

	test("is older than a property of the unit, the unit does without it", async () => {
		const systemdRun = `case "$*" in *OOMPolicy*|*Type=exec*) exit 1;; esac; ${startUnit}; "$@" & exit 0`
		const systemctl = '[ "$1" = --version ] && echo "systemd 239 (239-82.el8)"; exit 0'
		const { started, folder, calls } = await launchBy({ "systemd-run": systemdRun, systemctl }, worker)
		expect([await started, await who(folder)]).toEqual([{ state: "started", run: "r1" }, "unit\n"])
		const [, second] = await calls("systemd-run")
		expect(second).toContain("--property=KillMode=process")
	})

	test("cannot say for a while how the unit is: it is waited for all the same", async () => {
		const systemdRun = `${startUnit} BEFORE='sleep 2.5'; "$@" & exit 0`
		const systemctl = "echo Connection reset by peer >&2; exit 1"
		const { started, folder, calls } = await launchBy({ "systemd-run": systemdRun, systemctl }, worker)
		expect([await started, await who(folder)]).toEqual([{ state: "started", run: "r1" }, "unit\n"])
		expect(await calls("systemctl")).toContain("is-active --quiet hotfix-run-r1.service")
	})

	test("says that it failed and starts the unit all the same: one of the two does it, and that is told", async () => {
		const systemdRun = `${startUnit} BEFORE='sleep 1.5'; "$@" & exit 1`
		const late = `[ "$WHO" = unit ] || PATH=/usr/bin:/bin sleep 0.3; ${worker}`
		const { started, folder, calls } = await launchBy({ "systemd-run": systemdRun, systemctl: "exit 0" }, late)
		expect([await started, await who(folder)]).toEqual([{ state: "started", run: "r1" }, "unit\n"])
		expect(await calls("systemctl")).toContain("is-active --quiet hotfix-run-r1.service")
	})
})

test("what is no run id never becomes a path", async () => {
	const place = await makePlace()
	expect(() => makeHandOver(place, "../../etc/passwd")).toThrow("unknown-run")
	await expect(stat(place.options.stateFolder)).rejects.toThrow("ENOENT")
})
