import { execFileSync } from "node:child_process"
import {
	chmodSync,
	chownSync,
	copyFileSync,
	linkSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { readHistory } from "../../core/engine/history.ts"
import { createNodeHost } from "../../core/engine/node-host/node-host.ts"
import { readStatus } from "../../core/engine/status.ts"
import type { HistoryRun, Status } from "../../core/schema/history.ts"
import { type Ended, type Moment, runKilled } from "../support/killed-process.ts"
import { readTree, type Tree } from "../support/tree.ts"
import { FINAL_CLOSURE_FLAG, makeClosure, pathsOf, poolIds, sourceOf, VERSIONS } from "./modules.ts"
import type { Random } from "./random.ts"

const bundle = new URL("../../dist/runner/hotfix-runner.cjs", import.meta.url).pathname

/** A customer's machine in a temporary folder: files, state folder, log, and the versions of one module. */
export interface Appliance {
	folder: string
	/** Everything of the customer's, as it is now. */
	look(): Tree
	/** The bundled runner with this machine's state folder and log. */
	run(args: string[], moment?: Moment): Promise<Ended>
	moduleFolder(version: number): string
	status(): Promise<Status>
	newestRun(): Promise<HistoryRun | undefined>
	runs(): string[]
	/** Records of a run's journal, in short; none where there is no run yet. */
	journal(run: string): { type: string; phase?: string }[]
	/** Flags that closures look at; all others are taken down. */
	raise(flags: string[]): void
	remove(): void
}

export function createAppliance(random: Random): Appliance {
	const folder = mkdtempSync(join(tmpdir(), "hotfix-soak-"))
	const files = join(folder, "files")
	const flags = join(folder, "flags")
	const options = { stateFolder: join(folder, "state"), logFile: join(folder, "update.log"), runnerVersion: "soak" }
	const runner = join(folder, "hotfix-runner.cjs")
	mkdirSync(flags)
	// A copy: the bundle may be built anew meanwhile.
	copyFileSync(bundle, runner)
	makeFiles(files, random)
	for (const version of VERSIONS) writeModule(join(folder, "modules", String(version)), version, files, flags)
	const journalOf = (run: string) => join(options.stateFolder, "runs", run, "journal.jsonl")
	return {
		folder,
		look: () => readTree(files),
		run: (args, moment) =>
			runKilled(process.execPath, [runner, ...args, "--state", options.stateFolder, "--log", options.logFile], moment),
		moduleFolder: (version) => join(folder, "modules", String(version), "sample"),
		status: () => readStatus(createNodeHost(), options),
		newestRun: async () => (await readHistory(createNodeHost(), options, { limit: 1 }))[0],
		runs: () => listFolder(join(options.stateFolder, "runs")),
		journal: (run) => readFileOr(journalOf(run), "").split("\n").flatMap(parseRecord),
		raise(names) {
			for (const name of readdirSync(flags)) rmSync(join(flags, name))
			for (const name of names) writeFileSync(join(flags, name), "")
		},
		remove: () => rmSync(folder, { recursive: true, force: true }),
	}
}

/** Modes, owners, links, a second name, attributes, something missing: what a way back can get wrong. */
function makeFiles(root: string, random: Random): void {
	const write = (path: string, content: string, mode: number) => {
		mkdirSync(dirname(join(root, path)), { recursive: true })
		writeFileSync(join(root, path), content)
		chmodSync(join(root, path), mode)
	}
	write("web/conf", "the customer's\n", 0o640)
	write("web/real", "the customer's\n", 0o4755)
	symlinkSync("real", join(root, "web/link"))
	write("web/big", "b".repeat(300_000 + random.below(300_000)), 0o600)
	write("data/one", "the customer's\n", 0o664)
	linkSync(join(root, "data/one"), join(root, "data/two"))
	write("data/same", sourceOf("data/same", 0), 0o644)
	write("data/attributes", "the customer's\n", 0o644)
	if (random.chance(0.5)) write("data/extra", "the customer's\n", 0o444)
	for (let index = 0; index < 12; index++) write(`app/${index}`, `the customer's ${index}\n`, 0o644)
	write("bystander", "nobody touches this\n", 0o600)
	if (process.geteuid?.() === 0) for (const path of ["web/conf", "app/3"]) chownSync(join(root, path), 1234, 5678)
	try {
		execFileSync("setfattr", ["-n", "user.soak", "-v", "kept", join(root, "data/attributes")], { stdio: "ignore" })
	} catch {
		// No such tool, or a file system without attributes: one thing less that can go wrong.
	}
}

function writeModule(folder: string, version: number, files: string, flags: string): void {
	const pools = poolIds.map((id) => ({
		id,
		description: "",
		operations: pathsOf(id, version).map(({ destination }) => ({
			target: destination.replaceAll("/", "-"),
			destination: join(files, destination),
		})),
		closure: makeClosure(id, version, files, flags),
		...(id === "app" ? { checks: [`test -d ${files}/app`] } : {}),
	}))
	mkdirSync(join(folder, "sample/src"), { recursive: true })
	for (const id of poolIds) {
		for (const { destination } of pathsOf(id, version)) {
			writeFileSync(join(folder, "sample/src", destination.replaceAll("/", "-")), sourceOf(destination, version))
		}
	}
	const metadata = { schema_version: `1.0.${version}`, description: "a soak" }
	const finalClosure = [`test ! -e ${flags}/${FINAL_CLOSURE_FLAG}`]
	writeFileSync(join(folder, "sample/index.json"), JSON.stringify({ metadata, pools, finalClosure }))
}

/** The torn last line of a run that was killed is left out. */
function parseRecord(line: string): { type: string; phase?: string }[] {
	try {
		return [JSON.parse(line.slice(line.indexOf(" ") + 1))]
	} catch {
		return []
	}
}

function readFileOr(path: string, otherwise: string): string {
	try {
		return readFileSync(path, "utf8")
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return otherwise
		throw error
	}
}

function listFolder(path: string): string[] {
	try {
		return readdirSync(path)
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
		throw error
	}
}
