import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { RecordedContent, RecordedFile, RecordedSide } from "../../schema/recorded-file.ts"
import { MAX_DIFF_BYTES, readDiffText } from "../../schema/unified-diff.ts"
import { digestOf } from "../digest.ts"
import type { FoundContent } from "../library/find-contents.ts"
import { failureOf } from "../services/failure-of.ts"
import { fetchApplied, fetchFile } from "./fetch-content.ts"

export interface RecordedChange {
	destination: string
	/** Absent: there was no file. */
	before?: RecordedContent | undefined
	after?: RecordedContent | undefined
}

interface Places {
	/** Contents of these digests that the module has here. */
	find(digests: string[]): Promise<FoundContent[]>
	/** What the appliance answers; it is asked only for what is not here. */
	ask<T>(use: (port: RunnerPort) => Promise<T>): Promise<T>
}

/** What a run found and left at a destination. */
export async function compareRecorded(places: Places, change: RecordedChange): Promise<RecordedFile> {
	const { before, after, destination } = change
	const wanted = [...new Set([before, after].flatMap((side) => (side && !isTooLarge(side) ? [side.digest] : [])))]
	const found = new Map((await places.find(wanted)).map((content) => [content.digest, sideOf(content)]))
	const missing = wanted.filter((digest) => !found.has(digest))
	if (missing.length > 0)
		for (const [digest, side] of await askFor(places, missing, destination)) found.set(digest, side)
	const shown = (side: RecordedContent | undefined): RecordedSide =>
		side ? (found.get(side.digest) ?? { state: "too-large" }) : { state: "none" }
	return { before: shown(before), after: shown(after) }
}

function isTooLarge({ size = 0 }: RecordedContent): boolean {
	return size > MAX_DIFF_BYTES
}

function sideOf({ size, text }: FoundContent): RecordedSide {
	if (text !== undefined) return { state: "text", text, from: "module" }
	return { state: size > MAX_DIFF_BYTES ? "too-large" : "binary" }
}

async function askFor({ ask }: Places, digests: string[], destination: string): Promise<[string, RecordedSide][]> {
	try {
		return await ask(async (port) => {
			const sides: [string, RecordedSide][] = []
			for (const digest of digests) sides.push([digest, await fetchSide(port, digest, destination)])
			return sides
		})
	} catch (error) {
		const failure = failureOf(error)
		if (failure.code === "cancelled") throw error
		return digests.map((digest) => [digest, { state: "failed", failure }])
	}
}

type Fetched = Buffer | "too-large" | undefined

/** From what is kept there, a backup or a supplied source; else the file itself, where it still is the one of that digest. */
async function fetchSide(port: RunnerPort, digest: string, destination: string): Promise<RecordedSide> {
	const kept = await unlessGone(fetchApplied(port, digest, MAX_DIFF_BYTES))
	const fetched = kept ?? (await unlessGone(fetchNow(port, destination, digest)))
	if (fetched === undefined) return { state: "gone" }
	if (fetched === "too-large") return { state: "too-large" }
	const text = readDiffText(fetched)
	return text === undefined ? { state: "binary" } : { state: "text", text, from: "appliance" }
}

async function fetchNow(port: RunnerPort, destination: string, digest: string): Promise<Fetched> {
	const [seen] = await port.statFiles([destination])
	if (seen?.now.state !== "file" || seen.now.digest !== digest) return undefined
	if (seen.now.size > MAX_DIFF_BYTES) return "too-large"
	const pieces: Buffer[] = []
	await fetchFile(port, destination, async (piece) => void pieces.push(piece), MAX_DIFF_BYTES)
	const whole = Buffer.concat(pieces)
	return digestOf(whole) === digest ? whole : undefined
}

/** Undefined for what is not there, or not that any more. */
async function unlessGone(work: Promise<Fetched>): Promise<Fetched> {
	try {
		return await work
	} catch (error) {
		const { code } = failureOf(error)
		if (code === "not-found" || code === "changed-meanwhile") return undefined
		throw error
	}
}
