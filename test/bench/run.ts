// Runs benches and prints what they came to: npm run bench -- [--short | --commit] [NAME ...]
//   --short   those that `npm test` runs; one that missed its target gets a second try
//   --commit  the same, and writes their figures down as those to compare with
// Exit 1 when a target is missed, 2 when a bench broke.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { projectFolder } from "../support/appliances/paths.ts"
import type { Bench, Committed, Figure, Missing } from "./bench.ts"
import { machineFacts } from "./machine-facts.ts"
import { measure, worthOf } from "./measure.ts"
import { exitOf, makeTable } from "./table.ts"

const committedFile = join(import.meta.dirname, "committed.json")
const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { short: { type: "boolean" }, commit: { type: "boolean" } },
})
const committed: Committed = JSON.parse(await readFile(committedFile, "utf8"))
const short = await readBenches("short")
const chosen = chooseBenches(
	positionals,
	values.short || values.commit ? short : [...(await readBenches("benches")), ...short],
)
const before = loadavg()
const rows: (Figure | Missing)[] = []
for (const bench of chosen) rows.push(...(await tryBench(bench)))
console.log(`\n${makeTable(rows).join("\n")}`)
await writeResults()
if (values.commit) await commitFigures()
// Other figures than before are what committing is for.
process.exitCode = values.commit && exitOf(rows) === 1 ? 0 : exitOf(rows)

async function tryBench(bench: Bench): Promise<(Figure | Missing)[]> {
	const first = await measureOrTell(bench)
	// Something else may have had the machine just then.
	return values.short && exitOf(first) === 1 ? measureOrTell(bench) : first
}

async function measureOrTell(bench: Bench): Promise<(Figure | Missing)[]> {
	try {
		const able = (await bench.able?.()) ?? { ok: true }
		if (!able.ok) return [{ bench: bench.name, state: "unable", why: able.why }]
		console.error(`${bench.name}: ${bench.pairs} pairs`)
		return await measure(bench, process.env.HOTFIX_BENCH_FOLDER ?? tmpdir(), committed)
	} catch (error) {
		console.error(error)
		return [{ bench: bench.name, state: "broken", why: error instanceof Error ? error.message : String(error) }]
	}
}

async function readBenches(folder: string): Promise<Bench[]> {
	const names = (await readdir(join(import.meta.dirname, folder))).filter((name) => name.endsWith(".ts")).sort()
	return Promise.all(names.map(async (name) => ((await import(`./${folder}/${name}`)) as { bench: Bench }).bench))
}

function chooseBenches(names: string[], benches: Bench[]): Bench[] {
	const unknown = names.find((name) => !benches.some((bench) => bench.name === name))
	if (unknown !== undefined) {
		console.error(`cannot run ${unknown}: there are ${benches.map(({ name }) => name).join(", ")}`)
		process.exit(2)
	}
	return names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name))
}

async function writeResults(): Promise<void> {
	const folder = join(projectFolder, "test-results")
	await mkdir(folder, { recursive: true })
	await writeJson(join(folder, "bench.json"), { at: new Date().toISOString(), machine: machineFacts(before), rows })
}

async function commitFigures(): Promise<void> {
	const figures = rows.flatMap((row) => ("ours" in row ? [[row.bench, Number(worthOf(row).toPrecision(4))]] : []))
	await writeJson(committedFile, { ...committed, ...Object.fromEntries(figures) })
}

async function writeJson(path: string, value: unknown): Promise<void> {
	await writeFile(path, `${JSON.stringify(value, null, "\t")}\n`)
}
