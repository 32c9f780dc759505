import type { Command } from "./command.ts"

export interface Operation {
	destination: string
	content: string
	/** Of the source. */
	mode: number
	permissions: { mode?: number; uid?: number; gid?: number }
}

export interface PoolSpec {
	id: string
	operations: Operation[]
	closure: Command[]
	checks: Command[]
	enabled: boolean
}

export interface ModuleSpec {
	version: string
	pools: PoolSpec[]
	finalClosure: Command[]
}

export type Outcome = "applied" | "unchanged" | "failed" | "degraded" | "skipped"

/** What a run came to, or why it was refused. */
export type Told =
	| { refused: string }
	| { pools: [string, Outcome][]; outcome: Outcome; finalClosure: "passed" | "failed" | "not-run" }

/** A run's choices. */
export interface Request {
	pools?: string[]
	force: boolean
	allowDowngrade: boolean
}

export interface RevertRequest {
	pool: string
	run?: string
	original: boolean
	force: boolean
}
