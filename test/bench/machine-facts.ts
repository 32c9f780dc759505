import { availableParallelism, loadavg, totalmem } from "node:os"

/** What a figure depends on besides the program; nothing that names the machine. `before`: its load when the benches began. */
export function machineFacts(before: readonly number[]) {
	const rounded = (load: readonly number[]) => load.map((one) => Number(one.toFixed(2)))
	return {
		node: process.version,
		system: `${process.platform} ${process.arch}`,
		cores: availableParallelism(),
		memoryMiB: Math.round(totalmem() / 2 ** 20),
		/** Over 1, 5 and 15 minutes. */
		loadBefore: rounded(before),
		loadAfter: rounded(loadavg()),
	}
}
