import { expect, test } from "vitest"
import { findNext } from "../../../../../core/fleet/rollout/find-next.ts"
import { type RolloutEvent, type RunEnd, step, type UndoEnd } from "../../../../../core/fleet/rollout/step.ts"
import { makeWaves } from "../../../../../core/fleet/rollout/waves.ts"
import type { Pause, Rollout, RolloutPolicy } from "../../../../../core/schema/rollout.ts"
import { budgetWords, limitOf } from "../../../../../core/schema/rollout-words.ts"
import { makeRollout, standingsOf, statusOf } from "./rollouts.ts"

const failure = { code: "connection-lost", data: { reason: "no answer", began: "no" } } as const

/**
 * `go`: whatever may start is started. `a:applied`, `a:failed` ...: how the run of `a` ends; `a:gone`: not reached;
 * `a:unasked`: never asked; `a:cut`, `a:found`: nothing is heard of it any more, and again. `+90`: seconds pass. Else a person's word, `skip:a`, or `undone:a`, `stuck:a`,
 * `away:a`, `worse:a`, `cut:a`, `unasked:a` for the undoing under way. `go-on@1`, `go-on@1/failures`: said where it was shown so.
 */
function play(rollout: Rollout, story: string): Rollout {
	let now = rollout
	let at = 0
	const take = (event: RolloutEvent) => {
		now = step(now, event, at)
	}
	for (const word of story.split(" ")) {
		const [what = "", detail = ""] = word.split(":")
		if (word === "go") {
			const { start, undo } = findNext(now, at)
			take({ type: "started", runs: start.map((applianceId) => ({ applianceId, run: `run-${applianceId}-${at}` })) })
			take({ type: "undo-started", runs: undo.map((one) => ({ ...one, run: `undo-${one.applianceId}-${one.pool}` })) })
		} else if (word.startsWith("+")) {
			at += Number(word.slice(1)) * 1000
			take({ type: "tick" })
		} else if (what === "skip" || what === "removed") take({ type: what, applianceIds: [detail] })
		else if (what in undoEnds || what === "cut") {
			const pools = now.targets.find(({ applianceId }) => applianceId === detail)?.applied ?? []
			const run = pools.flatMap(({ undo }) => (undo && "run" in undo ? (undo.run ?? []) : []))[0]
			if (run === undefined) throw new Error(`nothing is undone on ${detail}`)
			const end = undoEnds[what]
			take(end ? { type: "undo-ended", run, end } : { type: "lost", run, failure })
		} else if (what.startsWith("go-on@")) {
			const [wave, why] = what.slice("go-on@".length).split("/")
			take({ type: "go-on", at: { wave: Number(wave), ...(why && { why: why as Pause }) } })
		} else if (word === "amiss") take({ type: "stuck", failure })
		else if (detail) {
			const standing = now.targets.find(({ applianceId }) => applianceId === what)?.standing
			if (!standing || !("run" in standing) || standing.run === undefined) throw new Error(`nothing runs on ${what}`)
			const { run } = standing
			if (detail === "cut") take({ type: "lost", run, failure })
			else if (detail === "found") take({ type: "found", run })
			else take({ type: "run-ended", run, end: endOf(detail, run) })
		} else take({ type: word as "pause" })
	}
	return now
}

const undoEnds: Record<string, UndoEnd> = {
	undone: { state: "undone" },
	stuck: { state: "failed" },
	worse: { state: "failed", isDegraded: true },
	away: { state: "unreachable", failure },
	unasked: { state: "not-asked" },
}

function endOf(word: string, run: string): RunEnd {
	if (word === "gone") return { state: "unreachable", failure }
	if (word === "unasked") return { state: "not-asked" }
	const outcome = word as "applied"
	return { state: "ended", outcome, applied: outcome === "applied" ? ["p1", "p2"].map((pool) => ({ pool, run })) : [] }
}

const none = { wave: {}, whole: {} }

/** Waves | changes of the policy | what happens | status | how everybody stands. */
const rows: [number[], Partial<RolloutPolicy>, string, string, string][] = [
	// Waves.
	[[0, 1, 1], {}, "go", "running", "a:started b:waiting c:waiting"],
	[[0, 1, 1], {}, "go a:applied", "running", "a:ended/applied b:waiting c:waiting"],
	[[0, 1, 1], {}, "go a:applied go b:applied", "running", "a:ended/applied b:ended/applied c:started"],
	[
		[0, 1, 1],
		{},
		"go a:unchanged go b:applied c:applied",
		"finished",
		"a:ended/unchanged b:ended/applied c:ended/applied",
	],
	[[0, 0, 0], { atOnce: 2 }, "go", "running", "a:started b:started c:waiting"],
	[[0, 0], {}, "go a:unasked", "running", "a:waiting b:started"],
	// Gates.
	[[0, 1], { gate: { kind: "person" } }, "go a:applied go", "gate", "a:ended/applied b:waiting"],
	[[0, 1], { gate: { kind: "person" } }, "go a:applied go-on go", "running", "a:ended/applied b:started"],
	[[0, 1], { gate: { kind: "soak", seconds: 60 } }, "go a:applied +59 go", "gate", "a:ended/applied b:waiting"],
	[[0, 1], { gate: { kind: "soak", seconds: 60 } }, "go a:applied +60 go", "running", "a:ended/applied b:started"],
	[[0, 1], { gate: { kind: "soak", seconds: 60 } }, "go a:applied go-on go", "running", "a:ended/applied b:started"],
	[[0, 0], { gate: { kind: "person" } }, "go a:applied b:applied", "finished", "a:ended/applied b:ended/applied"],
	// Whoever is tried once more at a gate changes nothing of it.
	[
		[0, 0, 1],
		{ gate: { kind: "soak", seconds: 90 } },
		"go a:gone b:applied +60 go a:gone +29 go",
		"gate",
		"a:pending b:ended/applied c:waiting",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "soak", seconds: 90 } },
		"go a:gone b:applied +60 go a:gone +30 go",
		"running",
		"a:pending b:ended/applied c:started",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "soak", seconds: 90 } },
		"go a:gone b:applied +60 retry go a:gone +30 go",
		"running",
		"a:pending b:ended/applied c:started",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "person" } },
		"go a:gone b:applied +60 go go-on retry a:gone go",
		"running",
		"a:pending b:ended/applied c:started",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "person" } },
		"go a:gone b:applied +60 go a:gone go",
		"gate",
		"a:pending b:ended/applied c:waiting",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "person" } },
		"go a:gone b:applied +60 go go-on go",
		"running",
		"a:started b:ended/applied c:started",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "person" } },
		"go a:cut b:applied a:found go-on go",
		"running",
		"a:started b:ended/applied c:waiting",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "person" } },
		"go a:cut b:applied a:found go-on a:gone go",
		"running",
		"a:pending b:ended/applied c:started",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "person" } },
		"go a:cut b:applied a:found go-on a:applied go",
		"running",
		"a:ended/applied b:ended/applied c:started",
	],
	// Budgets.
	[[0, 1], {}, "go a:failed go", "paused/failures", "a:ended/failed b:waiting"],
	[[0, 1], {}, "go a:failed go-on go", "running", "a:ended/failed b:started"],
	[[0, 1, 2], {}, "go a:failed go-on go b:failed go", "paused/failures", "a:ended/failed b:ended/failed c:waiting"],
	[
		[0, 0, 0],
		{ budget: { wave: { count: 2 }, whole: {} }, atOnce: 2 },
		"go a:failed go b:applied c:failed",
		"paused/failures",
		"a:ended/failed b:ended/applied c:ended/failed",
	],
	[
		[0, 0, 0, 0],
		{ budget: { wave: {}, whole: { percent: 50 } }, atOnce: 1 },
		"go a:failed go b:failed go",
		"paused/failures",
		"a:ended/failed b:ended/failed c:waiting d:waiting",
	],
	[[0, 1], { budget: { wave: {}, whole: {} } }, "go a:degraded go", "paused/degraded", "a:ended/degraded b:waiting"],
	[[0, 0], {}, "go a:failed b:applied", "paused/failures", "a:ended/failed b:ended/applied"],
	// Not reached.
	[[0, 1], {}, "go a:gone go", "gate", "a:pending b:waiting"],
	[[0, 1], {}, "skip:a go", "gate", "a:skipped b:waiting"],
	[[0, 1], {}, "go a:gone go-on go b:applied", "running", "a:pending b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +59 go", "running", "a:pending b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +60 go", "running", "a:started b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +60 go a:applied", "finished", "a:ended/applied b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +600", "finished", "a:expired b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +60 go a:gone +540", "finished", "a:expired b:ended/applied"],
	[
		[0, 0, 1],
		{ unreachable: { budget: { count: 2 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:gone b:gone go",
		"paused/unreachable",
		"a:pending b:pending c:waiting",
	],
	// People.
	[[0, 0], { atOnce: 1 }, "go pause a:applied go", "paused/person", "a:ended/applied b:waiting"],
	[[0, 0], { atOnce: 1 }, "go pause a:applied go-on go", "running", "a:ended/applied b:started"],
	[[0, 0], { atOnce: 1 }, "go halt a:applied go go-on go", "halted", "a:ended/applied b:waiting"],
	[[0, 0], { atOnce: 1 }, "go halt a:applied retry go", "running", "a:ended/applied b:started"],
	[[0, 0], {}, "skip:b go a:applied", "finished", "a:ended/applied b:skipped"],
	[[0, 0], {}, "go skip:b", "running", "a:started b:started"],
	[[0, 0], {}, "go a:applied b:failed retry go", "running", "a:ended/applied b:started"],
	[[0, 0], {}, "go a:degraded b:failed retry go", "paused/degraded", "a:ended/degraded b:waiting"],
	[[0, 0], {}, "go a:degraded b:failed retry go-on go", "running", "a:ended/degraded b:started"],
	// Accepted as absent is not accepted as broken.
	[
		[0, 0, 1],
		{ unreachable: { budget: { count: 1 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:gone b:applied go-on go c:applied +60 go a:degraded",
		"paused/degraded",
		"a:ended/degraded b:ended/applied c:ended/applied",
	],
	[[0, 0], {}, "go a:gone b:applied +600 retry go", "running", "a:started b:ended/applied"],
	// Undoing.
	[[0, 0], {}, "go a:applied b:unchanged undo go undone:a", "undoing", "a:ended/applied b:ended/unchanged"],
	[[0, 0], {}, "go a:applied b:unchanged undo go undone:a go undone:a", "undone", "a:ended/applied b:ended/unchanged"],
	[[0, 0], { atOnce: 1 }, "go undo", "undoing", "a:started b:waiting"],
	[[0, 0], { atOnce: 1 }, "go undo a:applied go undone:a go undone:a", "undone", "a:ended/applied b:waiting"],
	[[0, 0], { atOnce: 1 }, "go undo a:failed", "undone", "a:ended/failed b:waiting"],
	[
		[0, 0],
		{ budget: { wave: {}, whole: { count: 1 } } },
		"go a:applied b:applied undo go stuck:a",
		"undo-paused/failures",
		"a:ended/applied b:ended/applied",
	],
	[[0], {}, "go a:applied undo go stuck:a retry go undone:a go undone:a", "undone", "a:ended/applied"],
	[[0], { budget: none }, "go a:applied undo go worse:a", "undo-paused/degraded", "a:ended/applied"],
	[[0], {}, "go a:applied undo go away:a go", "undoing/pending", "a:ended/applied"],
	[[0], {}, "go a:applied undo go away:a +60 go", "undoing/started", "a:ended/applied"],
	[[0], { budget: none }, "go a:applied undo go away:a +600 go", "undone/failed", "a:ended/applied"],
	[[0], {}, "go a:applied undo go unasked:a go", "undoing/started", "a:ended/applied"],
	[[0], {}, "go a:applied undo go cut:a go", "undoing/lost", "a:ended/applied"],
	[[0], { budget: none }, "go a:applied undo go cut:a +600", "undone/failed", "a:ended/applied"],
	[[0], { budget: none }, "go a:applied undo go cut:a +600 undone:a", "undoing", "a:ended/applied"],
	[[0], { budget: none }, "go a:applied undo go cut:a +600 retry go", "undoing/lost", "a:ended/applied"],
	// Nothing is heard any more: absent, not failed; nobody else waits for it, and its slot is free.
	[[0, 0], { atOnce: 1 }, "go a:cut go", "running", "a:lost b:started"],
	[[0, 0], {}, "go a:cut a:found", "running", "a:started b:started"],
	[[0, 0], {}, "go a:cut b:applied a:applied", "finished", "a:ended/applied b:ended/applied"],
	[[0, 0], {}, "go a:cut b:applied +600", "finished", "a:expired b:ended/applied"],
	[[0, 0], {}, "go a:cut b:applied +600 a:degraded", "finished", "a:ended/degraded b:ended/applied"],
	[[0, 0], {}, "go a:cut b:applied +600 retry go", "running", "a:lost b:ended/applied"],
	[[0, 0], {}, "go a:cut b:applied +600 a:gone", "finished", "a:expired b:ended/applied"],
	[[0, 0], {}, "go a:cut b:applied +600 a:gone retry go", "running", "a:started b:ended/applied"],
	[[0, 0], {}, "go a:cut b:applied skip:a", "finished", "a:expired b:ended/applied"],
	[[0, 0], {}, "go a:cut b:unchanged undo go", "undoing", "a:lost b:ended/unchanged"],
	[[0, 0], {}, "go a:cut b:unchanged undo skip:a", "undone", "a:expired b:ended/unchanged"],
	[[0, 0], {}, "go a:cut b:unchanged undo skip:a a:applied go", "undoing/started", "a:ended/applied b:ended/unchanged"],
	[
		[0, 0, 1],
		{ unreachable: { budget: { count: 1 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:cut b:applied go",
		"paused/unreachable",
		"a:lost b:ended/applied c:waiting",
	],
	// Tried again at a gate too: what it waits for may be them.
	[[0, 1], {}, "go a:gone +60 go", "gate", "a:started b:waiting"],
	[[0, 1], {}, "go a:gone +60 go a:applied go", "running", "a:ended/applied b:started"],
	[[0, 1], {}, "go a:gone retry go", "gate", "a:started b:waiting"],
	[[0, 1], {}, "go a:gone +60 go pause a:gone go-on go", "gate", "a:pending b:waiting"],
	[[0, 1], {}, "go a:gone +60 go a:gone go", "gate", "a:pending b:waiting"],
	[
		[0, 0, 1],
		{ gate: { kind: "soak", seconds: 300 } },
		"go a:gone b:applied +60 go a:applied +240 go",
		"gate",
		"a:ended/applied b:ended/applied c:waiting",
	],
	// The clock is set back: nobody waits longer than he should.
	[[0, 0], {}, "+9000 go a:gone b:applied +-8000 go", "running", "a:started b:ended/applied"],
	[
		[0, 1],
		{ gate: { kind: "soak", seconds: 60 } },
		"+9000 go a:applied +-8000 +60 go",
		"running",
		"a:ended/applied b:started",
	],
	// What is not known is looked for before anything below it is put back.
	[[0, 0], {}, "go a:cut b:applied +600 undo go", "undoing/started", "a:lost b:ended/applied"],
	// A degraded appliance is no matter for a retry.
	[[0], { budget: none }, "go a:applied undo go worse:a retry go", "undo-paused/degraded", "a:ended/applied"],
	// Something is amiss here, and with no appliance.
	[[0, 0], {}, "go a:unasked amiss go", "paused/desktop", "a:waiting b:started"],
	[[0, 0], {}, "go a:unasked amiss go-on go", "running", "a:started b:started"],
	[[0], {}, "go a:applied undo amiss go", "undo-paused/desktop", "a:ended/applied"],
	// One that was given up and accepted, and ended after all.
	[
		[0, 0],
		{ budget: { wave: {}, whole: { count: 1 } } },
		"go a:applied b:applied undo go cut:a +600 go-on",
		"undoing/failed",
		"a:ended/applied b:ended/applied",
	],
	[
		[0, 0],
		{ budget: { wave: {}, whole: { count: 1 } } },
		"go a:applied b:applied undo go cut:a +600 go-on worse:a",
		"undo-paused/degraded",
		"a:ended/applied b:ended/applied",
	],
	// Too many that cannot be reached: to try again accepts that for now.
	[
		[0, 0],
		{ unreachable: { budget: { count: 1 }, retrySeconds: 60, expireSeconds: 600 }, atOnce: 1 },
		"go a:gone go",
		"paused/unreachable",
		"a:pending b:waiting",
	],
	[
		[0, 0],
		{ unreachable: { budget: { count: 1 }, retrySeconds: 60, expireSeconds: 600 }, atOnce: 1 },
		"go a:gone retry go",
		"running",
		"a:pending b:started",
	],
	[
		[0, 0],
		{ unreachable: { budget: { count: 1 }, retrySeconds: 60, expireSeconds: 600 }, atOnce: 1 },
		"go a:gone retry go b:applied go a:gone go",
		"running",
		"a:pending b:ended/applied",
	],
	// Of two who say at one gate that it may go on only the first passes it, and nobody passes a stop that he has not seen.
	[[0, 1], { gate: { kind: "person" } }, "go a:applied go-on@0 go", "running", "a:ended/applied b:started"],
	[
		[0, 1, 2],
		{ gate: { kind: "person" } },
		"go a:applied go-on@0 go b:applied go-on@0 go",
		"gate",
		"a:ended/applied b:ended/applied c:waiting",
	],
	[[0, 1], {}, "go a:failed go-on@0 go", "paused/failures", "a:ended/failed b:waiting"],
	[[0, 1], {}, "go a:failed go-on@0/person go", "paused/failures", "a:ended/failed b:waiting"],
	[[0, 1], {}, "go a:failed go-on@0/failures go", "running", "a:ended/failed b:started"],
	[
		[0, 0, 1],
		{ gate: { kind: "person" } },
		"go a:cut b:applied a:found go-on@0 a:gone go",
		"running",
		"a:pending b:ended/applied c:started",
	],
	// Nobody waits for those who are tried again: they get the room that is left, and hold up neither wave nor gate.
	[[0, 0, 0], { atOnce: 1 }, "go a:gone go b:applied +60 go", "running", "a:pending b:ended/applied c:started"],
	[
		[0, 0, 0],
		{ atOnce: 2 },
		"go a:gone go b:applied +60 go c:applied",
		"running",
		"a:started b:ended/applied c:ended/applied",
	],
	[[0, 0, 1], { atOnce: 1 }, "go a:gone go +60 b:applied go", "running", "a:pending b:ended/applied c:started"],
	[
		[0, 0, 1, 2],
		{ atOnce: 3 },
		"go a:gone b:applied go +60 go c:applied go",
		"running",
		"a:started b:ended/applied c:ended/applied d:started",
	],
	[
		[0, 0, 0, 1],
		{ gate: { kind: "soak", seconds: 90 } },
		"go a:gone b:applied +60 go c:applied +90 go",
		"running",
		"a:started b:ended/applied c:ended/applied d:started",
	],
	// One that is tried again is absent until it is heard of.
	[
		[0, 0, 0, 1],
		{ unreachable: { budget: { count: 2 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:gone b:applied +60 go c:gone",
		"paused/unreachable",
		"a:started b:ended/applied c:pending d:waiting",
	],
	[[0, 0], {}, "removed:b go a:applied", "finished", "a:ended/applied b:skipped"],
	// Heard of, it is waited for as any other: its wave has not ended.
	[[0, 0, 1], {}, "go a:gone b:applied +60 go a:found +90 go", "running", "a:started b:ended/applied c:started"],
	[
		[0, 0, 1],
		{ gate: { kind: "soak", seconds: 90 } },
		"go a:gone b:applied +60 go a:found +90 go",
		"running",
		"a:started b:ended/applied c:waiting",
	],
	[
		[0, 0, 1],
		{ gate: { kind: "soak", seconds: 90 } },
		"go a:gone b:applied +60 go a:found a:failed +90 go",
		"paused/failures",
		"a:ended/failed b:ended/applied c:waiting",
	],
	[
		[0, 0, 0],
		{ unreachable: { budget: { count: 2 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:gone +60 go a:found b:gone",
		"running",
		"a:started b:pending c:started",
	],
	// Nobody made the attempt: it is due at once, and its patience is as it was.
	[[0, 0], {}, "go a:gone b:applied +60 go a:unasked", "running", "a:pending b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +60 go a:unasked go", "running", "a:started b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +60 go a:unasked +540", "finished", "a:expired b:ended/applied"],
	[[0], {}, "go a:applied undo go away:a +60 go unasked:a +540", "undone/failed", "a:ended/applied"],
	// Left out while it is tried: given up with that attempt, unless it is heard of.
	[[0, 0], {}, "go a:gone b:applied +60 go skip:a", "running", "a:started b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +60 go skip:a a:gone", "finished", "a:expired b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +60 go skip:a a:unasked", "finished", "a:expired b:ended/applied"],
	[[0, 0], {}, "go a:gone b:applied +60 go skip:a a:found a:applied", "finished", "a:ended/applied b:ended/applied"],
	// Something amiss on the desktop stops it at a gate too: whoever was away is begun there.
	[[0, 1], { gate: { kind: "person" } }, "go a:applied amiss", "paused/desktop", "a:ended/applied b:waiting"],
	// A soak begins again for whoever of its own wave comes to an end, not for one of the waves before.
	[
		[0, 0, 1, 2],
		{ gate: { kind: "soak", seconds: 90 } },
		"go a:gone b:applied +90 go c:applied +60 a:applied +30 go",
		"running",
		"a:ended/applied b:ended/applied c:ended/applied d:started",
	],
	// A retry asks for nothing that was accepted already: whoever is away stays borne, in whichever way it stopped.
	[
		[0, 0, 0, 1],
		{ unreachable: { budget: { count: 2 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:gone b:gone go-on c:failed retry go",
		"running",
		"a:started b:started c:started d:waiting",
	],
	[
		[0, 0, 0, 1],
		{ unreachable: { budget: { count: 2 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:gone b:gone go-on c:failed halt retry go",
		"running",
		"a:started b:started c:started d:waiting",
	],
	[
		[0, 0, 0, 1],
		{ gate: { kind: "person" }, unreachable: { budget: { count: 2 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:gone b:gone go-on c:applied retry",
		"gate",
		"a:pending b:pending c:ended/applied d:waiting",
	],
	[
		[0, 0, 0],
		{ unreachable: { budget: { count: 2 }, retrySeconds: 60, expireSeconds: 600 } },
		"go a:cut b:cut go-on c:failed +600 retry go",
		"running",
		"a:lost b:lost c:started",
	],
]

test.each(rows)("waves %j %j: %s -> %s", (waves, changes, story, status, standings) => {
	const end = play(makeRollout(waves, changes), story)
	expect([statusOf(end), standingsOf(end)]).toEqual([status, standings])
})

test("what was applied is put back in the same waves: nobody of the next before the one before is done, stuck or away", () => {
	const nextOf = (story: string, at = 0) => {
		const end = play(
			makeRollout([0, 1, 1], { budget: none }),
			`go a:applied go b:applied c:applied undo ${story}`.trim(),
		)
		return findNext(end, at).undo.map(({ applianceId, pool }) => `${applianceId} ${pool}`)
	}
	expect(nextOf("")).toEqual(["a p2"])
	expect(nextOf("go")).toEqual([])
	expect(nextOf("go undone:a")).toEqual(["a p1"])
	expect(nextOf("go undone:a go undone:a")).toEqual(["b p2", "c p2"])
	expect(nextOf("go stuck:a")).toEqual(["b p2", "c p2"])
	expect(nextOf("go away:a")).toEqual(["b p2", "c p2"])
	expect(nextOf("go cut:a")).toEqual(["b p2", "c p2"])
	// Whoever is away is tried again after the others, and they do not wait for it.
	expect(nextOf("go away:a", 60_000)).toEqual(["b p2", "c p2", "a p2"])
	expect(nextOf("go away:a +60 go", 60_000)).toEqual([])
	expect(nextOf("go away:a +60 go undone:b", 60_000)).toEqual(["b p1"])
})

test("the pool that was applied last is put back first, one at a time", () => {
	const end = play(makeRollout([0]), "go a:applied undo")
	expect(findNext(end, 0).undo).toEqual([{ applianceId: "a", pool: "p2", run: "run-a-0" }])
	const next = play(end, "go undone:a")
	expect(findNext(next, 0).undo).toEqual([{ applianceId: "a", pool: "p1", run: "run-a-0" }])
})

test("a pool that was applied once more, on what the run before had written, is undone twice", () => {
	let end = play(makeRollout([0]), "go a:failed")
	end = step(end, { type: "retry" }, 0)
	for (const run of ["r1", "r2"]) {
		end = step(end, { type: "started", runs: [{ applianceId: "a", run }] }, 0)
		end = step(
			end,
			{ type: "run-ended", run, end: { state: "ended", outcome: "failed", applied: [{ pool: "p1", run }] } },
			0,
		)
		end = step(end, { type: "retry" }, 0)
	}
	end = step(end, { type: "undo" }, 0)
	expect(findNext(end, 0).undo).toEqual([{ applianceId: "a", pool: "p1", run: "r2" }])
	end = play(end, "go undone:a")
	expect(findNext(end, 0).undo).toEqual([{ applianceId: "a", pool: "p1", run: "r1" }])
	expect(statusOf(play(end, "go undone:a"))).toBe("undone")
})

test.each([
	[[{ count: 1 }, { percent: 5 }, { percent: 20 }], 100, [1, 5, 20, 74]],
	[[{ count: 1 }, { percent: 5 }], 3, [1, 1, 1]],
	[[{ count: 5 }], 3, [3]],
	[[], 3, [3]],
	[[{ percent: 100 }, { count: 2 }], 4, [4]],
] as const)("waves of %j over %i appliances", (sizes, total, counts) => {
	const waves = makeWaves(sizes, total)
	expect([...new Set(waves)].map((wave) => waves.filter((one) => one === wave).length)).toEqual(counts)
	expect(waves).toEqual([...waves].sort((a, b) => a - b))
})

test.each([
	[{ count: 3, percent: 5 }, 40, 2, "stop after 3 failures or 5 % (2 of 40), whichever comes first"],
	[{ count: 3, percent: 5 }, 400, 3, "stop after 3 failures or 5 % (20 of 400), whichever comes first"],
	[{ percent: 5 }, 4, 1, "stop after 5 % (1 of 4)"],
	[{ count: 3 }, 4, 3, "stop after 3 failures"],
	[{}, 4, Number.POSITIVE_INFINITY, "never stop for failures"],
])("a budget of %j over %i appliances", (budget, total, limit, words) => {
	expect([limitOf(budget, total), budgetWords(budget, total, "failures")]).toEqual([limit, words])
})

test("it looks again when an appliance is due, given up, or a soak ends", () => {
	const wakeOf = (waves: number[], changes: Partial<RolloutPolicy>, story: string) =>
		findNext(play(makeRollout(waves, changes), story), 0).wakeAt
	expect(wakeOf([0], {}, "go")).toBeUndefined()
	expect(wakeOf([0], {}, "go a:gone")).toBe(60_000)
	expect(wakeOf([0], {}, "go a:gone pause")).toBe(600_000)
	expect(wakeOf([0, 1], { gate: { kind: "soak", seconds: 30 } }, "go a:applied")).toBe(30_000)
})

test("events that do not fit change nothing", () => {
	const begun = step(makeRollout([0, 0, 1]), { type: "started", runs: [{ applianceId: "a", run: "r1" }] }, 0)
	const skipped = step(begun, { type: "skip", applianceIds: ["a", "b"] }, 0)
	expect(standingsOf(skipped)).toBe("a:started b:skipped c:waiting")
	const runs = ["a", "b"].map((applianceId) => ({ applianceId, run: "r2" }))
	const again = step(skipped, { type: "started", runs }, 0)
	expect(again.targets).toEqual(skipped.targets)
	const end = { state: "ended", outcome: "applied", applied: [] } as const
	const other = step(again, { type: "run-ended", run: "r2", end: { ...end, applied: [] } }, 0)
	expect(other.targets).toEqual(skipped.targets)
	expect(step(other, { type: "undo-started", runs: [{ applianceId: "a", pool: "p1", run: "u" }] }, 0)).toEqual(other)
})

test("going on with an undoing accepts what could not be put back, not what had failed before", () => {
	const begun = makeRollout([0, 0], { budget: none })
	const [a, b] = begun.targets
	const rollout: Rollout = {
		...begun,
		targets: [
			{
				...(a as Rollout["targets"][number]),
				standing: { state: "ended", run: "run-a", outcome: "failed" },
				applied: [{ pool: "p1", run: "on-a" }],
			},
			b as Rollout["targets"][number],
		],
	}
	expect(statusOf(play(rollout, "undo pause go-on go worse:a"))).toBe("undo-paused/degraded")
})
