import { createStore, type StoreApi } from "zustand/vanilla"
import type { RolloutPolicy, RolloutRequest } from "../../core/schema/rollout.ts"
import { defaultPolicy } from "../../core/schema/rollout-words.ts"
import { chosenPools, type Workspace } from "./workspace.ts"

/** What is chosen for the next rollout. */
export interface RolloutDraft {
	/** Of the module. */
	folder?: string | undefined
	/** The library module that `folder` is a published version of. */
	published?: Workspace["published"] | undefined
	/** Absent: all that are enabled. */
	pools?: readonly string[]
	applianceIds: ReadonlySet<string>
	/** Those among them that come first, in this order. */
	canary: readonly string[]
	force: boolean
	allowDowngrade: boolean
	policy: RolloutPolicy
}

export const emptyDraft: RolloutDraft = {
	applianceIds: new Set(),
	canary: [],
	force: false,
	allowDowngrade: false,
	/** As `hotfix rollout start` has it, but for the gate: whoever sits at a page is there to look at a wave. */
	policy: { ...defaultPolicy, gate: { kind: "person" } },
}

export interface RolloutDraftActions {
	store: StoreApi<RolloutDraft>
	change(change: Partial<RolloutDraft>): void
	changePolicy(change: Partial<RolloutPolicy>): void
	/** These come first, and are the first wave; nobody: the first wave is as it was chosen. */
	setCanary(ids: readonly string[]): void
	/** Everything is as at first, but how many at once and the limits: waves and gate are of one rollout. */
	clear(): void
}

export function createRolloutDraft(): RolloutDraftActions {
	const store = createStore<RolloutDraft>(() => emptyDraft)
	return {
		store,
		change: (change) => store.setState(change),
		changePolicy: (change) => store.setState(({ policy }) => ({ policy: { ...policy, ...change } })),
		setCanary: (ids) => store.setState((draft) => withCanary(draft, ids)),
		clear: () =>
			store.setState(({ policy: { waves: _, gate: __, ...limits } }) => {
				return { ...emptyDraft, policy: { ...emptyDraft.policy, ...limits } }
			}, true),
	}
}

/** The draft with these coming first; they are chosen, too. */
export function withCanary(draft: RolloutDraft, ids: readonly string[]): RolloutDraft {
	return { ...draft, canary: ids, applianceIds: new Set([...draft.applianceIds, ...ids]) }
}

/** Those that come first and are still chosen, and in the fleet. */
export function canaryOf({ canary, applianceIds }: RolloutDraft, fleet: readonly { id: string }[]): string[] {
	const known = new Set(fleet.map(({ id }) => id))
	return canary.filter((id) => known.has(id) && applianceIds.has(id))
}

/** What is chosen for a run, as the beginning of a rollout. */
export function choiceOfRun(now: Workspace, ids: readonly string[]): Partial<RolloutDraft> {
	const { folder, published, force, allowDowngrade } = now
	return { folder, published, pools: chosenPools(now), applianceIds: new Set(ids), force, allowDowngrade }
}

/** What the services are asked for; undefined while something is missing. `fleet`: the order of those that are not first. */
export function requestOf(draft: RolloutDraft, fleet: readonly { id: string }[]): RolloutRequest | undefined {
	const { folder, pools, force, allowDowngrade, policy } = draft
	const canary = canaryOf(draft, fleet)
	const first = new Set(canary)
	const others = fleet.flatMap(({ id }) => (draft.applianceIds.has(id) && !first.has(id) ? id : []))
	const applianceIds = [...canary, ...others]
	if (folder === undefined || applianceIds.length === 0 || pools?.length === 0) return undefined
	const waves = canary.length === 0 ? policy.waves : [{ count: canary.length }, ...policy.waves.slice(1)]
	const chosen = { force, allowDowngrade, policy: { ...policy, waves } }
	return { folder, applianceIds, ...(pools && { pools: [...pools] }), ...chosen }
}
