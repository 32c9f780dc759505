import { mkdtemp, open as openFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { readRunnerBundle } from "../../../../../core/fleet/runner-install/bundle.ts"
import type { Runtimes } from "../../../../../core/fleet/runner-install/runtimes.ts"
import { startRunner } from "../../../../../core/fleet/runner-install/start-runner.ts"
import { createCredentials } from "../../../../../core/fleet/ssh/credentials.ts"
import type { Session } from "../../../../../core/fleet/ssh/session.ts"
import { createInbox } from "../../../../../core/protocol/inbox.ts"

let folder: string
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "start-runner-"))
	await writeFile(join(folder, "runner.cjs"), "a runner")
	await writeFile(join(folder, "node.gz"), gzipSync("a runtime"))
})
afterEach(async () => {
	vi.useRealTimers()
	await rm(folder, { recursive: true, force: true })
})

/** An appliance of whose bootstrap the test says the words; what comes in is kept. */
function makeAppliance() {
	const said = createInbox<Uint8Array>()
	const got: Buffer[] = []
	let nonce = ""
	const { promise: started, resolve: start } = Promise.withResolvers<void>()
	const program = {
		read: said,
		write: async (bytes: Uint8Array) => void got.push(Buffer.from(bytes)),
		stderr: () => "",
		ended: Promise.resolve({ exit: 65 }),
		endInput: () => {},
		close: async () => said.end(),
	}
	const session = {
		facts: { host: "h", port: 22, user: "root" },
		async exec(command: string) {
			nonce = /\b[0-9a-f]{32}\b/.exec(command)?.[0] ?? ""
			start()
			return program
		},
	} as unknown as Session
	return {
		session,
		started,
		received: () => Buffer.concat(got),
		say: (words: string) => said.push(Buffer.from(`\n${nonce} ${words}\n`)),
	}
}

async function begin(pack: () => Promise<{ path: string; size: number }>) {
	const appliance = makeAppliance()
	const runtimes: Runtimes = {
		list: [{ architecture: "x64", name: "node-x", size: 9 }],
		pack,
		open: async () => {
			const { path, size } = await pack()
			return { file: await openFile(path), size }
		},
		forget: async () => {},
	}
	const bundle = await readRunnerBundle(join(folder, "runner.cjs"))
	const starting = startRunner(appliance.session, {
		bundle,
		runtimes,
		credentials: createCredentials(),
		become: "none",
	})
	// Whoever waits for it gets the failure.
	starting.catch(() => undefined)
	await appliance.started
	return { ...appliance, starting }
}
const failureOf = (work: Promise<unknown>) =>
	work.then(
		() => "no failure",
		(error) => error.failure,
	)
const packed = () => ({ path: join(folder, "node.gz"), size: 29 })

test("the time that packing takes is not the appliance's silence", async () => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] })
	let isPacked = (_: { path: string; size: number }) => {}
	const packing = new Promise<{ path: string; size: number }>((resolve) => {
		isPacked = resolve
	})
	const { say, starting, received } = await begin(() => packing)
	say("NEED node-x")
	await vi.advanceTimersByTimeAsync(300_000)
	isPacked(packed())
	await vi.waitFor(() => expect(received().length).toBeGreaterThan(20))
	expect(received().toString("latin1", 0, 3)).toBe("29\n")
	say("NEED")
	say("HAVE")
	await expect(starting).resolves.toMatchObject({ nonce: expect.any(String) })
})

test("an appliance that says nothing is given up", async () => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] })
	const { starting } = await begin(async () => packed())
	await vi.advanceTimersByTimeAsync(46_000)
	expect(await failureOf(starting)).toMatchObject({ code: "timed-out", data: { phase: "answer", seconds: 45 } })
})

test("an appliance that asks again and again gets nothing a second time", async () => {
	const { say, starting } = await begin(async () => packed())
	say("NEED node-x")
	say("NEED node-x")
	expect(await failureOf(starting)).toMatchObject({ code: "runner-failed" })
})

test("what this computer cannot read is a typed failure", async () => {
	const { say, starting } = await begin(async () => ({ path: join(folder, "gone"), size: 1 }))
	say("NEED node-x")
	expect(await failureOf(starting)).toMatchObject({
		code: "internal",
		data: { message: expect.stringContaining("gone") },
	})
})
