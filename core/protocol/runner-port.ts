import type { FolderPage, SeenDestination } from "../schema/appliance-files.ts"
import type { AnyEvent } from "../schema/event.ts"
import type { HistoryRun, Status } from "../schema/history.ts"
import type { Plan } from "../schema/plan.ts"
import type { ContentPiece, ContentRequest, FilePiece, FolderRequest, PieceRequest } from "./file-calls.ts"
import type {
	Hello,
	Packing,
	Recovered,
	RunnerPlanRequest,
	RunnerRevertRequest,
	RunnerStartRequest,
	StartResult,
} from "./runner-calls.ts"

/** Bytes in pieces; a piece is at most 1 MiB. */
export type Content = AsyncIterable<Uint8Array>

/**
 * The only way in which the desktop meets the engine. Two implementations: in the same process (`core/runner`), and over
 * a byte stream to `hotfix-runner serve` (`remote-runner.ts`, carried by SSH). One conformance suite runs against both.
 * Every method throws `FailureError`; nothing else reaches the caller.
 */
export interface RunnerPort {
	hello(): Promise<Hello>
	status(): Promise<Status>
	/** Newest first. */
	history(filter: { pool?: string; limit?: number }): Promise<HistoryRun[]>
	/** Writes nothing. Contents need not be there yet. */
	plan(request: RunnerPlanRequest): Promise<Plan>
	/** One page of a folder of the appliance, links followed. Fails with `not-found`, `file-unreadable`, `not-permitted`. */
	listFolder(request: FolderRequest): Promise<FolderPage>
	/** A piece of a regular file, links followed; fails as `listFolder` does, and with `changed-meanwhile`. */
	readFile(request: PieceRequest): Promise<FilePiece>
	/** A piece of what a pool applied or replaced; its bytes are not checked. Fails with `not-found`. */
	readContent(request: ContentRequest): Promise<ContentPiece>
	/** In the order they were asked for; what is wrong with one is its own `refused`. */
	statFiles(destinations: string[]): Promise<SeenDestination[]>
	/** Which of these contents are not there yet. */
	missing(digests: string[]): Promise<string[]>
	/**
	 * Stores one content; fails with `upload-damaged` when its bytes, unpacked where they were packed (`none` when absent),
	 * do not have the digest or are not `size` bytes.
	 */
	supply(digest: string, size: number, content: Content, packing?: Packing): Promise<void>
	/**
	 * A run of this id will be asked for on this connection: what takes time before it can begin is done meanwhile. Never
	 * needed, and undone where the run is not asked for.
	 */
	prepare(run: string): Promise<void>
	/**
	 * Starts a run that goes on whatever becomes of the caller. Every content must have been supplied; those that still
	 * are on their way are waited for.
	 */
	start(request: RunnerStartRequest): Promise<StartResult>
	/** Puts one pool back; a run like any other. */
	revert(request: RunnerRevertRequest): Promise<StartResult>
	/**
	 * What became of a run that was asked for and whose answer was lost, on any connection; waited for until it is known.
	 * Fails with `unknown-run` where nothing has begun: then nothing will, even if the request is still on its way.
	 */
	started(run: string): Promise<StartResult>
	/** Ends every run whose runner died: its open pool is put back. */
	recover(): Promise<Recovered>
	/**
	 * The run's events with `seq > after`, from the record and then live, without gap or double, until `run-finished`.
	 * The beginning of a run that was asked for on the same connection is waited for.
	 */
	attach(run: string, after?: number, signal?: AbortSignal): AsyncIterable<AnyEvent>
	/** Stops at the next safe point; the open pool is restored. */
	cancel(run: string): Promise<void>
	/** Answers a pool that waits in phase `confirm`; fails with `not-waiting` before and after that. */
	confirm(run: string, pool: string): Promise<void>
	/** Ends the connection, not the runs. */
	close(): Promise<void>
}
