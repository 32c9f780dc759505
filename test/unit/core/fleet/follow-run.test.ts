import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { type FollowItem, followRun } from "../../../../core/fleet/follow-run.ts"
import type { AnyEvent } from "../../../../core/schema/event.ts"
import { FailureError } from "../../../../core/schema/failure.ts"

const event = (seq: number): AnyEvent => ({
	seq,
	time: "2026-01-01T00:00:00Z",
	run: "r",
	type: seq === 6 ? "run-finished" : "heartbeat",
})
const lost = () => new FailureError("connection-lost", { host: "h" })

type Step = number | "lost" | "end" | "repeat" | FailureError
/** A connection that gives these events, and then breaks or ends. `repeat`: one that was given before. */
function makePort(steps: Step[], asked: number[] = [], closed: string[] = []) {
	return {
		async *attach(_run: string, after = 0) {
			asked.push(after)
			for (const step of steps) {
				if (step === "lost") throw lost()
				if (step instanceof FailureError) throw step
				if (step === "end") return
				yield event(step === "repeat" ? after : step)
			}
		},
		close: async () => void closed.push("closed"),
	}
}
async function follow(connections: (Step[] | FailureError)[], first?: Step[], waitsMs = [0], patienceMs?: number) {
	const asked: number[] = []
	const closed: string[] = []
	const left = [...connections]
	const connect = async () => {
		const next = left.shift()
		if (!next || next instanceof FailureError) throw next ?? new Error("connected once too often")
		return makePort(next, asked, closed)
	}
	const items: FollowItem[] = []
	const port = first && makePort(first, asked, closed)
	for await (const item of followRun({ connect, port, run: "r", waitsMs, patienceMs })) items.push(item)
	const words = items.map((item) => (item.type === "event" ? item.event.seq : item.state))
	return { items, words, asked, closed, left }
}

describe("following a run", () => {
	test("a connection that lives on without a word is given up for another one", async () => {
		const silent = {
			async *attach(_run: string, _after = 0, signal?: AbortSignal) {
				yield event(1)
				await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()))
			},
			close: async () => {},
		}
		const options = { connect: async () => makePort([2, 3, 4, 5, 6]), run: "r", waitsMs: [0], silenceMs: 30 }
		const words: unknown[] = []
		for await (const item of followRun({ ...options, port: silent })) {
			words.push(item.type === "event" ? item.event.seq : item.state)
			// A slow reader is no silence.
			await sleep(40)
		}
		expect(words).toEqual([1, "lost", "connected", 2, 3, 4, 5, 6])
	})

	test("over one connection to its end", async () => {
		const { words, asked, closed } = await follow([], [1, 2, 3, 4, 5, 6])
		expect([words, asked, closed]).toEqual([[1, 2, 3, 4, 5, 6], [0], []])
	})

	test("over a loss: from the last event on, without gap or double", async () => {
		const { words, asked, closed } = await follow([["repeat", 3, 4, 5, 6]], [1, 2, "lost"])
		expect(words).toEqual([1, 2, "lost", "connected", 3, 4, 5, 6])
		expect([asked, closed]).toEqual([[0, 2], ["closed"]])
	})

	test("an appliance that stays away is tried again and again", async () => {
		const away = new FailureError("refused", { host: "h", port: 22 })
		const { words } = await follow([away, away, new FailureError("timed-out"), [1, 2, 3, 4, 5, 6]], ["lost"])
		expect(words).toEqual(["lost", "lost", "lost", "lost", "connected", 1, 2, 3, 4, 5, 6])
	})

	test("events that end before the run has are a loss, never a success", async () => {
		const { words } = await follow([[3, 4, 5, 6]], [1, 2, "end"])
		expect(words).toEqual([1, 2, "lost", "connected", 3, 4, 5, 6])
	})

	test("waits grow, and begin anew once events come", async () => {
		const waits = [1, 2, 4]
		const { items } = await follow([["lost"], ["lost"], ["lost"], [1, "lost"], [2, 3, 4, 5, 6]], ["lost"], waits)
		expect(
			items.flatMap((item) => (item.type === "connection" && item.state === "lost" ? item.retryInMs : [])),
		).toEqual([1, 2, 4, 4, 1])
	})

	test.each([
		"unknown-run",
		"host-key-changed",
		"authentication-failed",
		"password-needed",
		"runner-incompatible",
	] as const)("%s is not cured by waiting", async (code) => {
		await expect(follow([new FailureError(code)], [1, "lost"])).rejects.toMatchObject({ failure: { code } })
	})

	test("a run that may lock us out itself: being refused is waited for, and told, but not for ever", async () => {
		const refused = new FailureError("authentication-failed", { host: "h" })
		const { words, items } = await follow([refused, refused, [2, 3, 4, 5, 6]], [1, "lost"], [1], 60_000)
		expect(words).toEqual([1, "lost", "lost", "lost", "connected", 2, 3, 4, 5, 6])
		expect(items[2]).toMatchObject({ failure: { code: "authentication-failed" } })
		await expect(follow(Array(50).fill(refused), [1, "lost"], [10], 40)).rejects.toMatchObject(refused)
	})

	test.each(["password-needed", "sudo-password-needed"] as const)("%s is waited for as well there", async (code) => {
		const { words } = await follow([new FailureError(code), [2, 3, 4, 5, 6]], [1, "lost"], [1], 60_000)
		expect(words).toEqual([1, "lost", "lost", "connected", 2, 3, 4, 5, 6])
		await expect(follow(Array(50).fill(new FailureError(code)), [1, "lost"], [10], 40)).rejects.toMatchObject({
			failure: { code },
		})
	})

	test("an aborted signal ends it at once, even in the longest wait", async () => {
		const stop = new AbortController()
		const words: unknown[] = []
		const begun = performance.now()
		const port = makePort([1, "lost"])
		for await (const item of followRun({
			connect: async () => port,
			port,
			run: "r",
			waitsMs: [60_000],
			signal: stop.signal,
		})) {
			words.push(item.type === "event" ? item.event.seq : item.state)
			if (item.type === "connection") stop.abort()
		}
		expect([words, performance.now() - begun < 2000]).toEqual([[1, "lost"], true])
	})

	test("who stops listening leaves no connection of ours open", async () => {
		const closed: string[] = []
		for await (const _ of followRun({ connect: async () => makePort([1, 2], [], closed), run: "r" }))
			if (closed.push("seen") === 2) break
		expect(closed).toEqual(["seen", "seen", "closed"])
	})
})
