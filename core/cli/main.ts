import { runCommandLine } from "./command-line.ts"

// Whoever reads along may go (`| head`): the command still runs to its end, and its exit code stays true.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})

process.exitCode = await runCommandLine(process.argv.slice(2))
