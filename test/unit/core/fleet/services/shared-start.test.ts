import { expect, test } from "vitest"
import { createSharedStart } from "../../../../../core/fleet/services/shared-start.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"

/** Starts that end when a test says so; one that is stopped clears up first. */
function createStarts() {
	const begun: { succeed(value: string): void; cleared(): void; signal: AbortSignal }[] = []
	const shared = createSharedStart("the demo", (signal) => {
		const { promise, resolve, reject } = Promise.withResolvers<string>()
		begun.push({ succeed: resolve, cleared: () => reject(new FailureError("cancelled")), signal })
		return promise
	})
	return { begun, shared }
}
const codeOf = (work: Promise<unknown>) => work.catch((error) => error.failure.code)

test("the one who waits gives up: it is stopped, and the next one begins anew when all is cleared up", async () => {
	const { begun, shared } = createStarts()
	const stop = new AbortController()
	const first = codeOf(shared.get(stop.signal))
	stop.abort()
	expect(await first).toBe("cancelled")
	expect(begun[0]?.signal.aborted).toBe(true)
	const second = shared.get()
	await new Promise(setImmediate)
	expect(begun).toHaveLength(1)
	begun[0]?.cleared()
	await expect.poll(() => begun.length).toBe(2)
	begun[1]?.succeed("demo")
	expect(await second).toBe("demo")
	expect(await shared.get()).toBe("demo")
})

test("whoever gives up takes it from nobody else", async () => {
	const { begun, shared } = createStarts()
	const stop = new AbortController()
	const [leaving, staying] = [codeOf(shared.get(stop.signal)), shared.get()]
	stop.abort()
	expect(await leaving).toBe("cancelled")
	expect(begun[0]?.signal.aborted).toBe(false)
	begun[0]?.succeed("demo")
	expect(await staying).toBe("demo")
})

test("one that was there before it heard of its end is as good as any; the program's end stops what still starts", async () => {
	const { begun, shared } = createStarts()
	const stop = new AbortController()
	const first = codeOf(shared.get(stop.signal))
	stop.abort()
	begun[0]?.succeed("demo")
	expect(await first).toBe("cancelled")
	expect(await shared.get()).toBe("demo")
	expect(await shared.end()).toBe("demo")

	const other = createStarts()
	const waiting = codeOf(other.shared.get())
	const ended = other.shared.end()
	expect(other.begun[0]?.signal.aborted).toBe(true)
	other.begun[0]?.cleared()
	expect(await ended).toBeUndefined()
	expect(await waiting).toBe("cancelled")
})
