import { runCommandLine } from "./command-line.ts"
import { printUnexpected } from "./print-failure.ts"

// Whoever reads along may go (`| head`): the command still runs to its end, and its exit code stays true.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
// What no code waits for would end the program with a stack trace.
for (const fault of ["uncaughtException", "unhandledRejection"])
	process.on(fault, (error) => process.exit(printUnexpected(error)))

process.exitCode = await runCommandLine(process.argv.slice(2))
