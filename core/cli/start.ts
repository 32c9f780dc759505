import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"

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
	const node = join(import.meta.dirname, `../../node_modules/node-${system}-${process.arch}/bin/${name}`)
	if (!existsSync(node)) {
		console.error(`hotfix needs Node ${NEEDED}, and this is ${process.versions.node}: get it from https://nodejs.org`)
		process.exitCode = CANNOT_BEGIN
		return
	}
	const child = spawn(node, process.argv.slice(1), { stdio: "inherit" })
	// The terminal tells both; the program decides what it does then, and this one waits for it.
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.on(signal, () => void (signal === "SIGINT" || child.kill(signal)))
	child.on("exit", (code, signal) => {
		process.exitCode = code ?? 1
		if (signal) process.removeAllListeners(signal).kill(process.pid, signal)
	})
}
