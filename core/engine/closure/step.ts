/** The shell's own descriptor to us. One digit, because dash knows no more; not 3, 4, 5 or 9, which scripts like to use. */
export const STATUS_DESCRIPTOR = 7

/** The variable in which everything that a command starts carries the command's mark. */
export const MARK_VARIABLE = "HOTFIX_CLOSURE"

/** Where a shell tells variables: anything that can be opened to be written. */
export interface Telling {
	names: readonly string[]
	path: string
}

/**
 * First lines a shell reads: ours may run with a umask that keeps backups private; a closure's files are the appliance's
 * own. A shell that a command ends still tells its variables, unless the command sets a trap of its own or is another
 * program by then. By a path, because a bash that ends within a command has its own descriptors closed.
 */
export function makeSetup(telling?: Telling): string {
	return `umask 022\n${telling ? `trap ${quote(tellVariables(telling))} EXIT\n` : ""}`
}

/** What a shell says when it has told its variables. */
export const TOLD = "told"

/** Each value with a NUL behind it, which no variable can hold. Unset ones are empty, also under `set -u`. */
function tellVariables({ names, path }: Telling): string {
	const values = names.map((name) => `"\${${name}-}"`).join(" ")
	return `{ \\command printf '%s\\000' ${values} >${quote(path)} || \\:; } 2>/dev/null`
}

/** Mark of one command of a list; 0 is the shell itself. */
export function makeCommandMark(mark: string, number: number): string {
	return `${mark}.${number}`
}

/** Any text without NUL as one word of a POSIX shell. */
export function quote(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * What the shell reads from its standard input for one command. It is evaluated, not run in a subshell, so that `cd`,
 * `export` and functions stay; a syntax error stays inside it. The status line follows on the same line, already read
 * when the command begins, so that `set -v` does not print it; the braces keep `set -x` from tracing it, the backslashes
 * keep aliases out. The space keeps a command that begins with a dash from being taken for an option, the line end one
 * that ends with a backslash from reaching beyond; the empty line first sets right the parser of a bash that met one.
 */
export function makeStep(command: string, commandMark: string, telling?: Telling): string {
	const fd = STATUS_DESCRIPTOR
	const mark = `{ ${MARK_VARIABLE}=${commandMark}; \\export ${MARK_VARIABLE}; } 2>/dev/null`
	const tell = `{ \\command printf '%s\\n' "$?" >&${fd}; \\set +v; } 2>/dev/null`
	const told = telling ? `; ${tellVariables(telling)}; { \\command printf '%s\\n' ${TOLD} >&${fd}; } 2>/dev/null` : ""
	return `\n${mark}\n\\eval ${quote(` ${command}\n`)} </dev/null ${fd}>&-; ${tell}${told}\n`
}
