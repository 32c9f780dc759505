import { expect, test } from "vitest"
import { compareRecorded } from "../../../../../core/fleet/appliance-files/compare-recorded.ts"
import { digestOf } from "../../../../../core/fleet/digest.ts"
import type { FoundContent } from "../../../../../core/fleet/library/find-contents.ts"
import type { RunnerPort } from "../../../../../core/protocol/runner-port.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { MAX_DIFF_BYTES } from "../../../../../core/schema/unified-diff.ts"

const facts = { mode: 0o644, uid: 0, gid: 0, modified: "2026-01-01T00:00:00Z", realPath: "/etc/x" }
const seen = { device: "1", inode: "1", changed: "1", size: 1 }
const gone = () => Promise.reject(new FailureError("not-found", { kind: "file" }))

/** An appliance that keeps these bytes under a digest, and has these at the destination now. */
function appliance(kept: Record<string, Buffer>, now?: Buffer): Partial<RunnerPort> {
	return {
		readContent: async ({ digest, position, length }) => {
			const bytes = kept[digest]
			if (!bytes) return gone()
			const piece = bytes.subarray(position, position + length)
			return { bytes: piece.toString("base64"), isEnd: position + length >= bytes.length }
		},
		statFiles: async ([destination = ""]) => [
			{
				destination,
				now: now ? { state: "file", ...facts, size: now.length, digest: digestOf(now) } : { state: "absent" },
			},
		],
		readFile: async () =>
			now ? { ...facts, size: now.length, seen, bytes: now.toString("base64"), isEnd: true } : gone(),
	}
}

async function sideOf(digest: string, port: Partial<RunnerPort>, { size, found = [] as FoundContent[] } = {} as Given) {
	let asked = 0
	const places = {
		find: async () => found,
		ask: async <T>(use: (port: RunnerPort) => Promise<T>) => {
			asked++
			return use(port as RunnerPort)
		},
	}
	const before = { digest, ...(size !== undefined && { size }) }
	const { before: side } = await compareRecorded(places, { destination: "/etc/x", before })
	return { side, asked }
}
interface Given {
	size?: number
	found?: FoundContent[]
}

const text = Buffer.from("theirs\n")
const digest = digestOf(text)

test("what is in the module is shown without asking the appliance", async () => {
	const found = [{ digest, size: text.length, text: "theirs\n" }]
	expect(await sideOf(digest, {}, { found })).toEqual({
		side: { state: "text", text: "theirs\n", from: "module" },
		asked: 0,
	})
})

test("from the backup, else from the file where it still is the same, else it is gone", async () => {
	const shown = { state: "text", text: "theirs\n", from: "appliance" }
	expect((await sideOf(digest, appliance({ [digest]: text }))).side).toEqual(shown)
	expect((await sideOf(digest, appliance({}, text))).side).toEqual(shown)
	expect((await sideOf(digest, appliance({}, Buffer.from("another\n")))).side).toEqual({ state: "gone" })
	expect((await sideOf(digest, appliance({}))).side).toEqual({ state: "gone" })
})

test("a content that is not the one of its digest is never shown, wherever it comes from", async () => {
	const forged = Buffer.from("forged\n")
	expect((await sideOf(digest, appliance({ [digest]: forged }))).side).toEqual({ state: "gone" })
	const lying = appliance({}, forged)
	const statFiles: RunnerPort["statFiles"] = async ([destination = ""]) => [
		{ destination, now: { state: "file", ...facts, size: 7, digest } },
	]
	expect((await sideOf(digest, { ...lying, statFiles })).side).toEqual({ state: "gone" })
})

test("no text, and too large: known before, or only when it comes", async () => {
	const binary = Buffer.from([0, 1, 2])
	expect((await sideOf(digestOf(binary), appliance({ [digestOf(binary)]: binary }))).side).toEqual({ state: "binary" })
	const large = Buffer.alloc(MAX_DIFF_BYTES + 1, "x")
	const told = await sideOf(digestOf(large), appliance({ [digestOf(large)]: large }), { size: large.length })
	expect(told).toEqual({ side: { state: "too-large" }, asked: 0 })
	expect((await sideOf(digestOf(large), appliance({ [digestOf(large)]: large }))).side).toEqual({ state: "too-large" })
	expect((await sideOf(digestOf(large), appliance({}, large))).side).toEqual({ state: "too-large" })
})

test("an appliance that cannot be asked is that side's failure; whoever stops gets nothing at all", async () => {
	const fails = (code: "refused" | "cancelled") => ({
		find: async () => [],
		ask: () => Promise.reject(new FailureError(code)),
	})
	const change = { destination: "/etc/x", before: { digest } }
	expect(await compareRecorded(fails("refused"), change)).toMatchObject({
		before: { state: "failed", failure: { code: "refused" } },
		after: { state: "none" },
	})
	await expect(compareRecorded(fails("cancelled"), change)).rejects.toMatchObject({ failure: { code: "cancelled" } })
})
