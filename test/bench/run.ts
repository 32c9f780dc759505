// Runs every bench, or those that are named: npm run bench -- [NAME ...]. Exit 1 when a target is missed.
import { mkdir, readdir, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { projectFolder } from "../support/appliances/paths.ts"
import type { Bench, Figure } from "./bench.ts"
import { measure } from "./measure.ts"
import { makeTable } from "./table.ts"

const benches = await readBenches()
const chosen = chooseBenches(process.argv.slice(2))
const figures: Figure[] = []
for (const bench of chosen) {
	const able = (await bench.able?.()) ?? { ok: true }
	if (!able.ok) {
		console.error(`SKIPPED ${bench.name}: ${able.why}`)
		continue
	}
	console.error(`${bench.name}: ${bench.pairs} pairs`)
	figures.push(...(await measureOrStop(bench)))
}
console.log(`\n${makeTable(figures).join("\n")}`)
await writeResults(figures)
process.exitCode = figures.every(({ passed }) => passed) ? 0 : 1

async function measureOrStop(bench: Bench): Promise<Figure[]> {
	try {
		return await measure(bench, process.env.HOTFIX_BENCH_FOLDER ?? tmpdir())
	} catch (error) {
		console.error(error instanceof Error ? error.message : error)
		process.exit(2)
	}
}

async function readBenches(): Promise<Bench[]> {
	const names = (await readdir(join(import.meta.dirname, "benches"))).filter((name) => name.endsWith(".ts")).sort()
	return Promise.all(names.map(async (name) => ((await import(`./benches/${name}`)) as { bench: Bench }).bench))
}

function chooseBenches(names: string[]): Bench[] {
	const unknown = names.find((name) => !benches.some((bench) => bench.name === name))
	if (unknown !== undefined) {
		console.error(`cannot run ${unknown}: there are ${benches.map(({ name }) => name).join(", ")}`)
		process.exit(2)
	}
	return names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name))
}

async function writeResults(figures: Figure[]): Promise<void> {
	const folder = join(projectFolder, "test-results")
	await mkdir(folder, { recursive: true })
	const results = { at: new Date().toISOString(), node: process.version, figures }
	await writeFile(join(folder, "bench.json"), `${JSON.stringify(results, null, "\t")}\n`)
}
