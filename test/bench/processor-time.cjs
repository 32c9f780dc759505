// Loaded into a Node before its own code: says at the end how long the processor worked for it, in milliseconds.
const { writeFileSync } = require("node:fs")

process.on("exit", () => {
	const { user, system } = process.cpuUsage()
	writeFileSync(process.env.HOTFIX_BENCH_STATUS, String((user + system) / 1000))
})
