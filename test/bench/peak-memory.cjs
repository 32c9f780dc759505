// Loaded into the runner before its own code: says at the end how much memory it had at most. The kernel's figure for
// the process itself; the one that `getrusage` gives begins with that of the program which started it.
const { readFileSync, writeFileSync } = require("node:fs")

process.on("exit", () => writeFileSync(process.env.HOTFIX_BENCH_STATUS, readFileSync("/proc/self/status")))
