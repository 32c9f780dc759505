import { z } from "zod"
import { printUnexpected, runCommandLine } from "./command-line.ts"
import { standardOutput } from "./text/output.ts"

// A command parses little: to compile a parser for each schema would take longer than all it saves.
z.config({ jitless: true })

const stop = new AbortController()
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort())
// A closed terminal or a lost connection changes nothing: the run goes on to its end.
process.on("SIGHUP", () => {})
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
// What no code waits for would end the program with a stack trace; a run that is open is put back by recovery either way.
for (const fault of ["uncaughtException", "unhandledRejection"])
	process.on(fault, (error) => process.exit(printUnexpected(standardOutput, error)))

runCommandLine(process.argv.slice(2), standardOutput, stop.signal).then((exit) => {
	process.exitCode = exit
})
