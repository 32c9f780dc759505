import { copyFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import type { Rollout } from "../../../core/schema/rollout.ts"
import { collectOutput, poll } from "../../support/appliances/command.ts"
import type { PlainSshd } from "../../support/appliances/plain-sshd.ts"
import { hotfix, parseLines, startHotfix } from "../../support/hotfix.ts"
import { obstacle, THEIRS, useFleet, wavesOf } from "./sshd-fleet.ts"

const FLEET = 20
if (obstacle) console.warn(`SKIPPED rollouts to a fleet: ${obstacle}`)

describe.skipIf(obstacle !== undefined)(`rollouts to a fleet${obstacle ? `: ${obstacle}` : ""}`, () => {
	const { fleet, place, remove, contents, on, module, rollout, atTerminal, status, ours, pool, reached, data, start } =
		useFleet(FLEET)
	/** To its end. */
	const run = async (fleet: PlainSshd[], ...args: string[]) =>
		rollout("start", await module(), ...on(fleet), "--json", ...args)

	// OpenSSH as it comes: `MaxStartups 10:30:100`.
	afterAll(async () => {
		for (const one of fleet) expect(await one.readLog()).not.toMatch(/MaxStartups|past MaxSessions/)
	})

	test("twenty appliances in waves, each exactly once", async () => {
		const result = await run(fleet, "--wave", "1", "20%", "--at-once", "6")
		expect([result.status, result.stderr]).toEqual([0, ""])
		expect(contents(fleet)).toEqual(fleet.map(ours))
		const waves = wavesOf(result.stdout)
		expect(waves).toEqual([...waves].sort((a, b) => a - b))
		expect(waves).toHaveLength(FLEET)
		const end = await status()
		expect(end.status).toEqual({ state: "finished" })
		expect(new Set(end.targets.map(({ standing }) => "run" in standing && standing.run)).size).toBe(FLEET)
	}, 600_000)

	test("a failed canary stops it; it goes on when told to, retries only what failed, and undoes only what was applied", async () => {
		const few = fleet.slice(0, 6)
		const [canary, second] = few as [PlainSshd, PlainSshd]
		place(canary, "broken")
		const stopped = await run(few, "--wave", "1", "2", "--stop-wave-after", "1")
		expect(stopped.status).toBe(1)
		expect(contents(few)).toEqual(few.map(() => THEIRS))
		const { id, status: paused } = await status()
		expect(paused).toEqual({ state: "paused", why: "failures" })

		const went = await rollout("resume", id, "--json")
		expect(went.status).toBe(1)
		expect(contents(few)).toEqual([THEIRS, ...few.slice(1).map(ours)])

		remove(canary, "broken")
		const before = await status()
		const retried = await rollout("retry", id.slice(0, 8), "--json")
		expect(retried.status).toBe(0)
		expect(contents(few)).toEqual(few.map(ours))
		const runsOf = ({ targets }: Rollout) => targets.map(({ standing }) => "run" in standing && standing.run)
		const again = runsOf(await status()).filter((run, index) => run !== runsOf(before)[index])
		expect(again).toHaveLength(1)

		place(second, "site.conf", "changed by its owner since")
		const undone = await rollout("undo", id, "--json")
		expect(undone.status).toBe(3)
		// It goes through the same waves, and one that cannot be put back is one failure too many.
		expect(contents(few)).toEqual([THEIRS, "changed by its owner since", THEIRS, ...few.slice(3).map(ours)])
		expect((await status()).status).toEqual({ state: "undo-paused", why: "failures" })
		expect((await rollout("resume", id, "--json")).status).toBe(3)
		expect(contents(few)).toEqual([THEIRS, "changed by its owner since", ...few.slice(2).map(() => THEIRS)])
		const end = await status()
		expect(end.targets.map(({ applied }) => applied.map(({ undo }) => undo?.state))).toEqual(
			few.map((_, index) => [index === 1 ? "failed" : "undone"]),
		)
	}, 600_000)

	test("one that cannot be reached has not failed: the others go on, and it is picked up when it is back", async () => {
		const few = fleet.slice(0, 4)
		await few[2]?.stop()
		const left = await run(few, "--wave", "1", "--retry-every", "2", "--unreachable", "never")
		// Without a terminal nobody waits for days.
		expect([left.status, left.stderr]).toEqual([6, expect.stringMatching(/^1 away: tried again by the app/)])
		expect(contents(few).filter((one) => one === ours())).toHaveLength(3)
		const { ended } = start("resume", (await status()).id, "--wait", "--json")
		await few[2]?.startAgain()
		expect(await ended).toBe(0)
		expect(contents(few)).toEqual(few.map(ours))
	}, 600_000)

	test.each([0, 1, 2])(
		"the desktop is killed in wave %i: taken up again, nobody is forgotten or met twice",
		async (wave) => {
			const few = fleet.slice(0, 5)
			for (const one of few) place(one, "slow")
			const args = ["--json", "--wave", "1", "2", "--at-once", "2"]
			const first = start("start", await module(), ...on(few), ...args)
			await poll(`wave ${wave} has begun`, 120, () => (wavesOf(first.output()).includes(wave) ? true : undefined))
			await first.kill()
			const { id } = await status()
			const resumed = await rollout("resume", id, "--json")
			expect([resumed.status, resumed.stderr]).toEqual([0, ""])
			expect(contents(few)).toEqual(few.map(ours))
			const { stdout } = await hotfix(["history", ...on(few), ...reached(), "--pool", pool(), "--json"], data())
			const remembered = parseLines<{ appliance: string }>(stdout).map(({ appliance }) => appliance)
			expect([remembered.length, new Set(remembered).size]).toEqual([few.length, few.length])
		},
		300_000,
	)

	test("the desktop is killed while a wave's time runs, and once more while it puts back: taken up, all is back", async () => {
		const few = fleet.slice(0, 3)
		const first = start("start", await module(), ...on(few), "--json", "--wave", "1", "--gate", "4")
		await poll("its time runs", 120, () => (first.output().includes('"state":"gate"') ? true : undefined))
		await first.kill()
		expect(contents(few)).toEqual([ours(), THEIRS, THEIRS])
		const { id } = await status()
		expect((await rollout("resume", id, "--json")).status).toBe(0)
		expect(contents(few)).toEqual(few.map(ours))

		for (const one of few) place(one, "slow")
		const undo = start("undo", id, "--json", "--yes")
		await poll("the first is back", 120, () => (contents(few)[0] === THEIRS ? true : undefined))
		await undo.kill()
		expect((await status()).status).toEqual({ state: "undoing" })
		const undone = await rollout("resume", id, "--json")
		expect([undone.status, undone.stderr]).toEqual([0, ""])
		expect(contents(few)).toEqual(few.map(() => THEIRS))
		expect((await status()).status).toEqual({ state: "undone" })
	}, 600_000)

	test("one that is degraded stops it at once, whatever the limits; what was applied elsewhere is put back", async () => {
		const few = fleet.slice(0, 4)
		const [, second] = few as [PlainSshd, PlainSshd]
		place(second, "ruined")
		const stopped = await run(few, "--wave", "1", "1", "--stop-after", "never", "--stop-wave-after", "never")
		expect(stopped.status).toBe(3)
		expect(contents(few)).toEqual([ours(), THEIRS, THEIRS, THEIRS])
		const { id, status: paused } = await status()
		expect(paused).toEqual({ state: "paused", why: "degraded" })
		await rollout("halt", id)
		expect((await rollout("undo", id, "--json")).status).toBe(3)
		expect(contents(few)).toEqual(few.map(() => THEIRS))
	}, 600_000)

	test("behind a jump host, as many at once as it may take: it never has to turn one away", async () => {
		const [gate, ...behind] = fleet.slice(0, 13) as [PlainSshd, ...PlainSshd[]]
		const jump = ["--jump", `${gate.user}@${gate.host}:${gate.port}`]
		const result = await run(behind, ...jump, "--wave", "1", "--at-once", "12")
		expect([result.status, result.stderr]).toEqual([0, ""])
		expect(contents(behind)).toEqual(behind.map(ours))
		expect(contents([gate])).toEqual([THEIRS])
		expect((await gate.readLog()).match(/Accepted publickey/g)?.length).toBeGreaterThanOrEqual(behind.length)
	}, 600_000)

	test("the app, killed with a rollout under way, takes it up when it is opened again", async () => {
		const few = fleet.slice(0, 4)
		for (const one of few) place(one, "slow")
		const first = start("start", await module(), ...on(few), "--json", "--wave", "1", "--at-once", "1")
		await poll("it has begun", 120, () => (wavesOf(first.output()).includes(0) ? true : undefined))
		await first.kill()
		await copyFile(reached().at(-1) ?? "", join(data(), "known_hosts"))
		const serve = () => startHotfix(["serve", "--no-open"], data())
		const open = serve()
		await poll("the app has begun the next", 120, async () => (contents(few)[1] === ours() ? true : undefined))
		open.kill("SIGKILL")
		const again = serve()
		await poll("all are done", 120, () => (contents(few).every((one) => one === ours()) ? true : undefined))
		await poll("it has ended", 60, async () => ((await status()).status.state === "finished" ? true : undefined))
		again.kill("SIGTERM")
		const { targets } = await status()
		expect(targets.map(({ standing }) => standing.state)).toEqual(few.map(() => "ended"))
	}, 600_000)

	test("a second program pauses, skips and halts what the first one drives, and a person is asked at a terminal", async () => {
		const few = fleet.slice(0, 5)
		for (const one of few) place(one, "slow")
		const args = [await module(), ...on(few), "--wave", "1", "--at-once", "1", ...reached()]
		const child = startHotfix(["rollout", "start", ...args], data())
		const ended = collectOutput(child)
		await poll("the first one is done", 120, () => (contents(few)[0] === ours() ? true : undefined))
		const { id, targets } = await status()
		const paused = await rollout("pause", id)
		expect(paused.stdout).toContain("paused")
		expect(paused.status).toBe(4)
		// The one that drives it says so, too, and what it had begun it follows to its end.
		const first = await ended
		expect([first.status, first.stderr]).toEqual([4, ""])
		expect(first.stdout).toMatch(/^paused$/m)
		expect(first.stdout).toContain(`\`hotfix rollout resume ${id}\` goes on`)
		const done = contents(few).filter((one) => one === ours()).length

		const last = targets.at(-1)?.name ?? ""
		const skipped = await rollout("skip", id, last)
		expect([skipped.status, skipped.stdout]).toEqual([4, expect.stringContaining("1 skipped")])
		const unknown = await rollout("skip", id, "nobody")
		expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining("nobody")])

		const refused = await atTerminal("no", "halt", id)
		const question = `Halt it, so that nothing starts on ${few.length - done - 1} appliance`
		expect([refused.status, refused.stdout]).toEqual([2, expect.stringContaining(question)])
		expect((await status()).status).toEqual({ state: "paused", why: "person" })

		const halted = await rollout("halt", id)
		expect(halted.status).toBe(4)
		expect(halted.stdout).toContain("halted: nothing starts any more\n")
		expect(halted.stdout).not.toContain("resume")
		expect(halted.stdout).toContain(`\`hotfix rollout retry ${id}\` tries those that failed`)
		const told = await hotfix(["rollout", "status", id.slice(0, 8)], data())
		expect(told.status).toBe(4)
		const stands = `${few.length - done - 1} waiting, 1 skipped, ${done} applied)`
		// The pause is heard before or after the first wave counts as ended.
		expect(told.stdout).toMatch(/ 1\.0\.0 {2}halted: nothing starts any more {2}\(wave [12] of 2: /)
		expect(told.stdout).toContain(stands)

		const undone = await atTerminal("yes", "undo", id)
		expect(undone.stdout).toContain(`Put back what was applied on ${done} appliance`)
		expect(undone.stdout).toContain("everything that was applied was put back")
		expect(contents(few)).toEqual(few.map(() => THEIRS))
	}, 600_000)

	test("a preview says who comes when and touches nothing", async () => {
		const result = await hotfix(
			[
				"rollout",
				"start",
				await module(),
				...on(fleet),
				"--preview",
				"--wave",
				"1",
				"5%",
				"20%",
				"--stop-after",
				"3,5%",
				...reached(),
			],
			data(),
		)
		expect(result.status).toBe(0)
		expect(result.stdout).toContain("to 20 appliances in 4 waves")
		expect(result.stdout).toContain("wave 1 (canary): 1: ")
		expect(result.stdout).toContain("stop after 3 failures or 5 % (1 of 20), whichever comes first")
		expect(contents(fleet)).toEqual(fleet.map(() => THEIRS))
		expect((await hotfix(["rollout", "status"], data())).stdout).toContain("no rollouts yet")
	})
})
