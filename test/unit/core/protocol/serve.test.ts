import { setTimeout as sleep } from "node:timers/promises"
import fc from "fast-check"
import { expect, test } from "vitest"
import { MAX_PAYLOAD, makeFrame, readFrames } from "../../../../core/protocol/frames.ts"
import { STREAM_WINDOW } from "../../../../core/protocol/messages.ts"
import { createRemoteRunner } from "../../../../core/protocol/remote-runner.ts"
import type { RunnerPort } from "../../../../core/protocol/runner-port.ts"
import { serveRunner } from "../../../../core/protocol/serve.ts"
import { FailureError } from "../../../../core/schema/failure.ts"
import { codeOf, fakePort, HELLO, sizeOf } from "./fake-port.ts"
import { createStreamPair } from "./stream-pair.ts"

function connect(methods: Partial<RunnerPort> = {}) {
	const pair = createStreamPair()
	const served = serveRunner(fakePort(methods), pair.runner, { nonce: "abc" })
	return { ...pair, served, port: createRemoteRunner(pair.desktop, { nonce: "abc" }) }
}

const event = (seq: number) => ({ seq, time: "2026-01-01T00:00:00.000Z", run: "r1", type: "heartbeat" as const })
const digest = "0".repeat(64)

test("hello is answered", async () => {
	const { port } = connect({ hello: async () => HELLO })
	expect(await port.hello()).toEqual(HELLO)
})

test("another protocol number is incompatible, whoever notices", async () => {
	const { port } = connect({ hello: async () => ({ ...HELLO, protocol: 2 }) })
	await expect(port.hello()).rejects.toMatchObject({
		failure: { code: "runner-incompatible", data: { ours: 1, theirs: 2 } },
	})
})

test("an answer of another shape is incompatible", async () => {
	// A runner of another version, as far as types go.
	const { port } = connect({ missing: (async () => "none") as unknown as RunnerPort["missing"] })
	expect(await codeOf(port.missing([digest]))).toBe("runner-incompatible")
})

test("a failure arrives with its facts", async () => {
	const { port } = connect({
		start: async () => {
			throw new FailureError("state-unsafe", { path: "/var/lib/hotfix" }, { findings: [{ rule: "x" }] })
		},
	})
	const manifest = { name: "m", index: "{}", sources: [], digest }
	const request = { manifest, kind: "apply", force: false, allowDowngrade: false, modify: false } as const
	await expect(port.start(request)).rejects.toMatchObject({
		failure: { code: "state-unsafe", data: { path: "/var/lib/hotfix" }, findings: [{ rule: "x" }] },
	})
})

test("whatever else is thrown becomes one line", async () => {
	const { port } = connect({
		status: async () => {
			throw new TypeError("first line\n    at a stack")
		},
	})
	await expect(port.status()).rejects.toMatchObject({ failure: { code: "internal", data: { message: "first line" } } })
})

test("bad input is refused before the port sees it", async () => {
	let asked = false
	const { port } = connect({
		missing: async () => {
			asked = true
			return []
		},
	})
	expect(await codeOf(port.missing(["../../etc/passwd"]))).toBe("bad-request")
	expect(asked).toBe(false)
})

test("several calls at once, answered in any order", async () => {
	const { port } = connect({
		missing: async (digests) => {
			await sleep(digests[0]?.startsWith("0") ? 40 : 1)
			return digests
		},
	})
	const digests = ["0", "1", "2"].map((digit) => digit.repeat(64))
	const answers = await Promise.all(digests.map((one) => port.missing([one])))
	expect(answers).toEqual(digests.map((one) => [one]))
})

test("contents of several callers arrive whole, one after the other", async () => {
	const sizes: number[] = []
	const { port } = connect({
		supply: async (_, size, content) => {
			expect(await sizeOf(content)).toBe(size)
			sizes.push(size)
		},
	})
	async function* content(size: number) {
		for (let left = size; left > 0; left -= 3_000_000) yield new Uint8Array(Math.min(left, 3_000_000))
	}
	await Promise.all([0, 1, 5_000_000, 7].map((size) => port.supply(digest, size, content(size))))
	expect(sizes.sort((a, b) => a - b)).toEqual([0, 1, 7, 5_000_000])
})

test("a content that is refused early, or breaks here, leaves the stream usable", async () => {
	const { port } = connect({
		hello: async () => HELLO,
		supply: async (_, size, content) => {
			if (size === 1) throw new FailureError("disk-full")
			if ((await sizeOf(content)) !== size) throw new FailureError("upload-damaged")
		},
	})
	async function* endless() {
		for (;;) {
			yield new Uint8Array(100_000)
			await sleep(1)
		}
	}
	async function* broken() {
		yield new Uint8Array(10)
		throw new Error("cannot read")
	}
	expect(await codeOf(port.supply(digest, 1, endless()))).toBe("disk-full")
	expect(await codeOf(port.supply(digest, 20, broken()))).toBe("internal")
	expect(await codeOf(port.supply(digest, 0, (async function* () {})()))).toBe("none")
	expect((await port.hello()).hostname).toBe("box")
})

test("a stream of events comes whole and in order, and never runs far ahead of its reader", async () => {
	let sent = 0
	const { port } = connect({
		attach: async function* () {
			while (sent < 5000) yield event(++sent)
		},
		hello: async () => HELLO,
	})
	const seen: number[] = []
	for await (const { seq } of port.attach("r1")) {
		seen.push(seq)
		// A call in the middle of a stream is answered: a slow reader holds nobody up.
		if (seq === 1) expect((await port.hello()).hostname).toBe("box")
		if (seq === 100) await sleep(50)
		expect(sent - seq).toBeLessThanOrEqual(STREAM_WINDOW + 1)
	}
	expect(seen).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
})

test("leaving a stream, or aborting it, stops the far side", async () => {
	const stopped: string[] = []
	const { port } = connect({
		attach: async function* (run, _, signal) {
			yield event(1)
			await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()))
			stopped.push(run)
		},
	})
	for await (const _ of port.attach("left")) break
	const abort = new AbortController()
	for await (const _ of port.attach("aborted", 0, abort.signal)) setTimeout(() => abort.abort(), 5)
	await sleep(20)
	expect(stopped).toEqual(["left", "aborted"])
})

test("a lost stream ends every call, now and later, with connection-lost", async () => {
	const { port, cut, served } = connect({
		status: () => new Promise(() => {}),
		attach: async function* (_, __, signal) {
			yield event(1)
			await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()))
		},
		supply: async (_, __, content) => void (await sizeOf(content)),
	})
	const attached = codeOf(
		(async () => {
			for await (const { seq } of port.attach("r1")) if (seq === 1) setTimeout(cut, 5)
		})(),
	)
	const endless = (async function* () {
		for (;;) {
			yield new Uint8Array(10)
			await sleep(2)
		}
	})()
	const codes = [codeOf(port.status()), attached, codeOf(port.supply(digest, 5, endless))]
	expect(await Promise.all(codes)).toEqual(["connection-lost", "connection-lost", "connection-lost"])
	expect(await codeOf(port.hello())).toBe("connection-lost")
	// `status` never answers, so the service still waits for it: that is the promise it keeps to runs being started.
	expect(await Promise.race([served.then(() => "ended"), sleep(50, "waiting")])).toBe("waiting")
})

test("the far side ending is connection-lost too", async () => {
	const { port, back } = connect({ status: () => new Promise(() => {}) })
	const lost = codeOf(port.status())
	back.end()
	expect(await lost).toBe("connection-lost")
})

test("bytes that make no sense from the runner are its failure", async () => {
	const pair = createStreamPair()
	const port = createRemoteRunner(pair.desktop)
	const lost = codeOf(port.status())
	await pair.runner.write(Buffer.from("Segmentation fault\n"))
	expect(await lost).toBe("runner-failed")
})

test("an answer longer than a frame arrives whole", async () => {
	const by = "ä".repeat(2_000_000)
	const module = { name: "m", version: "1.0.0", digest }
	const run = { run: "r1", kind: "apply" as const, module, startedAt: "", by, state: "open" as const, pools: [] }
	const { port } = connect({ history: async () => [run] })
	const [history, again] = await Promise.all([port.history({}), port.history({})])
	expect(history[0]?.by === by && again[0]?.by === by).toBe(true)
})

test("a message cut into crumbs is refused before it costs memory", async () => {
	const pair = createStreamPair()
	const served = serveRunner(fakePort(), pair.runner)
	await pair.desktop.write(makeFrame("part", Buffer.from("{")))
	await served
	for await (const { payload } of readFrames(pair.back)) {
		expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({ id: 0, failure: { code: "bad-request" } })
	}
})

test("a newer runner's failure is still told", async () => {
	const pair = createStreamPair()
	const port = createRemoteRunner(pair.desktop)
	const failure = { code: "code-of-the-future", data: { deep: { inside: 1 } } }
	const call = port.status()
	await pair.runner.write(makeFrame("json", Buffer.from(JSON.stringify({ id: 1, failure }))))
	await expect(call).rejects.toMatchObject({
		failure: { code: "runner-failed", data: { reason: expect.stringContaining("code-of-the-future") } },
	})
})

/** A runner that answers the first call with this text, whatever the call was. */
async function answerWith(json: string, ask: (port: RunnerPort) => Promise<unknown>) {
	const pair = createStreamPair()
	const asked = codeOf(ask(createRemoteRunner(pair.desktop)))
	const bytes = Buffer.from(json)
	// Broken off by the desktop: then there is nobody left to write to.
	const write = (kind: "part" | "json", from: number, to?: number) =>
		pair.runner.write(makeFrame(kind, bytes.subarray(from, to))).catch(() => {})
	let at = 0
	for (; at + MAX_PAYLOAD < bytes.length; at += MAX_PAYLOAD) await write("part", at, at + MAX_PAYLOAD)
	await write("json", at)
	return asked
}

test.each([
	["nested without end", `${"[".repeat(2_000_000)}${"]".repeat(2_000_000)}`],
	["of millions of values", `[${"{},".repeat(3_000_000)}0]`],
])("an answer %s is refused before it costs memory", async (_, inside) => {
	const code = await answerWith(`{"id":1,"output":{"x":${inside}}}`, (port) => port.status())
	expect(code).toBe("runner-failed")
})

test("brackets and commas in texts count for nothing", async () => {
	const by = `${"[{,".repeat(1_000_000)}\\"`
	const { port } = connect({ status: async () => ({ runnerVersion: by, interrupted: [], modules: [] }) })
	expect((await port.status()).runnerVersion === by).toBe(true)
})

test("a runner that sends more events than were asked for is not listened to any longer", async () => {
	const pair = createStreamPair()
	const port = createRemoteRunner(pair.desktop)
	const events = port.attach("r1")[Symbol.asyncIterator]()
	const first = events.next()
	const send = async () => {
		for (let seq = 1; seq <= 2 * STREAM_WINDOW; seq++)
			await pair.runner.write(makeFrame("json", Buffer.from(JSON.stringify({ id: 1, item: event(seq) }))))
	}
	const sent = send().catch(() => {})
	await first
	await sent
	expect(await codeOf(port.status())).toBe("runner-failed")
})

test.each(["../../etc", "a/b", "", "."])(
	"a revert of %j is refused: it would name a folder elsewhere",
	async (name) => {
		const { port } = connect()
		const request = { original: false, force: false }
		expect(await codeOf(port.revert({ ...request, pool: name }))).toBe("bad-request")
		expect(await codeOf(port.revert({ ...request, pool: "p", run: name }))).toBe("bad-request")
	},
)

const request = fc.oneof(
	fc.json().map((text) => makeFrame("json", Buffer.from(text))),
	fc
		.record({
			id: fc.oneof(fc.integer(), fc.nat(5)),
			call: fc.oneof(fc.string(), fc.constantFrom("supply", "attach", "stop", "more", "hello", "__proto__", "missing")),
			input: fc.jsonValue(),
			items: fc.integer(),
		})
		.map((value) => makeFrame("json", Buffer.from(JSON.stringify(value)))),
	fc.uint8Array().map((bytes) => makeFrame("bytes", bytes)),
	fc.uint8Array().map((bytes) => makeFrame("part", bytes)),
	fc.uint8Array(),
)

test("no input ends the service otherwise than by closing the stream, and every answer is a message", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (chunks) => {
			const { runner, there, back } = createStreamPair()
			const served = serveRunner(fakePort({ hello: async () => HELLO }), runner)
			for (const chunk of chunks) if (chunk.length > 0) there.write(chunk)
			there.end()
			await served
			for await (const frame of readFrames(back)) {
				const answer = JSON.parse(Buffer.from(frame.payload).toString())
				expect(answer.failure?.code ?? "answered").not.toBe("")
				expect(typeof answer.id).toBe("number")
			}
		}),
		{ numRuns: 500 },
	)
})

test("no answer ends the desktop: each is an answer or a failure", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(request, { maxLength: 6 }), async (chunks) => {
			const { desktop, back } = createStreamPair()
			const port = createRemoteRunner(desktop)
			const call = codeOf(port.hello())
			for (const chunk of chunks) if (chunk.length > 0) back.write(chunk)
			back.end()
			expect(["connection-lost", "runner-failed", "runner-incompatible"]).toContain(await call)
		}),
		{ numRuns: 500 },
	)
})
