import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createDeadline } from "../../../../../core/fleet/ssh/deadline.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Waits as a person does. */
const think = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

test("expires once, after its time", async () => {
	const expired = vi.fn()
	createDeadline().start(1000, expired)
	await vi.advanceTimersByTimeAsync(999)
	expect(expired).not.toHaveBeenCalled()
	await vi.advanceTimersByTimeAsync(5000)
	expect(expired).toHaveBeenCalledTimes(1)
})

test("the time in which a person is asked does not count, even two questions at once", async () => {
	const expired = vi.fn()
	const deadline = createDeadline()
	deadline.start(1000, expired)
	await vi.advanceTimersByTimeAsync(600)
	const asked = Promise.all([deadline.without(() => think(60_000)), deadline.without(() => think(90_000))])
	await vi.advanceTimersByTimeAsync(90_000)
	await asked
	await vi.advanceTimersByTimeAsync(399)
	expect(expired).not.toHaveBeenCalled()
	await vi.advanceTimersByTimeAsync(2)
	expect(expired).toHaveBeenCalledTimes(1)
})

test("a question that fails lets it go on", async () => {
	const expired = vi.fn()
	const deadline = createDeadline()
	deadline.start(1000, expired)
	await expect(deadline.without(() => Promise.reject(new Error("no")))).rejects.toThrow("no")
	await vi.advanceTimersByTimeAsync(1001)
	expect(expired).toHaveBeenCalledTimes(1)
})

test("started anew it begins anew; stopped it never expires", async () => {
	const expired = vi.fn()
	const deadline = createDeadline()
	deadline.start(1000, expired)
	await vi.advanceTimersByTimeAsync(900)
	deadline.start(1000, expired)
	await vi.advanceTimersByTimeAsync(900)
	deadline.stop()
	await vi.advanceTimersByTimeAsync(10_000)
	expect(expired).not.toHaveBeenCalled()
})
