import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import { poll } from "./appliances/command.ts"
import { projectFolder } from "./appliances/paths.ts"

const program = join(projectFolder, "dist/cli/hotfix.js")

/** Whether a program can be given a terminal here, and if not why. */
export function canOpenTerminal(): { ok: true } | { ok: false; why: string } {
	const probe = spawnSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" })
	return probe.status === 0 ? { ok: true } : { ok: false, why: "script not found: apt-get install bsdutils" }
}

/** The command line as a person meets it, on a terminal of its own. */
export interface Terminal {
	/** Everything on the screen since the beginning, as it was written. */
	screen(): string
	/** Waits until a text is on the screen. */
	shows(text: string | RegExp): Promise<void>
	type(text: string): void
	/** Resolves with the exit status. */
	ended: Promise<number | null>
	destroy(): void
}

/** Runs the built command line on a terminal. */
export function openTerminal(args: string[], data: string): Terminal {
	const command = [process.execPath, program, "--data", data, ...args].map(quote).join(" ")
	const child: ChildProcess = spawn("script", ["-qec", command, "/dev/null"], {
		stdio: "pipe",
		env: { ...process.env, SSH_AUTH_SOCK: "", TERM: "xterm", NO_COLOR: "1" },
	})
	let written = ""
	child.stdout?.on("data", (bytes: Buffer) => (written += bytes.toString()))
	const has = (text: string | RegExp) => (typeof text === "string" ? written.includes(text) : text.test(written))
	return {
		screen: () => written,
		shows: async (text) => void (await poll(`the screen shows ${text}`, 60, () => has(text) || undefined)),
		type: (text) => void child.stdin?.write(text),
		ended: new Promise((resolve) => child.once("close", resolve)),
		destroy: () => void child.kill("SIGKILL"),
	}
}

function quote(word: string): string {
	return `'${word.replaceAll("'", `'\\''`)}'`
}
