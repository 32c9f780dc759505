import { describe, expect, test } from "vitest"
import { rolloutRequestSchema } from "../../../core/schema/rollout.ts"
import {
	choiceOfRun,
	createRolloutDraft,
	emptyDraft,
	requestOf,
	withCanary,
} from "../../../renderer/stores/rollout-draft.ts"
import { emptyWorkspace } from "../../../renderer/stores/workspace.ts"
import { keyOfChoice, lookOf, type PreparingState } from "../../../renderer/views/rollout/prepare/use-preparing.ts"
import { neighbourOf } from "../../../renderer/views/rollout/tile-keys.ts"

const fleet = ["a", "b", "c", "d"].map((id) => ({ id }))

describe("what is asked for", () => {
	const chosen = { ...emptyDraft, folder: "/m", applianceIds: new Set(["c", "a", "b"]) }
	test("in the fleet's order, the canary first and as the first wave", () => {
		const request = requestOf(withCanary(chosen, ["c", "b"]), fleet)
		expect(request?.applianceIds).toEqual(["c", "b", "a"])
		expect(request?.policy.waves[0]).toEqual({ count: 2 })
		expect(rolloutRequestSchema.parse(request)).toEqual(request)
	})
	test("a canary is chosen, too; one that left the fleet, or was unchosen, is not asked for", () => {
		expect(requestOf(withCanary(chosen, ["d"]), fleet)?.applianceIds).toEqual(["d", "a", "b", "c"])
		expect(requestOf({ ...chosen, canary: ["gone", "d"] }, fleet)?.applianceIds).toEqual(["a", "b", "c"])
	})
	test("nothing while something is missing", () => {
		expect(requestOf({ ...chosen, folder: undefined }, fleet)).toBeUndefined()
		expect(requestOf({ ...chosen, pools: [] }, fleet)).toBeUndefined()
		expect(requestOf({ ...chosen, applianceIds: new Set(["gone"]) }, fleet)).toBeUndefined()
	})
	test("the canary taken back, or unchosen, the first wave is as it was chosen", () => {
		const draft = createRolloutDraft()
		draft.change({ folder: "/m", applianceIds: new Set(["a", "b", "c", "d"]) })
		draft.changePolicy({ waves: [{ percent: 50 }, { percent: 90 }] })
		const waves = () => requestOf(draft.store.getState(), fleet)?.policy.waves
		draft.setCanary(["b", "c", "d"])
		expect(waves()).toEqual([{ count: 3 }, { percent: 90 }])
		draft.change({ applianceIds: new Set(["a", "b", "c"]) })
		expect(waves()).toEqual([{ count: 2 }, { percent: 90 }])
		draft.setCanary([])
		expect(waves()).toEqual([{ percent: 50 }, { percent: 90 }])
	})
	test("cleared, only how many at once and the limits stay", () => {
		const draft = createRolloutDraft()
		draft.change({ folder: "/m", force: true })
		draft.setCanary(["c", "b"])
		const limits = { atOnce: 3, perJump: 2, budget: { wave: { count: 7 }, whole: {} } }
		draft.changePolicy({ ...limits, gate: { kind: "none" }, waves: [{ count: 12 }] })
		draft.clear()
		expect(draft.store.getState()).toEqual({ ...emptyDraft, policy: { ...emptyDraft.policy, ...limits } })
	})
})

test("what is chosen in the Run view is where a rollout begins, the published version too", () => {
	const published = { folder: "/library/m", version: "1.0.0" }
	const workspace = { ...emptyWorkspace, folder: "/versions/1/m", published, force: true }
	expect(choiceOfRun(workspace, ["b"])).toMatchObject({
		...{ folder: "/versions/1/m", published, force: true, allowDowngrade: false },
		applianceIds: new Set(["b"]),
	})
})

describe("whether what was looked at is what is chosen", () => {
	const choice = { folder: "/m", applianceIds: ["a"], force: false, allowDowngrade: false }
	const module = { name: "m", version: "1.0.0", digest: "1".repeat(64) }
	const whole = {
		...{ module, appliances: [], done: 1, ready: 1, files: [], left: 0, findings: [] },
		canary: { chosen: [], uncovered: [], isSmallest: true },
	}
	const seen: PreparingState = { state: "ended", choice: keyOfChoice(choice), done: 1, total: 1, keys: 0, whole }
	test.each([
		["current", {}, module.digest],
		["current", {}, undefined],
		["other-content", {}, "2".repeat(64)],
		["other-choice", { folder: "/n" }, module.digest],
		["other-choice", { applianceIds: ["a", "b"] }, module.digest],
		["other-choice", { pools: ["p"] }, module.digest],
		["other-choice", { force: true }, module.digest],
		["other-choice", { allowDowngrade: true }, module.digest],
	])("%s with %j", (look, change, digest) => expect(lookOf(seen, { ...choice, ...change }, digest)).toBe(look))
	test("nobody has looked", () => expect(lookOf(undefined, choice, undefined)).toBe("other-choice"))
})

describe("arrows over tiles in rows of three", () => {
	const tiles = Array.from({ length: 8 }, (_, index) => ({
		offsetTop: Math.floor(index / 3) * 25,
		offsetLeft: (index % 3) * 25,
	}))
	test.each([
		["ArrowRight", 2, 3],
		["ArrowRight", 7, undefined],
		["ArrowLeft", 0, undefined],
		["ArrowLeft", 3, 2],
		["ArrowDown", 1, 4],
		["ArrowDown", 5, 7],
		["ArrowDown", 7, undefined],
		["ArrowUp", 7, 4],
		["ArrowUp", 1, undefined],
		["Home", 5, 0],
		["End", 0, 7],
		["x", 3, undefined],
	])("%s from %i: %s", (key, at, next) => expect(neighbourOf(key, at, tiles)).toBe(next))
})
