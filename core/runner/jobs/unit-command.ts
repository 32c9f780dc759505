/** What closures may need to know of the environment; everything else stays behind. */
const KEPT = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ"]

/** Each with the first version of systemd that knows it; older ones refuse the whole unit for its sake. */
const PROPERTIES: readonly { property: string; since: number }[] = [
	// Answers only once the program itself has been started.
	{ property: "Type=exec", since: 240 },
	// Daemons that closures leave behind outlive the worker.
	{ property: "KillMode=process", since: 0 },
	// A closure that runs out of memory fails; it must not take the run with it, which has files to put back.
	{ property: "OOMPolicy=continue", since: 243 },
	// How a run ended is in its record. A unit that failed would stay, and the system count as degraded, as long as a daemon
	// lives that a closure left.
	{ property: "SuccessExitStatus=1 2 3 4 5", since: 240 },
	// In a shell of systemd's default, `yes | head` would end with an error.
	{ property: "IgnoreSIGPIPE=no", since: 0 },
]

/** From this version of systemd on nothing is left out. */
export const KNOWS_ALL = Math.max(...PROPERTIES.map(({ since }) => since))

export const unitName = (run: string): string => `hotfix-run-${run}.service`

/** The command that runs a worker as a unit of systemd, by the name of its run; `output` takes what it prints. */
export function makeUnitCommand(
	run: string,
	worker: string[],
	output: string,
	environment: NodeJS.ProcessEnv,
	systemdVersion = KNOWS_ALL,
): string[] {
	const properties = PROPERTIES.filter(({ since }) => since <= systemdVersion)
	return [
		"systemd-run",
		"--quiet",
		"--collect",
		`--unit=${unitName(run)}`,
		`--property=StandardOutput=file:${output}`,
		`--property=StandardError=file:${output}`,
		...properties.map(({ property }) => `--property=${property}`),
		...KEPT.filter((name) => environment[name] !== undefined).map((name) => `--setenv=${name}=${environment[name]}`),
		"--",
		...worker,
	]
}
