import { randomBytes } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { appendFile, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { RunnerPort } from "../../../core/protocol/runner-port.ts"
import type { PlainSshd } from "../../support/appliances/plain-sshd.ts"
import { CuttingProxy } from "../../support/cutting-proxy.ts"
import { type Desktop, startDesktop } from "../../support/desktop.ts"
import { withKey } from "../../support/ssh/access.ts"
import { compareTrees, readTree, type Tree } from "../../support/tree.ts"

/** Of one pool: some are there already, in folders that are there or have to be made. */
const FILES = Array.from({ length: 12 }, (_, index) => `${index % 3 === 0 ? "old" : "made"}/file-${index}.conf`)
/** Random, so that nothing shrinks on its way. */
const BIG_BYTES = 400_000
/** Made when the connection has been cut. */
const WAS_CUT = "was-cut"

/** One appliance of its own (state folder and files) behind a network that can be cut, and one desktop. */
export interface CutPlace {
	base: string
	stateFolder: string
	module: string
	proxy: CuttingProxy
	desktop: Desktop
	applianceId: string
	/** Another desktop, on another way to the same appliance. */
	startOther(): Promise<Desktop & { applianceId: string }>
	/** Whether the files are all as before or all as the module has them; throws when they are neither. */
	standing(): "before" | "new"
	/** What must never be left behind in the state folder. */
	halfThings(): string[]
	/** Programs that were started for this appliance and still live. */
	processes(): string[]
	destroy(): Promise<void>
}

/**
 * `breaks`: the pool's closure fails on the new files, and passes on the old ones. No run here ends before the connection was
 * cut: on a busy machine all of it would have been told before anybody could cut.
 */
export async function createCutPlace(
	sshd: PlainSshd,
	options: { breaks: boolean; confirmSeconds: number; onPort?: (port: RunnerPort, proxy: CuttingProxy) => RunnerPort },
): Promise<CutPlace> {
	const base = await mkdtemp(join(tmpdir(), "hotfix-cut-"))
	const stateFolder = join(base, "state")
	const target = join(base, "appliance")
	await writeAppliance(target)
	const module = await writeModule(base, target, options)
	const proxy = await CuttingProxy.start(sshd)
	proxy.onCut = () => writeFileSync(join(base, WAS_CUT), "")
	const knownHosts = join(base, "known_hosts")
	await copyFile(sshd.knownHosts, knownHosts)
	await appendFile(
		knownHosts,
		sshd.hostKeyLines.map((line) => line.replace(`:${sshd.port} `, `:${proxy.port} `)).join("\n"),
	)
	const deps = { stateFolder, logFile: join(base, "update.log") }
	const { id: _, ...appliance } = withKey(sshd)
	const desktop = await startDesktop({
		folder: join(base, "desktop"),
		knownHosts,
		deps,
		onPort: (port) => options.onPort?.(port, proxy) ?? port,
	})
	const others: Desktop[] = []
	const before = readTree(target)
	return {
		base,
		stateFolder,
		module,
		proxy,
		desktop,
		applianceId: desktop.enlist({ ...appliance, port: proxy.port }),
		async startOther() {
			const other = await startDesktop({ folder: join(base, `other-${others.length}`), knownHosts, deps })
			others.push(other)
			return { ...other, applianceId: other.enlist(appliance) }
		},
		standing: () => standingOf(before, readTree(target), module),
		halfThings: () => findHalfThings(stateFolder),
		processes: () => findProcesses(base),
		async destroy() {
			for (const one of [desktop, ...others]) await one.close()
			await proxy.close()
			await rm(base, { recursive: true, force: true, maxRetries: 20 })
		},
	}
}

async function writeAppliance(target: string): Promise<void> {
	await mkdir(join(target, "old"), { recursive: true })
	for (const file of FILES) if (file.startsWith("old/")) await writeFile(join(target, file), `before ${file}\n`)
}

async function writeModule(
	base: string,
	target: string,
	{ breaks, confirmSeconds }: { breaks: boolean; confirmSeconds: number },
): Promise<string> {
	const folder = join(base, "field-fix")
	const source = (file: string) => file.replace("/", "-")
	await mkdir(join(folder, "src"), { recursive: true })
	for (const file of FILES) await writeFile(join(folder, "src", source(file)), `new ${file}\n`)
	await writeFile(join(folder, "src", "big"), randomBytes(BIG_BYTES))
	const talk = (word: string, count: number) =>
		`for i in $(seq 1 ${count}); do echo ${word} $i ${"of many words ".repeat(4)}; sleep 0.04; done`
	const operations = [
		...FILES.map((file) => ({ target: source(file), destination: join(target, file) })),
		{ target: "big", destination: join(target, "made/big") },
	]
	const pool = {
		id: "files",
		description: "files of the appliance",
		operations,
		// What the commands start carries the name of this place, so that it can be found.
		checks: [`export CUT_PLACE=${base}`, talk("checking", 10)],
		closure: [
			`export CUT_PLACE=${base}`,
			talk("closing", 15),
			...(breaks ? [`grep -q before ${join(target, "old/file-0.conf")}`] : []),
		],
		...(breaks ? {} : { confirmSeconds }),
	}
	const untilCut = `for i in $(seq 600); do [ -e ${join(base, WAS_CUT)} ] && break; sleep 0.1; done`
	const finalClosure = [talk("ending", 15), untilCut]
	const index = { metadata: { schema_version: "1.0.0" }, pools: [pool], finalClosure }
	await writeFile(join(folder, "index.json"), JSON.stringify(index))
	return folder
}

function standingOf(before: Tree, now: Tree, module: string): "before" | "new" {
	const differences = compareTrees(before, now)
	if (differences.length === 0) return "before"
	const sources = readTree(join(module, "src"))
	const wrong = [...FILES, "made/big"].filter(
		(file) => now.get(file)?.content !== sources.get(file === "made/big" ? "big" : file.replace("/", "-"))?.content,
	)
	const known = new Set([...before.keys(), ...FILES, "made", "made/big"])
	const strange = [...now.keys()].filter((path) => !known.has(path))
	if (wrong.length + strange.length === 0) return "new"
	throw new Error(`neither as before nor as the module has it: ${[...differences, ...wrong, ...strange].join("; ")}`)
}

function findHalfThings(stateFolder: string): string[] {
	if (!existsSync(stateFolder)) return []
	const paths = readdirSync(stateFolder, { recursive: true, encoding: "utf8" })
	return paths.filter(
		(path) =>
			/(^|\/)\./.test(path) ||
			path.endsWith(".new") ||
			// What was withdrawn stays so.
			/^requests\/(?!.*\.withdrawn\.)/.test(path) ||
			/^runners\/(?![0-9a-f]{64}\.cjs$)/.test(path),
	)
}

/** By their command line and by their environment. */
function findProcesses(base: string): string[] {
	const own = String(process.pid)
	return readdirSync("/proc").flatMap((pid) => {
		if (!/^\d+$/.test(pid) || pid === own) return []
		try {
			const [line = "", around = ""] = ["cmdline", "environ"].map((name) =>
				readFileSync(`/proc/${pid}/${name}`, "latin1"),
			)
			return line.includes(base) || around.includes(base) ? [`${pid}: ${line.replaceAll("\0", " ").slice(0, 200)}`] : []
		} catch {
			return [] // It has ended meanwhile.
		}
	})
}
