import { setTimeout as sleep } from "node:timers/promises"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { z } from "zod"
import { createTokenReader } from "../../../../core/fleet/runner-install/token-reader.ts"
import { fingerprintOf } from "../../../../core/fleet/ssh/host-key.ts"
import { knownTypes, parseKnownHosts, verdictOf } from "../../../../core/fleet/ssh/known-hosts-file.ts"
import { contract } from "../../../../core/protocol/contract.ts"
import { makeFrame } from "../../../../core/protocol/frames.ts"
import { answerSchema, readMessages, requestSchema } from "../../../../core/protocol/messages.ts"
import { MAX_NOISE, preambleOf, skipNoise } from "../../../../core/protocol/preamble.ts"
import { createRemoteRunner } from "../../../../core/protocol/remote-runner.ts"
import { type RunnerCall, runnerCalls } from "../../../../core/protocol/runner-calls.ts"
import { parseInput, parseOutput } from "../../../../core/protocol/runner-dispatch.ts"
import { serveRunner } from "../../../../core/protocol/serve.ts"
import { comparingSchema } from "../../../../core/schema/appliance-compare.ts"
import { stateChangeSchema } from "../../../../core/schema/desktop.ts"
import {
	eventPieceSchema,
	isKnownEvent,
	knownEventSchema,
	parseEvent,
	parseEvents,
	unknownEventSchema,
} from "../../../../core/schema/event.ts"
import { FailureError, failureSchema } from "../../../../core/schema/failure.ts"
import { syncProgressSchema } from "../../../../core/schema/history-sync.ts"
import { listChangeSchema, moduleChangeSchema, sourceProgressSchema } from "../../../../core/schema/library.ts"
import { rolloutChangeSchema, rolloutSummarySchema } from "../../../../core/schema/rollout.ts"
import { preparingSchema } from "../../../../core/schema/rollout-prepare.ts"
import { arbitraryOf, mutatedOf } from "../../../support/arbitrary-of.ts"
import { codeOf, fakePort, HELLO } from "./fake-port.ts"
import { createStreamPair } from "./stream-pair.ts"

/** Longest text a failure may carry into logs and dialogs, whatever it was made from. */
const MAX_FAILURE = 10_000

const unheard: unknown[] = []
const onUnheard = (error: unknown) => void unheard.push(error)
beforeAll(() => void process.on("unhandledRejection", onUnheard))
afterAll(async () => {
	await sleep(20)
	process.off("unhandledRejection", onUnheard)
	expect(unheard).toEqual([])
	expect({}).not.toHaveProperty("polluted")
})

/** What it threw, if it did: always a typed failure, and a short one. */
function expectTyped(error: unknown): void {
	if (error === undefined) return
	expect(error).toBeInstanceOf(FailureError)
	const { failure } = error as FailureError
	expect(failureSchema.safeParse(failure).success).toBe(true)
	expect(JSON.stringify(failure).length).toBeLessThan(MAX_FAILURE)
}
const thrownBy = (work: () => unknown) => {
	try {
		work()
	} catch (error) {
		return error
	}
}
const rejectionOf = (work: Promise<unknown>) =>
	work.then(
		() => undefined,
		(error) => error,
	)

async function* cut(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
	for (let at = 0, turn = 0; at < bytes.length; turn++) {
		const size = sizes[turn % sizes.length] ?? 1
		yield bytes.subarray(at, at + size)
		at += size
	}
}
async function drain(source: AsyncIterable<unknown>): Promise<number> {
	let count = 0
	for await (const _ of source) count++
	return count
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
const json = (value: unknown) => makeFrame("json", Buffer.from(JSON.stringify(value)))
/** A stream of good messages with bytes changed, taken away or added somewhere. */
const spoilt = (messages: fc.Arbitrary<Uint8Array[]>) =>
	fc
		.tuple(
			messages,
			fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 6 })), { maxLength: 4 }),
		)
		.map(([chunks, faults]) =>
			faults.reduce((bytes, [at, remove, add]) => {
				const start = at % (bytes.length + 1)
				return Buffer.concat([bytes.subarray(0, start), add, bytes.subarray(start + remove)])
			}, Buffer.concat(chunks)),
		)

const digest = "a".repeat(64)
const calls = Object.keys(runnerCalls) as RunnerCall[]

describe("schemas", () => {
	type Row = [name: string, schema: z.ZodType, parse: (value: unknown) => unknown]
	const contracts = Object.entries(contract).flatMap(([group, routes]) =>
		Object.entries(routes).flatMap(([name, route]) => {
			const { inputSchema, outputSchema } = route["~orpc"]
			const both: [string, unknown][] = [
				[`contract ${group}.${name}, input`, inputSchema],
				[`contract ${group}.${name}, output`, outputSchema],
			]
			// Streams have a schema of their own kind; their items are rows of their own below.
			return both.flatMap(([title, schema]): Row[] =>
				schema && typeof schema === "object" && "safeParse" in schema
					? [[title, schema as z.ZodType, (value) => (schema as z.ZodType).safeParse(value)]]
					: [],
			)
		}),
	)
	const rows: Row[] = [
		...calls.flatMap((call): Row[] => [
			[`${call}, input`, runnerCalls[call].input, (value) => parseInput(call, value)],
			[`${call}, output`, runnerCalls[call].output, (value) => parseOutput(call, value)],
		]),
		...contracts,
		...knownEventSchema.options.map((option): Row => [`event ${option.shape.type.value}`, option, parseEvent]),
		["event of a newer runner", unknownEventSchema, parseEvent],
		["piece of a run's events", eventPieceSchema, parseEvents],
		["change of the state", stateChangeSchema, (value) => stateChangeSchema.safeParse(value)],
		["change of a module", moduleChangeSchema, (value) => moduleChangeSchema.safeParse(value)],
		["change of the list of modules", listChangeSchema, (value) => listChangeSchema.safeParse(value)],
		["progress of the fleet's histories", syncProgressSchema, (value) => syncProgressSchema.safeParse(value)],
		["item of a comparison", comparingSchema, (value) => comparingSchema.safeParse(value)],
		["item of a preparation", preparingSchema, (value) => preparingSchema.safeParse(value)],
		["progress of sources", sourceProgressSchema, (value) => sourceProgressSchema.safeParse(value)],
		["change of a rollout", rolloutChangeSchema, (value) => rolloutChangeSchema.safeParse(value)],
		["row of the list of rollouts", rolloutSummarySchema, (value) => rolloutSummarySchema.safeParse(value)],
		["request", requestSchema, (value) => requestSchema.safeParse(value)],
		["answer", answerSchema, (value) => answerSchema.safeParse(value)],
	]

	test("all of them are here", () => {
		expect(rows.length).toBeGreaterThan(60)
		const streams = ["app.follow", "appliances.compare", "runs.follow", "history.syncAll", "rollouts.followList"]
		streams.push(
			...["rollouts.prepare", "rollouts.follow", "library.follow", "library.followList", "library.addSources"],
		)
		const calls = Object.values(contract).flatMap((routes) => Object.values(routes))
		expect(contracts.length).toBe(calls.length * 2 - streams.length)
	})

	test.each(rows)("%s: good ones pass, no other one does harm", (_, schema, parse) => {
		const values = arbitraryOf(schema)
		// Not all: what a schema asks for besides shapes is not in its JSON schema.
		const good = fc.sample(values, 50).filter((value) => schema.safeParse(value).success)
		expect(good.length).toBeGreaterThan(0)
		fc.assert(
			fc.property(fc.oneof({ weight: 4, arbitrary: mutatedOf(values) }, fc.anything()), (value) => {
				expectTyped(thrownBy(() => parse(value)))
			}),
			{ numRuns: 150 },
		)
	})

	test("names without end do not get into what is said of them", () => {
		const failure = { code: "busy", data: { ["k".repeat(50_000)]: null } }
		const error = thrownBy(() => parseOutput("start", { state: "refused", failure }))
		expect(error).toMatchObject({ failure: { code: "runner-incompatible" } })
		expectTyped(error)
	})

	test("an event that is taken is one that can be told, kept and read again", () => {
		const events = fc.oneof(...knownEventSchema.options.map((option) => arbitraryOf(option)))
		fc.assert(
			fc.property(mutatedOf(events), (value) => {
				const event = parseEvent(value)
				if (!event) return
				expect(Number.isSafeInteger(event.seq) && event.seq > 0).toBe(true)
				expect(isKnownEvent(event) || typeof event.type === "string").toBe(true)
				expect(parseEvent(JSON.parse(JSON.stringify(event)))).toEqual(event)
			}),
			{ numRuns: 2000 },
		)
	})
})

describe("readers of bytes", () => {
	test("messages: good, spoilt or none, cut anywhere", async () => {
		const message = fc.oneof(
			fc.jsonValue().map(json),
			fc.uint8Array({ maxLength: 50 }).map((bytes) => makeFrame("bytes", bytes)),
		)
		await fc.assert(
			fc.asyncProperty(
				fc.oneof(spoilt(fc.array(message, { maxLength: 6 })), fc.uint8Array({ maxLength: 300 })),
				sizes,
				async (bytes, pieces) => expectTyped(await rejectionOf(drain(readMessages(cut(bytes, pieces))))),
			),
			{ numRuns: 1500 },
		)
	})

	const noise = fc.oneof(
		fc.uint8Array({ maxLength: 200 }),
		fc
			.constantFrom("hotfix-runner ", "n0nce ", "n0nce", "\n", preambleOf("n0nc"), "n0nce NEED", "n0nce HAVE\n", "\0")
			.map((text) => Buffer.from(text)),
	)
	const spoken = fc.array(noise, { maxLength: 12 }).map((parts) => Buffer.concat(parts))

	test("the first line, in any noise", async () => {
		await fc.assert(
			fc.asyncProperty(spoken, sizes, async (bytes, pieces) => {
				const error = await rejectionOf(drain(skipNoise(cut(bytes, pieces), "n0nce")))
				expectTyped(error)
				expect(error === undefined).toBe(bytes.includes(preambleOf("n0nce")))
			}),
			{ numRuns: 500 },
		)
	})

	test("the words of the bootstrap, in any noise: every word that was said, none that was not", async () => {
		await fc.assert(
			fc.asyncProperty(spoken, sizes, async (bytes, pieces) => {
				const reader = createTokenReader(cut(bytes, pieces), "n0nce")
				const said: string[][] = []
				const error = await rejectionOf(
					(async () => {
						for (let words = await reader.next(); words; words = await reader.next()) said.push(words)
					})(),
				)
				expectTyped(error)
				expect(said.length).toBe((bytes.toString("latin1").match(/n0nce [^\n]*\n/g) ?? []).length)
			}),
			{ numRuns: 500 },
		)
	})

	test.each([
		["the first line", (source: AsyncIterable<Uint8Array>) => drain(skipNoise(source, "n0nce"))],
		["the bootstrap's words", (source: AsyncIterable<Uint8Array>) => createTokenReader(source, "n0nce").next()],
	])("noise without end, byte by byte, is given up on soon: %s", async (_, read) => {
		let given = 0
		const byte = Buffer.from("x")
		async function* endless() {
			for (;;) {
				given++
				yield byte
			}
		}
		const begun = process.cpuUsage()
		expectTyped(await rejectionOf(read(endless())))
		expect(given).toBeLessThan(2 * MAX_NOISE)
		expect(process.cpuUsage(begun).user).toBeLessThan(5_000_000)
	})

	const key = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIJ2x0pVYyqZFgJmHoIpvGgRz5P8o6Tq2xH0Hn0b1c2d3", "base64")
	const line = fc.oneof(
		fc.string(),
		fc
			.tuple(
				fc.constantFrom("", "@revoked ", "@cert-authority ", "@@ ", "@x "),
				fc.oneof(
					fc.string(),
					fc.constantFrom(
						"alpha",
						"[alpha]:22",
						"*",
						"!alpha,*",
						"|1|c2FsdA==|aGFzaA==",
						"|1|",
						"|1||",
						`${"*a".repeat(200)}`,
						"?".repeat(300),
					),
				),
				fc.constantFrom("ssh-ed25519", "ssh-rsa", "", "ssh-ed25519 extra"),
				fc.oneof(fc.constant(key.toString("base64")), fc.base64String(), fc.string()),
			)
			.map(([marker, hosts, type, blob]) => `${marker}${hosts} ${type} ${blob}`),
		fc.constant("a".repeat(100_000)),
	)
	test("known_hosts: any lines, any name, any key", () => {
		fc.assert(
			fc.property(
				fc.array(line, { maxLength: 8 }),
				fc.oneof(fc.string(), fc.constant("a".repeat(255))),
				fc.integer({ min: 1, max: 65535 }),
				fc.uint8Array({ maxLength: 80 }),
				(lines, host, port, blob) => {
					const parsed = parseKnownHosts(lines.join("\n"), "known_hosts")
					const shown = Buffer.from(blob)
					const { verdict } = verdictOf(parsed, host, port, shown)
					// A key that stands nowhere is never good.
					if (!parsed.some((one) => one.key.equals(shown))) expect(["unknown", "changed"]).toContain(verdict)
					expect(fingerprintOf(shown)).toMatch(/^SHA256:/)
					knownTypes(parsed, host, port)
				},
			),
			{ numRuns: 1500 },
		)
	})
})

describe("both ends of a stream", () => {
	const input = {
		hello: { protocol: 1 },
		missing: { digests: [digest] },
		supply: { digest, size: 3 },
		attach: { run: "r1", after: 0 },
		status: {},
	}
	const request = fc.oneof(
		fc
			.constantFrom(...Object.entries(input))
			.chain(([call, value]) => fc.nat(6).map((id) => json({ id, call, input: value }))),
		...calls.map((call) =>
			fc
				.tuple(fc.nat(6), mutatedOf(arbitraryOf(runnerCalls[call].input)))
				.map(([id, value]) => json({ id, call, input: value })),
		),
		fc.uint8Array({ maxLength: 20 }).map((bytes) => makeFrame("bytes", bytes)),
		fc.constantFrom({ id: 1, call: "stop" }, { id: 1, call: "more", items: 512 }).map(json),
	)
	const answer = fc.oneof(
		fc.nat(5).map((id) => json({ id, output: HELLO })),
		fc.nat(5).map((id) => json({ id, output: { missing: [digest] } })),
		fc.tuple(fc.nat(5), arbitraryOf(unknownEventSchema)).map(([id, item]) => json({ id, item })),
		fc
			.tuple(fc.nat(5), mutatedOf(fc.constant({ code: "busy", data: { run: "r" } })))
			.map(([id, failure]) => json({ id, failure })),
		fc.nat(5).map((id) => json({ id, end: true })),
		fc.nat(5).map((id) => json({ id, output: {} })),
	)

	test("a runner ends with its stream, whatever comes over it", async () => {
		const port = {
			hello: async () => HELLO,
			missing: async (digests: string[]) => digests,
			supply: async (_: string, __: number, content: AsyncIterable<Uint8Array>) => void (await drain(content)),
		}
		await fc.assert(
			fc.asyncProperty(spoilt(fc.array(request, { maxLength: 10 })), sizes, async (bytes, pieces) => {
				const { runner, there, back } = createStreamPair()
				const served = serveRunner(fakePort(port), runner)
				const answers = drain(readMessages(back))
				for await (const piece of cut(bytes, pieces)) there.write(piece)
				there.end()
				await served
				await answers
			}),
			{ numRuns: 400 },
		)
	})

	test("every call of a desktop is settled, whatever comes over its stream", async () => {
		await fc.assert(
			fc.asyncProperty(spoilt(fc.array(answer, { maxLength: 10 })), sizes, async (bytes, pieces) => {
				const { desktop, back } = createStreamPair()
				const port = createRemoteRunner(desktop)
				const content = async function* () {
					yield Buffer.from("abc")
				}
				const calls = [
					port.hello(),
					port.missing([digest]),
					port.supply(digest, 3, content()),
					drain(port.attach("r1")),
					port.status(),
				]
				const codes = Promise.all(calls.map(codeOf))
				for await (const piece of cut(bytes, pieces)) back.write(piece)
				back.end()
				// `codeOf` throws what is no typed failure.
				expect((await codes).length).toBe(5)
				expect(await codeOf(port.hello())).not.toBe("none")
			}),
			{ numRuns: 400 },
		)
	})
})
