/** How this very program is started again: its workers, and its recovery at the next boot. Absolute paths. */
export function ownProgram(): string[] {
	return [process.execPath, ...process.execArgv, process.argv[1] ?? ""]
}
