/** What closures may need to know of the environment; everything else stays behind. */
const KEPT = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ"]

const PROPERTIES = [
	// Answers only once the program itself has been started.
	"Type=exec",
	// Daemons that closures leave behind outlive the worker.
	"KillMode=process",
	// A closure that runs out of memory fails; it must not take the run with it, which has files to put back.
	"OOMPolicy=continue",
	// In a shell of systemd's default, `yes | head` would end with an error.
	"IgnoreSIGPIPE=no",
]

export const unitName = (run: string): string => `hotfix-run-${run}.service`

/** The command that runs a worker as a unit of systemd, by the name of its run; `output` takes what it prints. */
export function makeUnitCommand(
	run: string,
	worker: string[],
	output: string,
	environment: NodeJS.ProcessEnv,
): string[] {
	return [
		"systemd-run",
		"--quiet",
		"--collect",
		`--unit=${unitName(run)}`,
		`--property=StandardOutput=file:${output}`,
		`--property=StandardError=file:${output}`,
		...PROPERTIES.map((property) => `--property=${property}`),
		...KEPT.filter((name) => environment[name] !== undefined).map((name) => `--setenv=${name}=${environment[name]}`),
		"--",
		...worker,
	]
}
