import { plainText } from "../../schema/plain-text.ts"
import type { Plan, PlannedOperation, PlannedPool } from "../../schema/plan.ts"
import { makeSize, makeTable } from "./table.ts"

const WOULD: Record<PlannedPool["would"], string> = {
	apply: "would be applied",
	unchanged: "stands applied at this version, nothing would run",
	skip: "would be skipped",
	"fail-preflight": "would fail before anything is touched",
}

/** A plan for a person: what would become of each file, and every command in its order. */
export function printPlan(plan: Plan): string[] {
	const { module, installedVersion, refusal, space } = plan
	const installed = installedVersion ? `${installedVersion} stands here now` : "never applied here"
	return [
		`${module.name} ${module.version} (${installed})`,
		...(refusal ? [`a run would be refused: ${plainText(refusal)}`] : []),
		...plan.pools.flatMap(printPool),
		...printCommands("when every pool stands applied", plan.finalClosure),
		"",
		`needs ${makeSize(space.neededBytes)} on disk, ${makeSize(space.freeBytes)} are free`,
	]
}

function printPool(pool: PlannedPool): string[] {
	return [
		"",
		`pool ${pool.pool}: ${WOULD[pool.would]}`,
		...(pool.description ? [`  ${plainText(pool.description)}`] : []),
		...makeTable(pool.operations.map(printOperation), "  "),
		...pool.operations.flatMap(printFaults),
		...makeTable(
			[
				...pool.checks.map((command) => ["check", plainText(command)]),
				...pool.closure.map((command) => ["closure", plainText(command)]),
			],
			"  ",
		),
		...pool.warnings.map((warning) => `  warning: ${plainText(warning)}`),
	]
}

function printOperation(operation: PlannedOperation): string[] {
	const { sizeBefore, sizeAfter } = operation
	const size = sizeBefore === undefined ? makeSize(sizeAfter) : `${makeSize(sizeBefore)} -> ${makeSize(sizeAfter)}`
	return [operation.change, plainText(operation.destination), size, remarks(operation).join(", ")]
}

function remarks({ linkTo, makes, drift }: PlannedOperation): string[] {
	return [
		...(linkTo ? [`a link to ${plainText(linkTo)}`] : []),
		...(makes.length > 0 ? [`makes ${makes.map((folder) => plainText(folder)).join(", ")}`] : []),
		...(drift === "changed" ? ["changed since we wrote it"] : []),
	]
}

function printFaults({ destination, faults }: PlannedOperation): string[] {
	return faults.map((fault) => `  fault: ${plainText(destination)}: ${plainText(fault)}`)
}

function printCommands(title: string, commands: string[]): string[] {
	if (commands.length === 0) return []
	return ["", title, ...commands.map((command) => `  closure  ${plainText(command)}`)]
}
