import { accessSync, constants } from "node:fs"
import { userInfo } from "node:os"

/** A program that reads commands from its standard input. */
export interface ShellProgram {
	path: string
	args: string[]
}

const BASH = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]

/** bash where it is, else sh; startup files are not read. */
export function findShell(): ShellProgram {
	const bash = BASH.find(isExecutable)
	return bash ? { path: bash, args: ["--norc", "--noprofile", "-s"] } : { path: "/bin/sh", args: ["-s"] }
}

/** Programs of the system, whatever PATH the runner was started with. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/** All that the shell has around it: nothing of the runner's own environment (SSH_*, NODE_*, sudo's) comes through. */
export function makeShellEnvironment(shell: ShellProgram): Record<string, string> {
	const { name, home } = readUser()
	return {
		PATH: SYSTEM_PATH,
		LANG: "C.UTF-8",
		HOME: home,
		USER: name,
		LOGNAME: name,
		SHELL: shell.path,
		TERM: "dumb",
		DEBIAN_FRONTEND: "noninteractive",
	}
}

function readUser(): { name: string; home: string } {
	try {
		const { username, homedir } = userInfo()
		return { name: username, home: homedir }
	} catch {
		// A user id without an entry in passwd has neither; root's always has one in effect.
		return process.getuid?.() === 0 ? { name: "root", home: "/root" } : { name: String(process.getuid?.()), home: "/" }
	}
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK)
		return true
	} catch {
		return false
	}
}
