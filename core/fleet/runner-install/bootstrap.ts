import { DEFAULT_STATE_FOLDER } from "../../schema/state-folder.ts"

/**
 * The command that finds a runtime on an appliance, makes sure that the runner of the wanted digest lies there, and
 * starts it. It speaks in lines `NONCE WORD ...` on standard output; everything else there is noise of the login shell:
 *
 *     NORUNTIME arch version   no Node new enough; `version` of the newest found, or nothing
 *     NEED                     send the runner now, gzipped: exactly `size` bytes
 *     FAIL step                why is on standard error
 *     HAVE                     digest verified just now; the runner is being started and speaks next
 */
export interface BootstrapOptions {
	nonce: string
	/** The appliance's own choice (`HOTFIX_STATE`, else /var/lib/hotfix) when absent. */
	stateFolder?: string | undefined
	/** The runner's own choice (DESIGN §6) when absent. */
	logFile?: string | undefined
	/** SHA-256 of the runner. */
	digest: string
	/** Bytes of the gzipped runner. */
	size: number
	/** Programs to try as Node, in order. */
	runtimes: readonly string[]
	/** How to become root: not at all, without a password, or with one that is asked for by this prompt. */
	sudo?: { prompt?: string } | undefined
}

export const RUNTIMES: readonly string[] = ["node", "/usr/bin/node", "/usr/local/bin/node", "/opt/node/bin/node"]
/** The lowest major version of Node that runs the runner (DESIGN §6). */
export const LOWEST_NODE = 18

/**
 * One word of a command line, for any login shell: sh, bash, dash, ash, zsh, ksh, fish, csh. Trap: csh ends a word at a
 * line break even inside quotes, so there may be none.
 */
export function quoteWord(word: string): string {
	if (/[\n\r\0]/.test(word))
		throw new Error(`cannot put a line break or NUL on a command line: ${JSON.stringify(word)}`)
	return /^[A-Za-z0-9_./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** The whole command line, for `exec` of an SSH session. */
export function makeBootstrapCommand(options: BootstrapOptions): string {
	const { nonce, stateFolder = "", logFile = "", digest, size, runtimes, sudo } = options
	const args = [nonce, stateFolder, logFile, digest, String(size), ...runtimes]
	const words = sudo
		? ["/bin/sh", "-c", becomeRoot(sudo), SCRIPT, ...(sudo.prompt === undefined ? [] : [sudo.prompt]), ...args]
		: ["/bin/sh", "-c", SCRIPT, "hotfix", ...args]
	return `exec ${words.map(quoteWord).join(" ")}`
}

/**
 * Runs the script it is given as `$0`. `-k` with a command ignores what sudo remembers: it asks for sure, so that the
 * password can never be read by the program behind it.
 */
function becomeRoot({ prompt }: { prompt?: string }): string {
	const take = prompt === undefined ? "" : "p=$1; shift; "
	const flags = prompt === undefined ? "-n" : `-S -k -p "$p"`
	return (
		`LC_ALL=C; export LC_ALL; ${take}` +
		`if [ "$(id -u)" = 0 ]; then exec /bin/sh -c "$0" hotfix "$@"; fi; ` +
		`exec sudo ${flags} -- /bin/sh -c "$0" hotfix "$@"`
	)
}

/**
 * For dash, ash and bash; without single quotes, line breaks, `!` and backslashes, which login shells read differently.
 * The folder must be ours and closed to others: else somebody could swap the runner between digest and start.
 */
const SCRIPT = [
	`LC_ALL=C; export LC_ALL; umask 077; n=$1 d=$2 l=$3 h=$4 z=$5; shift 5;`,
	`say() { echo; echo "$n $*"; };`,
	`fail() { say FAIL "$@"; exit 65; };`,
	`safe() { set -- $(ls -ldn "$1/."); case $1 in d????-??-*) [ "$3" = "$(id -u)" ];; *) false;; esac; };`,
	`if [ -z "$d" ]; then d=\${HOTFIX_STATE:-${DEFAULT_STATE_FOLDER}}; fi;`,
	`node= found=;`,
	`for c in "$@"; do`,
	`v=$("$c" --version 2>/dev/null </dev/null) || continue; m=\${v#v}; m=\${m%%.*};`,
	`case $m in [0-9]|[0-9][0-9]|[0-9][0-9][0-9]) found=$v;; *) continue;; esac;`,
	`if [ "$m" -ge ${LOWEST_NODE} ]; then node=$c; break; fi; done;`,
	`if [ -z "$node" ]; then say NORUNTIME "$(uname -m)" "$found"; exit 66; fi;`,
	`for c in sha256sum gzip head cut; do command -v $c >/dev/null || fail tool $c; done;`,
	`mkdir -p "$d/runners" || fail folder;`,
	`if safe "$d" && safe "$d/runners"; then :; else fail unsafe; fi;`,
	`f=$d/runners/$h.cjs;`,
	`if [ -f "$f" ] && [ "$(sha256sum <"$f" | cut -c1-64)" = "$h" ]; then :; else`,
	// With the connection gone, the next word would end this shell before it has removed what is half.
	`t=$d/runners/.$h.$$; drop() { rm -f "$t"; }; trap drop 0; trap : 1 13 15; say NEED;`,
	`head -c "$z" | gzip -dc >"$t" || fail write;`,
	`[ "$(sha256sum <"$t" | cut -c1-64)" = "$h" ] || fail damaged;`,
	`mv -f "$t" "$f" || fail write; trap - 0 1 13 15; fi;`,
	`say HAVE; exec "$node" "$f" serve --state "$d" --nonce "$n" \${l:+--log "$l"} \${HOTFIX_ROOT:+--root "$HOTFIX_ROOT"}`,
].join(" ")
