import { type Gone, isGone, type Seal } from "./link.ts"
import { type FoundRecord, isSealed } from "./read-chain.ts"

/** A run's record and what its journal says of it. */
export interface ChainedRecord {
	run: string
	seal: Seal
	record?: FoundRecord
}

/** Up to where the chain was walked; the digest is unknown behind a gap. */
interface End {
	number: number
	digest?: string
}

/** From the record `first` to the last: each place where one was changed, removed or put in, in their order. */
export function walkChain(
	records: ChainedRecord[],
	gone: readonly Gone[],
	first = 1,
): { faults: string[]; head?: Seal } {
	// Of one that may be gone, whatever is still there is held against its own journal only.
	const kept = records.filter(({ seal }) => !isGone(gone, seal.number))
	const steps = [...kept, ...gone].sort((a, b) => numberOf(a) - numberOf(b))
	const faults: string[] = []
	let end: End = { number: first - 1 }
	let last: ChainedRecord | undefined
	for (const step of steps) {
		if (numberOf(step) > end.number + 1) {
			faults.push(describeGap(end.number + 1, numberOf(step) - 1))
			end = { number: numberOf(step) - 1 }
		}
		if ("seal" in step) {
			faults.push(...faultsOf(step, end, last))
			end = step.seal
			last = step
		} else {
			if (!follows(step.previous, end))
				faults.push(`record ${end.number} is not the one that was followed by record ${step.from}`)
			end = { number: step.to, digest: step.digest }
			last = undefined
		}
	}
	const going = records.filter(({ seal, record }) => record && isGone(gone, seal.number))
	faults.push(...going.flatMap(ownFaults))
	return { faults, ...(end.digest === undefined ? {} : { head: { number: end.number, digest: end.digest } }) }
}

function numberOf(step: ChainedRecord | Gone): number {
	return "seal" in step ? step.seal.number : step.from
}

function describeGap(from: number, to: number): string {
	return from === to ? `record ${from} was removed` : `records ${from} to ${to} were removed`
}

function faultsOf(step: ChainedRecord, end: End, last: ChainedRecord | undefined): string[] {
	const { run, seal, record } = step
	if (seal.number === end.number)
		return [`record ${seal.number} is there twice: run ${last?.run ?? "?"} and run ${run}; one was put in`]
	const own = ownFaults(step)
	if (own.length > 0 || follows(record?.link?.previous, end)) return own
	return [
		`record ${seal.number} (run ${run}) does not follow record ${seal.number - 1}: one of them was changed or put in`,
	]
}

function ownFaults({ run, seal, record }: ChainedRecord): string[] {
	if (!record) return [`record ${seal.number} (run ${run}) was removed`]
	return isSealed(record, seal)
		? []
		: [`record ${seal.number} (run ${run}) was changed: it is not the one that its journal names`]
}

/** Whatever follows a gap cannot be held against what is not there. */
function follows(previous: string | undefined, end: End): boolean {
	return (end.digest === undefined && end.number > 0) || previous === end.digest
}
