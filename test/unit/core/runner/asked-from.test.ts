import { createHash } from "node:crypto"
import { chmod, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { askedFrom, parseConnection } from "../../../../core/runner/asked-from.ts"
import { type Job, jobSchema } from "../../../../core/runner/jobs/job.ts"
import { createInProcessLaunch, type Launch } from "../../../../core/runner/jobs/launch.ts"
import { createLocalRunner } from "../../../../core/runner/local-runner.ts"
import { digestInput } from "../../../../core/schema/manifest.ts"
import { makeFolder, makePlace } from "./place.ts"

/** A `/proc` with programs from the one that asks up to the first; each with its environment, or one nobody may read. */
async function makeProc(...programs: (Record<string, string> | "unreadable")[]): Promise<string> {
	const proc = await makeFolder()
	for (const [index, variables] of programs.entries()) {
		const pid = 100 - index
		const folder = join(proc, String(pid))
		await mkdir(folder)
		const parent = index === programs.length - 1 ? 0 : pid - 1
		await writeFile(join(folder, "stat"), `${pid} (a ) b) S ${parent} 1 1`)
		if (variables === "unreadable") continue
		await writeFile(
			join(folder, "environ"),
			Object.entries(variables)
				.map(([name, value]) => `${name}=${value}\0`)
				.join(""),
		)
	}
	return proc
}

const ssh = (client: string) => ({ HOME: "/root", SSH_CONNECTION: `${client} 50022 10.0.0.1 22` })

test.each<[string, Parameters<typeof makeProc>, string | undefined]>([
	["its own environment", [ssh("10.1.2.3"), {}], "10.1.2.3"],
	["sudo's, which keeps it from what it starts", [{}, ssh("10.1.2.3"), ssh("10.1.2.3"), {}], "10.1.2.3"],
	["the one nearest to sshd", [ssh("6.6.6.6"), {}, ssh("10.1.2.3"), {}], "10.1.2.3"],
	["behind one that cannot be read", [{}, "unreadable", ssh("fe80::1%eth0"), {}], "fe80::1"],
	["no connection", [{}, {}], undefined],
	["nonsense", [ssh("\u001b[31mhere"), ssh("10.1.2.3")], "10.1.2.3"],
])("%s", async (_, programs, from) => {
	expect(askedFrom(await makeProc(...programs), 100)).toBe(from)
})

test("a circle of parents ends", async () => {
	const proc = await makeProc(ssh("10.1.2.3"), {})
	await writeFile(join(proc, "99/stat"), "99 (x) S 100 1 1")
	expect(askedFrom(proc, 100)).toBe("10.1.2.3")
})

test("where there is no /proc nothing is known", () => {
	expect(askedFrom("/no/such/folder", 1)).toBeUndefined()
})

test.each([
	["10.1.2.3 1 10.0.0.1 22", "10.1.2.3"],
	["2001:db8::7 1 2001:db8::1 22", "2001:db8::7"],
	["::ffff:10.1.2.3 1 10.0.0.1 22", "::ffff:10.1.2.3"],
	["10.1.2.300 1 10.0.0.1 22", undefined],
	["host.example 1 10.0.0.1 22", undefined],
	["$(reboot)", undefined],
	["10.1.2.3\n[2026-01-01 00:00:00] [INFO] forged", undefined],
	["", undefined],
	[undefined, undefined],
	[`${" ".repeat(10_000)}10.1.2.3`, undefined],
])("%j is told as %j", (text, from) => {
	expect(parseConnection(text)).toBe(from)
})

test("the address goes with the job to the run's history", async () => {
	const { host, options } = await makePlace()
	const index = JSON.stringify({
		metadata: { schema_version: "1.0.0" },
		pools: [
			{ id: "p", operations: [{ target: "a", destination: "/nowhere/a" }], checks: ["false"], closure: ["true"] },
		],
	})
	const content = { target: "a", digest: createHash("sha256").update("x").digest("hex"), size: 1, mode: 0o644 }
	const digest = createHash("sha256")
		.update(digestInput(index, [content]))
		.digest("hex")
	const jobs: Job[] = []
	const inProcess = createInProcessLaunch()
	const noteAndLaunch = (...[place, job]: Parameters<Launch>) => {
		jobs.push(jobSchema.parse(JSON.parse(JSON.stringify(job))))
		return inProcess(place, job)
	}
	const launch: Launch = Object.assign(noteAndLaunch, { settle: inProcess.settle })
	const runner = createLocalRunner({ host, options, launch, from: "10.1.2.3" })
	await mkdir(join(options.stateFolder, "sources"), { recursive: true, mode: 0o700 })
	await chmod(options.stateFolder, 0o700)
	await writeFile(join(options.stateFolder, "sources", content.digest), "x")
	const manifest = { name: "m", index, sources: [content], digest }
	const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const
	expect(await runner.start({ manifest, ...request, by: "anna" })).toMatchObject({ state: "started" })
	await expect.poll(() => runner.history({})).toMatchObject([{ state: "finished", by: "anna", from: "10.1.2.3" }])
	expect(jobs).toMatchObject([{ from: "10.1.2.3" }])
})
