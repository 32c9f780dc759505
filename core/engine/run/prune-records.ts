import { unlessAbsent } from "../disk/disk-error.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { readJournals } from "../state/state-file.ts"

/** Runs whose events, with all output, are kept; of older ones the record and the journal stay. */
const WITH_OUTPUT = 200
/** Looked at only when so many more have gathered: it means reading every journal. */
const SLACK = 20

export async function pruneRecords(host: Host, layout: Layout): Promise<void> {
	const names = (await host.disk.readFolder(layout.runs)) ?? []
	const isWithOutput = async (name: string) =>
		(await host.disk.lstat(`${layout.runs}/${name}/events.jsonl`)) !== undefined
	const withOutput: string[] = []
	for (const name of names) if (await isWithOutput(name)) withOutput.push(name)
	if (withOutput.length < WITH_OUTPUT + SLACK) return
	const closed = (await readJournals(host, layout)).filter(({ records }) => records.at(-1)?.type === "run-closed")
	const old = closed.filter(({ open }) => withOutput.includes(open.run)).slice(0, -WITH_OUTPUT)
	for (const { open } of old) await unlessAbsent(host.disk.remove(layout.run(open.run).events))
}
