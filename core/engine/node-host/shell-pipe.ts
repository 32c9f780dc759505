import { execFile, spawn } from "node:child_process"
import { closeSync, constants, openSync, readSync } from "node:fs"
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises"
import { Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { SYSTEM_PATH } from "./shell-environment.ts"

const READ_BYTES = 64 * 1024
/** The most that a pipe can hold without root's help: reading this much takes all that was in it when reading began. */
const MOST_IN_PIPE = 1024 * 1024
/** Memory first: on a full disk a closure must still run, above all the one after the restore. */
const FOLDERS = ["/run", "/dev/shm", tmpdir()]

type Take = (bytes: Uint8Array) => void

/**
 * One output of a shell, as a real pipe: Node's own are sockets, on which `echo x >/dev/stderr` fails.
 * `flush` needs no end marker in the stream: what was written before a moment is in the pipe at that moment.
 */
export class ShellPipe {
	/** For the child's stdio; closed here once it has been started. */
	readonly writeEnd: number
	readonly #reader: Socket
	readonly #flushEnd: number
	readonly #drainEnd: number
	readonly #take: Take
	#isOpen = true

	constructor(path: string, take: Take) {
		const opened: number[] = []
		const open = (flags: number): number => {
			opened.push(openSync(path, flags))
			return opened.at(-1) as number
		}
		try {
			// Order: a writer needs a reader, a blocking reader needs a writer, or open would wait for ever.
			const readEnd = open(constants.O_RDONLY | constants.O_NONBLOCK)
			this.#flushEnd = open(constants.O_RDONLY | constants.O_NONBLOCK)
			this.writeEnd = open(constants.O_WRONLY)
			this.#drainEnd = open(constants.O_RDONLY)
			this.#take = take
			this.#reader = this.#follow(readEnd)
		} catch (error) {
			for (const fd of opened) closeSync(fd)
			throw error
		}
	}

	/** Takes everything that was written until now. */
	flush(): void {
		this.#read()
	}

	/** Ends reading. Whoever still holds the pipe can go on writing into it: a small program reads it to its end. */
	close(): void {
		if (!this.#isOpen) return
		const isHeld = this.#read()
		this.#isOpen = false
		this.#reader.destroy()
		if (isHeld) leaveDrain(this.#drainEnd)
		closeSync(this.#flushEnd)
		closeSync(this.#drainEnd)
	}

	/** Takes what is in the pipe; returns whether anybody still holds its other end. */
	#read(): boolean {
		if (!this.#isOpen) return false
		const buffer = Buffer.allocUnsafe(READ_BYTES)
		for (let total = 0; total < MOST_IN_PIPE; ) {
			const count = readNow(this.#flushEnd, buffer)
			if (count === "empty") return true
			if (count === 0) return false
			this.#take(plain(buffer, count))
			total += count
		}
		return true
	}

	#follow(readEnd: number): Socket {
		const callback = (count: number, buffer: Uint8Array): boolean => {
			if (this.#isOpen) this.#take(plain(buffer, count))
			return true
		}
		const onread = { buffer: Buffer.allocUnsafe(READ_BYTES), callback }
		const reader = new Socket({ fd: readEnd, readable: true, writable: false, onread })
		// A pipe that cannot be read any more is at its end; how the command ended is told elsewhere.
		reader.on("error", () => reader.destroy())
		return reader
	}
}

/** Makes a pipe for each taker. The folder that they need for a moment is gone when this returns. */
export async function createShellPipes<T extends Take[]>(takers: [...T]): Promise<{ [K in keyof T]: ShellPipe }> {
	const folder = await createFolder()
	const pipes: ShellPipe[] = []
	try {
		const paths = takers.map((_, index) => join(folder, String(index)))
		// Open to all, in a private folder: a command that became another user may open its own /dev/stdout.
		await promisify(execFile)("mkfifo", ["-m", "666", ...paths], { env: { PATH: SYSTEM_PATH } })
		for (const [index, take] of takers.entries()) pipes.push(new ShellPipe(join(folder, String(index)), take))
		return pipes as { [K in keyof T]: ShellPipe }
	} catch (error) {
		for (const pipe of pipes) {
			closeSync(pipe.writeEnd)
			pipe.close()
		}
		throw error
	} finally {
		await rm(folder, { recursive: true, force: true })
	}
}

/** Removes the folders of runners that were killed in the moment they needed one. */
export async function removeForsaken(): Promise<void> {
	for (const folder of FOLDERS) {
		for (const name of await readdir(folder).catch(() => [])) {
			const pid = /^hotfix-shell-(\d+)-/.exec(name)?.[1]
			if (pid === undefined || isAlive(Number(pid))) continue
			const path = join(folder, name)
			// Nobody else's, and one that cannot be removed harms nobody.
			if ((await lstat(path).catch(() => undefined))?.uid !== process.geteuid?.()) continue
			await rm(path, { recursive: true, force: true }).catch(() => undefined)
		}
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== "ESRCH"
	}
}

async function createFolder(): Promise<string> {
	const faults: string[] = []
	for (const folder of FOLDERS) {
		try {
			return await mkdtemp(join(folder, `hotfix-shell-${process.pid}-`))
		} catch (error) {
			faults.push((error as Error).message)
		}
	}
	throw new Error(`cannot make a folder for the shell's pipes: ${faults.join("; ")}`)
}

/** Without Node's own `slice`, which shares memory where everybody else's copies: the buffer is read into again. */
function plain({ buffer, byteOffset }: Uint8Array, count: number): Uint8Array {
	return new Uint8Array(buffer, byteOffset, count)
}

function readNow(fd: number, buffer: Uint8Array): number | "empty" {
	try {
		return readSync(fd, buffer)
	} catch (error) {
		// Any other fault means that nothing more can be read, ever: the end.
		return (error as NodeJS.ErrnoException).code === "EAGAIN" ? "empty" : 0
	}
}

/** Without a reader, the next line that a daemon writes would end it with SIGPIPE. Ends when the last writer has. */
function leaveDrain(fd: number): void {
	const drain = spawn("cat", [], {
		detached: true,
		cwd: "/",
		env: { PATH: SYSTEM_PATH },
		stdio: [fd, "ignore", "ignore"],
	})
	// Nothing more can be done for the daemon, and the command did pass.
	drain.on("error", () => undefined)
	drain.unref()
}
