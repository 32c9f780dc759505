import { createStore, type StoreApi } from "zustand/vanilla"
import type { Failure } from "../../core/schema/failure.ts"
import type { NewSource, SourceResult } from "../../core/schema/library.ts"
import { normalTarget, writtenTarget } from "../../core/schema/manifest.ts"
import type { Api } from "../rpc/api.ts"
import { failureOf } from "../rpc/problem.ts"
import { sendFile } from "./send-file.ts"

/** A file that a person dropped or picked, and where it shall lie below `src/`. */
export interface PickedFile {
	target: string
	file: Blob
	/** Where it lies, in a host that knows: then it is copied from there, mode included, and sent by nobody. */
	path?: string | undefined
	/** Digest of the file that it shall replace. */
	replaces?: string | undefined
}

/** Files on their way into `src/`. */
export interface Adding {
	state: "running" | "cancelled" | "ended"
	total: number
	/** Sent to the program, and through with it. */
	sent: number
	done: number
	/** In the order that they came about. */
	failed: { target: string; failure: Failure }[]
	/** Something else lies there already; nothing was written. */
	kept: { picked: PickedFile; digest?: string | undefined }[]
	/** What ended it early. */
	error?: unknown
}

export interface SourceAdding {
	store: StoreApi<{ adding?: Adding | undefined }>
	/** Adds files; answers with the targets that are there afterwards. Throws while others are being added. */
	start(picked: PickedFile[]): Promise<string[]>
	cancel(): void
	dismiss(): void
}

/** One call adds this much: enough to keep the disk busy, little enough to be cancelled soon. */
const GROUP_FILES = 100
const GROUP_BYTES = 32 * 1024 * 1024
const SENT_AT_ONCE = 4

export function createSourceAdding(api: Api, folder: string): SourceAdding {
	const store = createStore<{ adding?: Adding | undefined }>(() => ({}))
	let stop = new AbortController()
	/** What still arrives for a job that was cancelled says nothing of the next one. */
	const change = (signal: AbortSignal, update: (adding: Adding) => Adding) => {
		if (signal === stop.signal) store.setState(({ adding }) => (adding ? { adding: update(adding) } : {}))
	}

	/** Undefined for a file that could not be read, which is told. */
	const send = async (picked: PickedFile, signal: AbortSignal): Promise<Sent | undefined> => {
		try {
			signal.throwIfAborted()
			const upload = picked.path === undefined ? await sendFile(api, picked.file, signal) : undefined
			change(signal, (now) => ({ ...now, sent: now.sent + 1 }))
			return { picked, upload }
		} catch (error) {
			const failure = failureOf(error) ?? readFailure(error, picked.target)
			if (!failure) throw error
			change(signal, (now) => ({
				...now,
				done: now.done + 1,
				failed: [...now.failed, { target: picked.target, failure }],
			}))
			return undefined
		}
	}

	const addGroup = async (group: PickedFile[], signal: AbortSignal, there: string[]): Promise<void> => {
		// By their places, so that operations come in the order in which they were shown.
		const sent: (Sent | undefined)[] = []
		const arrived = () => sent.filter((one) => one !== undefined)
		try {
			const queue = group.entries()
			const sendRest = async () => {
				for (const [index, picked] of queue) sent[index] = await send(picked, signal)
			}
			// All of them, also when one gives up: what is sent last is dropped as well then.
			const ends = await Promise.allSettled(Array.from({ length: SENT_AT_ONCE }, sendRest))
			for (const end of ends) if (end.status === "rejected") throw end.reason
			signal.throwIfAborted()
		} catch (error) {
			await api.library.dropUploads({ uploads: arrived().flatMap(({ upload }) => upload ?? []) })
			throw error
		}
		if (arrived().length > 0) await takeUp(arrived(), signal, there)
	}

	const takeUp = async (sent: Sent[], signal: AbortSignal, there: string[]): Promise<void> => {
		const byTarget = new Map(sent.map(({ picked }) => [picked.target, picked]))
		for await (const { results } of await api.library.addSources({ folder, sources: sent.map(toSource) }, { signal })) {
			const named = results.map((one) => ({ ...one, target: normalTarget(one.target) }))
			change(signal, (now) => withResults(now, named, byTarget))
			for (const { state, target } of named) if (state !== "failed") there.push(target)
		}
	}

	return {
		store,
		async start(picked) {
			if (store.getState().adding?.state === "running") throw new Error("cannot add files while others are being added")
			stop = new AbortController()
			const { signal } = stop
			store.setState({
				adding: { state: "running", total: picked.length, sent: 0, done: 0, failed: [], kept: [] },
			})
			const there: string[] = []
			try {
				for (const group of groupsOf(picked)) await addGroup(group, signal, there)
				if (!signal.aborted) change(signal, (now) => ({ ...now, state: "ended" }))
			} catch (error) {
				if (!signal.aborted) change(signal, (now) => ({ ...now, state: "ended", error }))
			}
			return there
		},
		cancel() {
			if (store.getState().adding?.state !== "running") return
			stop.abort()
			change(stop.signal, (now) => ({ ...now, state: "cancelled" }))
		},
		dismiss: () => store.setState({ adding: undefined }),
	}
}

interface Sent {
	picked: PickedFile
	/** Absent for one that is copied from its path. */
	upload: string | undefined
}

function toSource({ picked: { target, path = "", replaces }, upload }: Sent): NewSource {
	const from: NewSource["from"] = upload === undefined ? { kind: "path", path } : { kind: "upload", upload }
	return { target: writtenTarget(target), from, ...(replaces !== undefined && { replaces }) }
}

function withResults(now: Adding, results: SourceResult[], picked: ReadonlyMap<string, PickedFile>): Adding {
	const failed = results.flatMap((one) =>
		one.state === "failed" ? [{ target: one.target, failure: one.failure }] : [],
	)
	const kept = results.flatMap((one) => {
		const file = picked.get(one.target)
		return one.state === "conflict" && file ? [{ picked: file, digest: one.digest }] : []
	})
	return {
		...now,
		done: now.done + results.length,
		failed: [...now.failed, ...failed],
		kept: [...now.kept, ...kept],
	}
}

/** What the browser says of a file that it cannot read any more. */
function readFailure(error: unknown, path: string): Failure | undefined {
	if (!(error instanceof DOMException)) return undefined
	if (error.name === "NotFoundError") return { code: "source-refused", data: { path, reason: "vanished" } }
	if (error.name === "NotReadableError") return { code: "changed-meanwhile", data: { path } }
	if (error.name === "SecurityError") return { code: "not-permitted", data: { path } }
	return undefined
}

/** Groups of a size that one call takes. */
export function groupsOf(picked: readonly PickedFile[]): PickedFile[][] {
	const groups: PickedFile[][] = []
	let bytes = Number.POSITIVE_INFINITY
	for (const one of picked) {
		const last = groups.at(-1)
		if (!last || last.length >= GROUP_FILES || bytes + one.file.size > GROUP_BYTES) {
			groups.push([one])
			bytes = one.file.size
		} else {
			last.push(one)
			bytes += one.file.size
		}
	}
	return groups
}
