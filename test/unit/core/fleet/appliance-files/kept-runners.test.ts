import { expect, test } from "vitest"
import { createKeptRunners } from "../../../../../core/fleet/appliance-files/kept-runners.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { makeAppliance } from "../make.ts"

/** Connections that the test opens by hand. */
function makeContacts() {
	const opened: { stopped: boolean; closed: boolean; open(): void }[] = []
	const open = (_appliance: unknown, { signal }: { signal?: AbortSignal } = {}) => {
		const { promise, resolve, reject } = Promise.withResolvers<never>()
		const one = { stopped: false, closed: false, open: () => resolve({ port } as never) }
		const port = {
			async close() {
				one.closed = true
			},
		}
		signal?.addEventListener("abort", () => {
			one.stopped = true
			reject(new FailureError("cancelled", { what: "the connection" }))
		})
		opened.push(one)
		return promise
	}
	return { opened, runners: createKeptRunners({ open } as never) }
}

const appliance = makeAppliance()
const limitOf = (signal?: AbortSignal) => ({ seconds: 30, phase: "the file", signal })
const isCancelled = { failure: { code: "cancelled" } }

test("one user's cancel ends nobody else's opening", async () => {
	const { opened, runners } = makeContacts()
	const cancel = new AbortController()
	const first = runners.withRunner(appliance, limitOf(cancel.signal), async () => "first")
	const second = runners.withRunner(appliance, limitOf(), async () => "second")
	cancel.abort()
	await expect(first).rejects.toMatchObject(isCancelled)
	expect(opened).toMatchObject([{ stopped: false, closed: false }])
	opened[0]?.open()
	expect(await second).toBe("second")
	expect(opened).toMatchObject([{ stopped: false, closed: false }])
	await runners.close()
	expect(opened).toMatchObject([{ closed: true }])
})

test("one user's cancel ends nobody else's work", async () => {
	const { opened, runners } = makeContacts()
	const cancel = new AbortController()
	const work = Promise.withResolvers<string>()
	const first = runners.withRunner(appliance, limitOf(cancel.signal), () => new Promise(() => {}))
	const second = runners.withRunner(appliance, limitOf(), () => work.promise)
	opened[0]?.open()
	cancel.abort()
	await expect(first).rejects.toMatchObject(isCancelled)
	expect(opened).toMatchObject([{ closed: false }])
	work.resolve("whole")
	expect(await second).toBe("whole")
	await runners.close()
})

test.each(["while it opens", "at work"])("the last one that cancels %s ends the connection", async (when) => {
	const { opened, runners } = makeContacts()
	const cancels = [new AbortController(), new AbortController()]
	const users = cancels.map(({ signal }) => runners.withRunner(appliance, limitOf(signal), () => new Promise(() => {})))
	if (when === "at work") opened[0]?.open()
	await Promise.resolve()
	for (const cancel of cancels) cancel.abort()
	for (const user of users) await expect(user).rejects.toMatchObject(isCancelled)
	expect(opened).toMatchObject([when === "at work" ? { closed: true } : { stopped: true }])
})
