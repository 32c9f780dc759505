import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

// Plain Node 20, no packages. The program itself needs what came with Node 24 (node:sqlite), and whoever types
// `node dist/cli/hotfix.js` has the machine's own, which may be older than the one that npm brought.
const NEEDED = 24
/** Usage or environment (DESIGN.md §8). */
const CANNOT_BEGIN = 2

/** Beside this file; not known when this one is bundled. */
const program = "./hotfix-program.js"
if (Number(process.versions.node.split(".")[0]) >= NEEDED) await import(program)
else startAgain()

function startAgain(): void {
	const [system, name] = process.platform === "win32" ? ["win", "node.exe"] : [process.platform, "node"]
	// import.meta.dirname is not there before Node 20.11.
	const there = new URL(`../../node_modules/node-${system}-${process.arch}/bin/${name}`, import.meta.url)
	const node = fileURLToPath(there)
	if (existsSync(node)) startWith(node)
	else stop("")
}

function startWith(node: string): void {
	let child: ChildProcess | undefined
	const cannotStart = ({ message }: Error) => stop(`; the one at ${node} cannot be started (${message})`)
	// Before the program is there: a signal would end this one alone. The terminal tells both; the program decides what it
	// does then, and this one waits for it.
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.on(signal, () => void (signal === "SIGINT" || child?.kill(signal)))
	try {
		child = spawn(node, process.argv.slice(1), { stdio: "inherit" })
		child.on("error", cannotStart)
		child.on("exit", (code, signal) => {
			process.exitCode = code ?? 1
			if (signal) process.removeAllListeners(signal).kill(process.pid, signal)
		})
	} catch (error) {
		// Some of what keeps it from starting is told by the event, the rest is thrown.
		cannotStart(error as Error)
	}
}

function stop(why: string): void {
	const here = process.versions.node
	console.error(`hotfix needs Node ${NEEDED}, and this is ${here}${why}: get it from https://nodejs.org`)
	process.exitCode = CANNOT_BEGIN
}
