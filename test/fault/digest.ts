import { hash } from "node:crypto"
import { parseEvents } from "../../core/engine/events/event-text.ts"
import { parseJournal } from "../../core/engine/journal/journal-text.ts"
import { isKnownEvent } from "../../core/schema/event.ts"
import { FILES, STATE, times } from "./appliance.ts"
import { type History, type Inode, type Meta, ROOT } from "./disk/inode.ts"
import type { Moment } from "./process.ts"
import { createSimulatedHost } from "./simulated-host.ts"
import type { Told } from "./told.ts"

/**
 * The same for two appliances between which no recovery can tell a difference that matters. Left out is what only grows
 * with every recovery that is cut short, and decides nothing: the lock's number, the standard log, lines of recovery in a
 * journal, events but those of a pool's and a run's beginning and end, times in the state folder, numbers of new inodes.
 * Every version that is not yet safe counts.
 */
export function digestOf({ inodes, told }: Moment): string {
	const seen = new Map<number, number>()
	const parts: (string | number)[] = []
	const visit = (path: string, number: number) => {
		const inode = inodes.get(number)
		const known = seen.get(number)
		if (!inode || isLeftOut(path)) return
		if (known !== undefined) {
			parts.push("=", known)
			return
		}
		seen.set(number, seen.size)
		parts.push(idOf(path, inode))
		if (inode.kind !== "folder") return
		for (const name of [...inode.names.keys()].sort()) {
			parts.push(name)
			for (const value of inode.names.get(name) ?? []) {
				if (value === undefined) parts.push("-")
				else visit(`${path}/${name}`, value)
			}
		}
		parts.push("/")
	}
	visit("", ROOT)
	return hash("sha1", `${parts.join(" ")}\n${toldText(told)}`)
}

/** What nothing ever reads, only removes or writes anew. */
function isLeftOut(path: string): boolean {
	if (path === `${STATE}/lock` || path === "/var/log" || path === "/media") return true
	return path.startsWith(STATE) && (path.endsWith(".new") || path.endsWith("/find") || path.includes("/blobs/."))
}

const ids = new Map<string, number>()
const idOfInode = new WeakMap<Inode, number>()

/** One number for everything of an inode but what has names in it. */
function idOf(path: string, inode: Inode): number {
	const known = idOfInode.get(inode)
	if (known !== undefined) return known
	const isTheirs = path.startsWith(FILES)
	// It is there and will be removed, whatever is in it.
	if (path.includes("/.hotfix-")) return -1
	const meta = mapHistory(inode.meta, (meta) => metaText(meta, isTheirs))
	const data = inode.kind === "file" ? mapHistory(inode.data, (bytes) => contentText(path, bytes)) : ""
	const text = `${inode.kind} ${meta} ${inode.kind === "link" ? inode.target : data}`
	const id = ids.get(text) ?? ids.size
	ids.set(text, id)
	idOfInode.set(inode, id)
	return id
}

function mapHistory<T>(history: History<T>, text: (value: T) => string): string {
	if (history.length === 1) return text(history[0])
	const versions = history.map(text)
	return versions.filter((version, index) => version !== versions[index - 1]).join(" > ")
}

const stepNs = BigInt(times.step) * 1_000_000n

function metaText({ mode, uid, gid, mtimeNs, ctimeNs, attributes }: Meta, isTheirs: boolean): string {
	const age = ctimeNs < stepNs ? "old" : ctimeNs === stepNs ? "step" : "later"
	return isTheirs ? `${mode} ${uid} ${gid} ${mtimeNs} ${age} ${attributes}` : `${mode}`
}

const texts = new WeakMap<Uint8Array, string>()

function contentText(path: string, bytes: Uint8Array): string {
	const known = texts.get(bytes)
	if (known !== undefined) return known
	const text = makeText(path, bytes)
	texts.set(bytes, text)
	return text
}

const { createHash } = createSimulatedHost(new Map(), { now: 0 })
const hashing = { createHash } as Parameters<typeof parseJournal>[0]

function makeText(path: string, bytes: Uint8Array): string {
	if (path.includes("/journal.jsonl")) return journalText(bytes)
	if (path.includes("/events.jsonl")) return eventsText(bytes)
	if (path.includes("/record.json")) return recordText(bytes)
	return Buffer.from(bytes).toString("latin1")
}

function journalText(bytes: Uint8Array): string {
	const { records, validBytes } = parseJournal(hashing, bytes)
	const lines = records.flatMap((record) => {
		if (record.type === "pool-closed") return [`closed ${record.pool} ${record.outcome}`]
		if (record.type !== "phase") return [JSON.stringify(record)]
		return record.phase === "restore" || record.phase === "reclosure" ? [] : [`${record.pool} ${record.phase}`]
	})
	return `${lines.filter((line, index) => line !== lines[index - 1]).join("\n")}${validBytes < bytes.length ? " torn" : ""}`
}

const counted = new Set(["run-started", "pool-started", "pool-finished", "final-closure", "run-finished"])

function eventsText(bytes: Uint8Array): string {
	const { events, validBytes } = parseEvents(bytes)
	const lines = events
		.filter(isKnownEvent)
		.filter(({ type }) => counted.has(type))
		.map((event) => [event.type, "pool" in event && event.pool, "outcome" in event && event.outcome].join(" "))
	return `${[...new Set(lines)].join("\n")}${validBytes < bytes.length ? " torn" : ""}`
}

function recordText(bytes: Uint8Array): string {
	const text = new TextDecoder().decode(bytes)
	return /"state":"finished"/.test(text) && text.endsWith("}") ? "whole" : `${bytes.length === 0 ? "empty" : "damaged"}`
}

function toldText(told: Told): string {
	return [...told].map(([run, events]) => `${run} ${events.filter(({ type }) => counted.has(type)).length}`).join("\n")
}
