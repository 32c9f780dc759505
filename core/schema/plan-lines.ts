import { type Finding, printFinding } from "./finding.ts"
import { plainText } from "./plain-text.ts"
import type { Plan, PlannedOperation, PlannedPool } from "./plan.ts"
import { makeSize, makeTable } from "./text-table.ts"
import { badLine, doubtLine, plainLine, strongLine, type ToneLine } from "./tone-line.ts"

/** Of one file's difference; all of it is in the plan itself. */
const MAX_DIFF_LINES = 40
/** A command is shown whole; no sensible one is longer. */
const MAX_COMMAND = 4000

const WOULD: Record<PlannedPool["would"], string> = {
	apply: "would be applied",
	unchanged: "stands applied at this version, nothing would run",
	skip: "would be skipped",
	"fail-preflight": "would fail before anything is touched",
}

/** A plan for a person: what would become of each file, every command in its order, doubts, and the room it takes. */
export function makePlanLines(plan: Plan): ToneLine[] {
	const { module, installedVersion, refusal } = plan
	const installed = installedVersion === undefined ? "never applied here" : `${installedVersion} stands here now`
	return [
		strongLine(plainText(`${module.name} ${module.version} (${installed})`)),
		...(refusal === undefined ? [] : [badLine(`a run would be refused: ${plainText(refusal)}`)]),
		...unsettledLines(plan),
		...plan.pools.flatMap(poolLines),
		...finalLines(plan.finalClosure),
		...findingLines(plan.findings),
		plainLine(""),
		...spaceLines(plan),
	]
}

/** What may stand there otherwise by the time a run begins. */
function unsettledLines({ running, interrupted }: Plan): ToneLine[] {
	const since = running && `${plainText(running.run)} is going on there since ${plainText(running.since)}`
	return [
		...(since ? [doubtLine(`warning: run ${since}: plan again when it has ended`)] : []),
		...interrupted.map((run) => doubtLine(`warning: run ${plainText(run)} was cut short: a run puts it back first`)),
	]
}

function poolLines(pool: PlannedPool): ToneLine[] {
	const head = `pool ${plainText(pool.pool)}: ${WOULD[pool.would]}`
	const isBlocked = pool.would === "fail-preflight"
	const runs = isBlocked || pool.would === "apply"
	return [
		plainLine(""),
		isBlocked ? badLine(head) : strongLine(head),
		...(pool.description ? [plainLine(`  ${plainText(pool.description)}`)] : []),
		...makeTable(pool.operations.map(operationCells), "  ").map(plainLine),
		...pool.operations.flatMap(faultLines),
		...pool.operations.flatMap(diffLines),
		...(runs ? commandLines(pool) : []),
		...pool.warnings.map((warning) => doubtLine(`  warning: ${plainText(warning)}`)),
	]
}

function operationCells(operation: PlannedOperation): string[] {
	const { change, destination } = operation
	return [change, plainText(destination), sizeWords(operation), remarks(operation).join(", ")]
}

function sizeWords({ change, sizeBefore, sizeAfter }: PlannedOperation): string {
	if (change === "remove") return sizeBefore === undefined ? "" : makeSize(sizeBefore)
	const isOne = sizeBefore === undefined || change === "unchanged" || change === "mode-only"
	return isOne ? makeSize(sizeAfter) : `${makeSize(sizeBefore)} -> ${makeSize(sizeAfter)}`
}

function remarks({ change, linkTo, makes, drift, writtenBy, permissions }: PlannedOperation): string[] {
	return [
		...(permissions === undefined ? [] : [plainText(`${permissions.before} -> ${permissions.after}`)]),
		...(writtenBy === undefined ? [] : [`after pool ${plainText(writtenBy)}`]),
		...(linkTo === undefined ? [] : [`a link to ${plainText(linkTo)}`]),
		...(makes.length > 0 ? [`makes ${makes.map((folder) => plainText(folder)).join(", ")}`] : []),
		...(drift === "changed" ? ["changed since we wrote it"] : []),
		...(drift === "never-ours" && change !== "unchanged" ? ["not written by us so far"] : []),
		...(change === "restore-original" ? ["the customer's original comes back"] : []),
		...(change === "remove" ? ["there was none before us"] : []),
	]
}

function faultLines({ destination, faults }: PlannedOperation): ToneLine[] {
	return faults.map((fault) => badLine(`  fault: ${plainText(destination)}: ${plainText(fault)}`))
}

function diffLines({ diff }: PlannedOperation): ToneLine[] {
	if (!diff) return []
	const lines = diff.replace(/\n$/, "").split("\n", MAX_DIFF_LINES + 1)
	const shown = lines.slice(0, MAX_DIFF_LINES).map((line) => plainLine(`    ${plainText(line)}`))
	return lines.length > MAX_DIFF_LINES ? [...shown, plainLine("    … more lines differ: --json gives them all")] : shown
}

/** Checks, closure, checks again. */
function commandLines({ checks, closure, confirmSeconds }: PlannedPool): ToneLine[] {
	const wait = `put back unless the desktop confirms within ${confirmSeconds} s`
	return [
		...listLines("check", checks),
		...listLines("closure", closure),
		...listLines("check", checks),
		...(confirmSeconds === undefined ? [] : [plainLine(`  confirm  ${wait}`)]),
	]
}

function finalLines(commands: string[]): ToneLine[] {
	if (commands.length === 0) return []
	return [plainLine(""), plainLine("then, when every pool stands applied:"), ...listLines("final", commands)]
}

function listLines(name: string, commands: string[]): ToneLine[] {
	return commands.map((command) => plainLine(`  ${name.padEnd(7)}  ${plainText(command, MAX_COMMAND)}`))
}

function findingLines(findings: Finding[]): ToneLine[] {
	if (findings.length === 0) return []
	return [
		plainLine(""),
		...findings.map((finding) => doubtLine(`warning: ${plainText(printFinding(finding), MAX_COMMAND)}`)),
	]
}

function spaceLines({ space, spaces }: Plan): ToneLine[] {
	const each = spaces.length > 0 ? spaces : [{ ...space, folder: undefined }]
	return each.map(({ folder, neededBytes, freeBytes }) => {
		const where = folder === undefined ? "" : ` on the disk of ${plainText(folder)}`
		const text = `needs ${makeSize(neededBytes)}${where}, ${makeSize(freeBytes)} are free`
		return neededBytes > freeBytes ? badLine(text) : plainLine(text)
	})
}
