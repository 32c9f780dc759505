import type { RevertRequest, RunRequest } from "../protocol/runner-calls.ts"
import type { RunEvent } from "../schema/event.ts"
import type { Failure } from "../schema/failure.ts"
import type { Manifest } from "../schema/manifest.ts"
import type { FinalClosure, PoolOutcome } from "../schema/outcome.ts"
import type { SeenFile } from "./disk/seen-file.ts"

/** Where the engine keeps its state, and where the standard log goes; the same for every call. */
export interface EngineOptions {
	/** 0700, root's; by default `/var/lib/hotfix`. */
	stateFolder: string
	/** Standard log lines, see `standard-log.ts`; none when absent. */
	logFile?: string
	runnerVersion: string
	/** How a person starts this runner here; `hotfix-runner` when absent. */
	runner?: RunnerCommand
}

/** `program` and its arguments without a command, and the options that each command needs. */
export interface RunnerCommand {
	program: readonly string[]
	options: readonly string[]
}

/** A module whose contents lie on this host: in its folder, or in the store of supplied contents. */
export interface ModuleOnHost {
	manifest: Manifest
	/** Absolute path of a source by its normal target. */
	pathOf(target: string): string
	/** The file whose digest was taken a moment ago, by this very process; undefined where nobody did. */
	seenAs?(target: string): SeenFile | undefined
}

/** What the caller of a run gives besides the request. */
export interface RunContext {
	/** Chosen by the caller, so that a desktop can attach before the run has begun. */
	run: string
	/** Called for each event after it was written to the run's record. */
	onEvent?: (event: RunEvent) => void
	/** Aborting means: stop at the next safe point and restore the open pool. */
	signal?: AbortSignal
	/** Network address that the run was asked for from, as the appliance saw it; kept in its history. */
	from?: string
}

/** What the caller of a recovery may want to hear. */
export interface RecoverContext {
	onEvent?: (event: RunEvent) => void
	/** Who asked, kept with the lock. */
	by?: string
	awaitDisks?: AwaitDisks
}

/** Called before files go back to disks that are not mounted; resolves when they are, or when they need not be waited for. */
export type AwaitDisks = (areThere: () => Promise<boolean>) => Promise<void>

/** Busy and refused are outcomes, not exceptions. `refused`: nothing was touched. */
export type RunResult =
	| { state: "finished"; run: string; outcome: PoolOutcome; finalClosure: FinalClosure }
	| { state: "busy"; run: string; since: string; by?: string }
	| { state: "refused"; failure: Failure }

export type EngineRunRequest = Omit<RunRequest, "manifest">
export type EngineRevertRequest = RevertRequest
