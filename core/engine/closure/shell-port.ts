/** Which of a command's two outputs. */
export type OutputStream = "stdout" | "stderr"

/**
 * How one command ended. `endedShell`: the shell is gone with it (`exit`, `exec`, a signal), so no further command can run.
 * `variables`: what the variables of `ShellOptions.names` hold now, in their order, empty where unset; absent when the shell
 * could not tell.
 */
export type CommandEnd = ({ endedShell: boolean; exit: number } | { endedShell: true; signal: string }) & {
	variables?: Uint8Array[]
}

export interface ShellOptions {
	/**
	 * Name of this list of commands, unique among all: `[A-Za-z0-9-]+`. What the commands start carries it in its
	 * environment, so that `endMarked` finds it, even after a crash when the mark was journalled.
	 */
	mark: string
	/** Added to the shell's own small environment; nothing else is inherited. */
	env?: Record<string, string>
	/** Variables whose values are told with each command's end; names of a POSIX shell. */
	names?: readonly string[]
	/** Output as it comes. The bytes are only good during the call: copy what is kept. */
	onOutput(stream: OutputStream, bytes: Uint8Array): void
}

/** One running shell. At most one command at a time. */
export interface ShellProcess {
	/**
	 * Runs one command, standard input empty. Resolves when the command has ended, and after everything that was written
	 * before its end was given to `onOutput`. Never rejects.
	 */
	run(command: string): Promise<CommandEnd>
	/**
	 * Ends the command that is running, with its whole process group and what left the group: TERM, KILL after a grace.
	 * A pending `run` resolves. Returns how many of them could not be ended (stuck in the kernel).
	 */
	end(): Promise<number>
	/** Lets the shell end (its EXIT trap runs). Daemons that were left behind live on and can go on writing. */
	close(): Promise<void>
}

/** Starts shells; part of the Host port. */
export interface ShellPort {
	/** A shell standing in `/` with umask 022. Rejects when none can be started. */
	open(options: ShellOptions): Promise<ShellProcess>
	/**
	 * Ends everything that carries a mark and its process group: what a list left running when the runner died.
	 * Returns how many could not be ended.
	 */
	endMarked(mark: string): Promise<number>
}

/** What running commands needs of the host's clock. */
export interface ShellClock {
	/** Milliseconds since some fixed moment; never goes back. */
	monotonic(): number
	/** Calls once after so many milliseconds; the returned function cancels. */
	after(milliseconds: number, call: () => void): () => void
}
