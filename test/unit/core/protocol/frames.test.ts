import fc from "fast-check"
import { expect, test } from "vitest"
import { type FrameKind, MAX_PAYLOAD, makeFrame, readFrames } from "../../../../core/protocol/frames.ts"
import { FailureError } from "../../../../core/schema/failure.ts"

async function* pieces(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
	let at = 0
	for (let turn = 0; at < bytes.length; turn++) {
		const size = sizes[turn % sizes.length] ?? 1
		yield bytes.subarray(at, at + size)
		at += size
	}
}

async function collect(source: AsyncIterable<Uint8Array>) {
	const frames: { kind: string; payload: number[] }[] = []
	for await (const { kind, payload } of readFrames(source)) frames.push({ kind, payload: [...payload] })
	return frames
}

const frame = fc.record({ kind: fc.constantFrom<FrameKind>("json", "bytes", "part"), payload: fc.uint8Array() })

test("frames come out as they went in, however the bytes are cut", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(frame),
			fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
			async (frames, cuts) => {
				const bytes = Buffer.concat(frames.map(({ kind, payload }) => makeFrame(kind, payload)))
				expect(await collect(pieces(bytes, cuts))).toEqual(
					frames.map(({ kind, payload }) => ({ kind, payload: [...payload] })),
				)
			},
		),
	)
})

test("any bytes are frames or a typed failure", async () => {
	await fc.assert(
		fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
			const error = await collect(pieces(bytes, [7])).then(
				() => undefined,
				(thrown) => thrown,
			)
			expect(error === undefined || error instanceof FailureError).toBe(true)
		}),
		{ numRuns: 1000 },
	)
})

test.each([
	["a payload over the limit", [0, 0x10, 0, 1, 0], "bad-request"],
	["the longest length there is", [255, 255, 255, 255, 1], "bad-request"],
	["an unknown kind", [0, 0, 0, 0, 3], "bad-request"],
	["an end inside a header", [0, 0], "connection-lost"],
	["an end inside a payload", [0, 0, 0, 2, 0, 65], "connection-lost"],
])("%s is a failure", async (_, bytes, code) => {
	await expect(collect(pieces(Uint8Array.from(bytes), [3]))).rejects.toMatchObject({ failure: { code } })
})

test("a payload of exactly the limit passes", async () => {
	const bytes = makeFrame("bytes", new Uint8Array(MAX_PAYLOAD))
	const [first] = await collect(pieces(bytes, [65_536]))
	expect(first?.payload.length).toBe(MAX_PAYLOAD)
})
