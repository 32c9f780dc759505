import type { EngineOptions } from "../../engine/engine.ts"
import type { Host, OpenFile } from "../../engine/host.ts"
import { makeLayout } from "../../engine/layout.ts"
import { checkStateFolder } from "../../engine/state/state-folder.ts"
import type { ContentPiece, ContentRequest, FilePiece, PieceRequest } from "../../protocol/file-calls.ts"
import { FailureError } from "../../schema/failure.ts"
import { readAccounts } from "./accounts.ts"
import { factsOf, identityOf, isSameFile } from "./facts.ts"
import { looking } from "./file-failure.ts"
import { withRegularFile } from "./open-regular.ts"

/** A piece of a file. One that changed since the piece before, or while this one was read, fails with `changed-meanwhile`. */
export function readFilePiece(host: Host, { path, position, length, seen }: PieceRequest): Promise<FilePiece> {
	return looking(path, () =>
		withRegularFile(host, path, async ({ file, stat, realPath }) => {
			const identity = identityOf(stat)
			if (seen && !isSameFile(seen, identity)) throw new FailureError("changed-meanwhile", { path })
			const { bytes, isEnd } = await readPiece(file, position, length)
			if (!isSameFile(identity, identityOf(await file.stat()))) throw new FailureError("changed-meanwhile", { path })
			const facts = factsOf(stat, (await readAccounts(host, [stat]))(stat))
			return { ...facts, realPath, seen: identity, bytes: bytes.toString("base64"), isEnd }
		}),
	)
}

/** A piece of a content that a desktop supplied or a backup holds. */
export async function readContentPiece(
	host: Host,
	options: EngineOptions,
	{ digest, position, length }: ContentRequest,
): Promise<ContentPiece> {
	const path = await findContent(host, options, digest)
	if (path === undefined) throw new FailureError("not-found", { kind: "file", id: digest })
	return looking(path, () =>
		withRegularFile(host, path, async ({ file }) => {
			const { bytes, isEnd } = await readPiece(file, position, length)
			return { bytes: bytes.toString("base64"), isEnd }
		}),
	)
}

/** Where a content is kept, if it still is; nobody says here that its bytes are sound. */
export async function findContent(host: Host, options: EngineOptions, digest: string): Promise<string | undefined> {
	const layout = makeLayout(options.stateFolder)
	if (!(await checkStateFolder(host, layout))) return undefined
	for (const path of [layout.source(digest), layout.blob(digest)])
		if ((await host.disk.lstat(path))?.kind === "file") return path
	return undefined
}

/** The end is where nothing more comes: a file's size says nothing below `/proc`. */
async function readPiece(file: OpenFile, position: number, length: number) {
	const into = Buffer.alloc(length)
	let done = 0
	for (let count = -1; count !== 0 && done < length; done += count)
		count = await file.read(into.subarray(done), position + done)
	return { bytes: into.subarray(0, done), isEnd: done < length }
}
