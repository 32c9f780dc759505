import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { describe, expect, it } from "vitest"
import type { Bench, Figure, Missing, Sample } from "../../bench/bench.ts"
import { measure, median } from "../../bench/measure.ts"
import { exitOf, makeTable } from "../../bench/table.ts"

describe("the table of a bench", () => {
	it("lines up what was measured with what was promised", () => {
		expect(
			makeTable([
				{
					bench: "many",
					measure: "time",
					unit: "ms",
					ours: 1234.5,
					other: { what: "a plain program", value: 600 },
					ratio: 2.0575,
					atMost: 3,
					passed: true,
					pairs: [],
				},
				{ bench: "many", measure: "memory", unit: "MiB", ours: 160.25, atMost: 150, passed: false, pairs: [] },
			]),
		).toEqual([
			"bench  measure     ours  the other                    ratio  at most  verdict",
			"many   time     1235 ms     600 ms  a plain program  2.06 x   3.00 x  met",
			"many   memory   160 MiB                                      150 MiB  MISSED",
		])
	})

	const figure: Figure = { bench: "one", measure: "size", unit: "KiB", ours: 5, atMost: 6, passed: true, pairs: [] }
	const unable: Missing = { bench: "two", state: "unable", why: "needs root" }
	const broken: Missing = { bench: "three", state: "broken", why: "cannot start\n    at a line of code" }

	it("says why a bench has no figure", () => {
		expect(makeTable([figure, unable, broken, { ...figure, atMost: undefined, passed: false }])).toEqual([
			"bench  measure     ours  the other    ratio  at most  verdict",
			"one    size     5.0 KiB                      6.0 KiB  met",
			"two                                                   not run: needs root",
			"three                                                 BROKEN: cannot start",
			"one    size     5.0 KiB                               MISSED: no figure is committed",
		])
	})

	it("fails when a target was missed, and otherwise when a bench broke, but not where one cannot run", () => {
		const missed = { ...figure, passed: false }
		expect(
			[
				[figure, unable],
				[figure, missed],
				[missed, broken],
			].map(exitOf),
		).toEqual([0, 1, 2])
	})
})

describe("a bench", () => {
	/** Plays samples that are given beforehand; the first pair is for warming up. */
	const play = (ours: Sample[], others: number[], calls: string[] = []): Bench => ({
		name: "played",
		other: "the other",
		pairs: ours.length - 1,
		targets: [{ times: 2 }, { peakMemoryMiB: 100 }],
		setUp: async (folder) => ({
			reset: async () => void calls.push(existsSync(folder) ? "reset" : "no folder"),
			ours: async () => {
				calls.push("ours")
				return ours.shift() as Sample
			},
			other: async () => {
				calls.push("other")
				return { milliseconds: others.shift() as number }
			},
		}),
	})
	const run = async (bench: Bench, committed = {}) => {
		const below = mkdtempSync(`${tmpdir()}/hotfix-bench-test-`)
		try {
			return await measure(bench, below, committed)
		} finally {
			rmSync(below, { recursive: true })
		}
	}
	const sample = (milliseconds: number, peakMemoryMiB = 50) => ({ milliseconds, peakMemoryMiB })

	it("calls both in turn, each with everything as before", async () => {
		const calls: string[] = []
		await run(play([sample(1), sample(1)], [1, 1], calls))
		expect(calls).toEqual(["reset", "ours", "reset", "other", "reset", "ours", "reset", "other"])
	})

	it("judges the median of the ratios of pairs, and the most memory", async () => {
		const [time, memory] = await run(
			play([sample(999, 999), sample(30, 60), sample(500, 101), sample(10, 60)], [1, 10, 100, 10]),
		)
		expect(time).toMatchObject({ ours: 30, ratio: 3, atMost: 2, passed: false, other: { value: 10 } })
		expect(time?.pairs).toEqual([
			[30, 10],
			[500, 100],
			[10, 10],
		])
		expect(memory).toMatchObject({ ours: 101, atMost: 100, passed: false })
	})

	it("is met at exactly what was promised", async () => {
		const [time, memory] = await run(play([sample(1), sample(20, 100)], [1, 10]))
		expect([time?.passed, memory?.passed]).toEqual([true, true])
	})

	it("never takes a memory that was not measured for little", async () => {
		const [, memory] = await run(play([sample(1), { milliseconds: 1 }], [1, 1]))
		expect(memory?.passed).toBe(false)
	})

	it("judges the median of the round trips, and takes none that was not counted for few", async () => {
		const counted = (roundTrips: number) => ({ milliseconds: 1, roundTrips })
		const targets = [{ roundTrips: 12 }]
		const played = play([counted(99), counted(30), counted(12), counted(9)], [1, 1, 1, 1])
		const [met] = await run({ ...played, targets })
		expect(met).toMatchObject({ measure: "waiting", ours: 12, atMost: 12, passed: true, pairs: [[30], [12], [9]] })
		const [uncounted] = await run({ ...play([sample(1), sample(1)], [1, 1]), targets })
		expect(uncounted?.passed).toBe(false)
	})

	const worked = (processorMs: number) => ({ processorMs })
	/** The first pair is for warming up here, too. */
	const compare = async (ours: number[], others: number[], committed: Record<string, number>) => {
		const samples = others.map(worked)
		const bench: Bench = { ...play([0, ...ours].map(worked), []), targets: [{ committed: "processorMs" }] }
		const setUp = async (folder: string) => ({
			...(await bench.setUp(folder)),
			other: async () => samples.shift() ?? {},
		})
		return (await run({ ...bench, setUp }, committed))[0]
	}

	it("compares the least work of both with the committed ratio, and allows twice as much", async () => {
		const ours = [50, 25, 90]
		expect(await compare(ours, [1, 10, 40, 80], { played: 1.25 })).toMatchObject({
			ratio: 2.5,
			atMost: 2.5,
			passed: true,
		})
		expect(await compare(ours, [1, 10, 40, 80], { played: 1.24 })).toMatchObject({ passed: false })
	})

	it("never passes where no figure is committed, or one side was not measured", async () => {
		expect(await compare([1], [1, 1], {})).toMatchObject({ atMost: undefined, passed: false })
		expect(await compare([1, 1], [1, 1], { played: 2 })).toMatchObject({ passed: false })
	})

	it("compares what nothing stands beside with the committed figure: a size as above, a count exactly", async () => {
		const told = (key: "syncs" | "kibibytes", figure: number): Bench => ({
			...{ name: "told", pairs: 1, targets: [{ committed: key }] },
			setUp: async () => ({ reset: async () => {}, ours: async () => ({ [key]: figure }) }),
		})
		const passes = async (bench: Bench) => (await run(bench, { told: 100 }))[0]?.passed
		expect([await passes(told("kibibytes", 125)), await passes(told("kibibytes", 126))]).toEqual([true, false])
		expect([await passes(told("syncs", 100)), await passes(told("syncs", 101))]).toEqual([true, false])
	})

	it("ends what it began, when it fails too", async () => {
		let ended = 0
		const played = play([sample(1), sample(1)], [1, 1])
		const setUp = async (folder: string) => ({ ...(await played.setUp(folder)), end: async () => void ended++ })
		await run({ ...played, setUp })
		const broken = async (folder: string) => ({
			...(await setUp(folder)),
			ours: () => Promise.reject(new Error("broken")),
		})
		await expect(run({ ...played, setUp: broken })).rejects.toThrow("broken")
		expect(ended).toBe(2)
	})
})

it("the median of an even number of figures lies between the two in the middle", () => {
	expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
})
