import { createHash } from "node:crypto"
import { DEFAULT_STATE_FOLDER } from "../../schema/state-folder.ts"
import type { BootRecoveryPlace } from "../boot-recovery.ts"

/** By it a unit of ours is told from one of somebody else's. */
export const UNIT_HEADER = "# Made by hotfix-runner. It is there while a run is open, and gone when that has ended."

/** One state folder, one unit: runs in different ones know nothing of each other. */
export function bootUnitName(stateFolder: string): string {
	if (stateFolder === DEFAULT_STATE_FOLDER) return "hotfix-recover.service"
	return `hotfix-recover-${createHash("sha256").update(stateFolder).digest("hex").slice(0, 12)}.service`
}

/** Whether what lies there is gone after a boot by rule (file hierarchy standard). */
export function isEmptiedAtBoot(path: string): boolean {
	return ["/tmp/", "/run/", "/var/run/", "/dev/"].some((folder) => path.startsWith(folder))
}

/**
 * The unit that recovers at boot. `program` starts this runner: absolute path of its runtime, options of that, absolute
 * path of the script. Throws for a path that no unit can name.
 */
export function makeBootUnit(program: string[], { stateFolder, logFile }: BootRecoveryPlace): string {
	const [runtime = "", script = ""] = [program[0], program.at(-1)]
	const log = logFile === undefined ? [] : ["--log", logFile]
	const [first = "", ...args] = [...program, "recover", "--at-boot", "--state", stateFolder, ...log]
	return `${UNIT_HEADER}
[Unit]
Description=Hotfix Manager: put back what an interrupted run left open
AssertFileNotEmpty=${percents(script)}
RequiresMountsFor=${[stateFolder, runtime, script].map(quoteWord).join(" ")}
After=remote-fs.target

[Service]
# Boot waits for nothing here: a closure that restarts a unit which waits for the boot would never end.
Type=simple
ExecStart=${[quoteWord(first), ...args.map(quoteArgument)].join(" ")}
# Daemons that closures start outlive it.
KillMode=process
# Shutting down cuts it short like a power cut: on a system that goes down no closure can prove anything.
KillSignal=SIGKILL
Restart=on-abnormal
RestartSec=1
OOMPolicy=continue
IgnoreSIGPIPE=no

[Install]
WantedBy=multi-user.target
`
}

/** Variables are put in everywhere but in the program's own path. */
function quoteArgument(text: string): string {
	return quoteWord(text).replaceAll("$", "$$$$")
}

function quoteWord(text: string): string {
	return `"${percents(text).replace(/[\\"]/g, "\\$&")}"`
}

/** `%` begins a specifier in every setting. */
function percents(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a unit
	if (/[\u0000-\u001f\u007f]/.test(text))
		throw new Error(`cannot name ${JSON.stringify(text)} in a unit: it has a control character`)
	return text.replaceAll("%", "%%")
}
