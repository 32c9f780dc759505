import type { Rollout, RolloutChange, RolloutRequest, RolloutSummary, RolloutWish } from "../../schema/rollout.ts"

/** Rollouts of this desktop: each is driven by exactly one program at a time. */
export interface RolloutsService {
	/** Newest first. */
	list(): RolloutSummary[]
	/** The list at once, and again whenever it has changed. */
	followList(signal?: AbortSignal): AsyncIterable<RolloutSummary[]>
	/** Fails with `not-found`. */
	get(id: string): Rollout
	/** What `start` would begin; nothing is done and nothing written. */
	preview(request: RolloutRequest): Promise<Rollout>
	/** Freezes module, targets and waves, and begins; fails where the module is not the one of `digest`. Fails as `freezeModule` does, with `not-found` or `bad-request`. */
	start(request: RolloutRequest): Promise<Rollout>
	/**
	 * A person's word: on disk, then heard by the program that drives the rollout; where none does, this one takes it over.
	 * Resolves when it was heard, or after some seconds to false: then it will be, by the program that drives it.
	 */
	ask(id: string, wish: RolloutWish): Promise<boolean>
	/** As it stands, at once and after each step, until the signal is aborted or this program's services are closed. */
	follow(id: string, signal?: AbortSignal): AsyncIterable<Rollout>
	/** The same as what changed. */
	followChanges(id: string, signal?: AbortSignal): AsyncIterable<RolloutChange>
	/** Takes up those that programs which are gone have left in the middle. */
	resume(): void
	/** Leaves them as they stand: what runs on appliances goes on there. */
	close(): Promise<void>
}
