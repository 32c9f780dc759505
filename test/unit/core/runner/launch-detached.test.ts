import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { makeHandOver } from "../../../../core/runner/jobs/hand-over.ts"
import type { Job } from "../../../../core/runner/jobs/job.ts"
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

test("a job is given out once", async () => {
	const handOver = makeHandOver(await makePlace(), "r1")
	await handOver.writeJob(job)
	expect(await handOver.takeJob()).toEqual(job)
	await expect(handOver.takeJob()).rejects.toMatchObject({ failure: { code: "unknown-run" } })
})

test("what is no run id never becomes a path", async () => {
	const place = await makePlace()
	expect(() => makeHandOver(place, "../../etc/passwd")).toThrow("unknown-run")
	await expect(stat(place.options.stateFolder)).rejects.toThrow("ENOENT")
})
