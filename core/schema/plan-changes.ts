import type { OperationFacts, PlanFacts, PoolFacts } from "./plan-facts.ts"

/**
 * What is another way than it was looked at, file by file, in words of one line each. Empty where both are one decision.
 */
export function listPlanChanges(before: PlanFacts, now: PlanFacts): string[] {
	const changes = [
		...(before.digest === now.digest && before.module === now.module ? [] : ["the module itself was changed"]),
		...(isSame(before.wish, now.wish) ? [] : ["other pools or options were asked for"]),
		...(before.installed === now.installed
			? []
			: [`the appliance has ${now.installed ?? "no version"}, and had ${before.installed ?? "none"} then`]),
		...refusalChanges(before.refusal, now.refusal),
		...now.interrupted
			.filter((run) => !before.interrupted.includes(run))
			.map((run) => `run ${run} was cut short there`),
		...pairs(before.pools, now.pools, ({ pool }) => pool).flatMap(([old, fresh]) => poolChanges(old, fresh)),
		...(isSame(before.finalClosure, now.finalClosure) ? [] : ["the final closure has other commands"]),
		...(isSame(before.findings, now.findings) ? [] : ["the warnings about the module are others"]),
	]
	return changes.length === 0 && !isSame(before, now) ? ["other details of the plan"] : changes
}

function refusalChanges(before: string | null, now: string | null): string[] {
	if (before === now) return []
	return [now === null ? "a run is not refused any more" : `a run would be refused: ${now}`]
}

function poolChanges(before: PoolFacts | undefined, now: PoolFacts | undefined): string[] {
	if (!before) return [`pool ${now?.pool} is new`]
	if (!now) return [`pool ${before.pool} is not there any more`]
	const files = pairs(before.operations, now.operations, ({ destination }) => destination)
	return [
		...(before.would === now.would ? [] : [`pool ${now.pool}: ${WOULD[now.would]}, ${WOULD[before.would]} then`]),
		...files.flatMap(([old, fresh]) => fileChange(old, fresh)),
		...(isSame([before.commands, before.seconds], [now.commands, now.seconds])
			? []
			: [`pool ${now.pool} has other commands or time limits`]),
		...(isSame(before.warnings, now.warnings) ? [] : [`the warnings about pool ${now.pool} are others`]),
	]
}

const WOULD: Record<PoolFacts["would"], string> = {
	apply: "would be applied",
	unchanged: "stands applied",
	skip: "would be skipped",
	"fail-preflight": "would fail before anything is touched",
}

function fileChange(before: OperationFacts | undefined, now: OperationFacts | undefined): string[] {
	if (!before) return [`${now?.destination} would be written as well`]
	if (!now) return [`${before.destination} would not be written any more`]
	if (isSame(before, now)) return []
	const { destination } = now
	// What an earlier pool leaves is said of that one.
	if (now.writtenBy === null && before.before !== now.before) return [`${destination} ${becameOf(before, now)}`]
	if (before.change !== now.change) return [`${destination}: ${now.change}, ${before.change} then`]
	if (!isSame(before.faults, now.faults)) return [`${destination}: ${now.faults.join(", ") || "can be written now"}`]
	if (!isSame(before.permissions, now.permissions)) return [`${destination} has other permissions on the appliance`]
	if (before.linkTo !== now.linkTo) return [`${destination} leads to ${now.linkTo ?? "no other file"} now`]
	if (!isSame(before.makes, now.makes)) return [`${destination}: other folders are made for it`]
	return [`${destination} stands otherwise than it did`]
}

function becameOf(before: OperationFacts, now: OperationFacts): string {
	if (now.before === null) return now.drift === "missing" ? "was removed on the appliance" : "cannot be read any more"
	return before.drift === "missing" ? "was made on the appliance" : "was changed on the appliance"
}

/** Those of the same name beside each other, in their new order; those that are gone last. */
function pairs<T>(before: T[], now: T[], nameOf: (one: T) => string): [T | undefined, T | undefined][] {
	const old = new Map(before.map((one) => [nameOf(one), one]))
	const names = new Set(now.map(nameOf))
	const gone = before.filter((one) => !names.has(nameOf(one)))
	return [
		...now.map((one): [T | undefined, T] => [old.get(nameOf(one)), one]),
		...gone.map((one): [T, undefined] => [one, undefined]),
	]
}

function isSame(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b)
}
