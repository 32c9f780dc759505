import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { createTurns } from "../../../../../core/fleet/ssh/turns.ts"

test("so many at one place at a time, in the order in which they came; other places do not wait", async () => {
	const turns = createTurns(2)
	const begun: string[] = []
	let now = 0
	let most = 0
	const work = (name: string) =>
		turns.take("here", undefined, async () => {
			begun.push(name)
			most = Math.max(most, ++now)
			await sleep(5)
			now--
			if (name === "b") throw new Error("b")
			return name
		})
	const ended = Promise.allSettled(["a", "b", "c", "d", "e"].map(work))
	expect(await turns.take("there", undefined, async () => begun.length)).toBe(2)
	const states = (await ended).map(({ status }) => status)
	expect(states).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"])
	expect([begun.join(""), most]).toEqual(["abcde", 2])
	expect(await work("again")).toBe("again")
})

test("who gives up while waiting keeps nobody's place", async () => {
	const turns = createTurns(1)
	const { promise, resolve } = Promise.withResolvers<void>()
	const first = turns.take("here", undefined, () => promise)
	const cancel = new AbortController()
	const given = turns.take("here", cancel.signal, async () => "never")
	const gone = turns.take("here", AbortSignal.abort(), async () => "never")
	const last = turns.take("here", undefined, async () => "last")
	cancel.abort()
	await expect(given).rejects.toMatchObject({ failure: { code: "cancelled" } })
	await expect(gone).rejects.toMatchObject({ failure: { code: "cancelled" } })
	resolve()
	await first
	expect(await last).toBe("last")
	expect(await turns.take("here", undefined, async () => "free")).toBe("free")
})
