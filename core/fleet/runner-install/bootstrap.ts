import { DEFAULT_STATE_FOLDER } from "../../schema/state-folder.ts"

/**
 * The command that finds a runtime on an appliance, makes sure that the runner of the wanted digest lies there, and
 * starts it. It speaks in lines `NONCE WORD ...` on standard output; everything else there is noise of the login shell:
 *
 *     NORUNTIME reason arch version   no Node new enough (`version` is the newest found, or nothing), and why none can be
 *                                     brought; the reasons are those of `no-suitable-runtime`
 *     NOEXEC                          one could be brought, but no program can be started in the state folder
 *     NOROOM needed free              likewise, but it does not fit; KiB
 *     NEED name                       send this runtime now, gzipped, behind a line with its length
 *     NOSTART                         the one that was brought does not start; what it said is on standard error
 *     NEED                            send the runner now, gzipped: exactly `size` bytes
 *     FAIL step                       why is on standard error; `unsafe` may name the folder that others can exchange
 *     HAVE                            digests verified just now; the runner is being started and speaks next
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
	/** Runtimes that could be sent where none of these will do; at most one an architecture. */
	carried?: readonly CarriedRuntime[] | undefined
	/** How to become root: not at all, without a password, or (sudo only) with one that is asked for by this prompt. */
	become?: { program: "sudo" | "doas"; prompt?: string } | undefined
}

/** What the appliance has to know of a runtime before it is sent. */
export interface CarriedRuntime {
	architecture: "x64" | "arm64"
	/** Its file's name there; ends in its SHA-256. */
	name: string
	/** Bytes of the unpacked program. */
	size: number
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
	const { nonce, stateFolder = "", logFile = "", digest, size, runtimes, carried = [], become } = options
	const brought = (["x64", "arm64"] as const).flatMap((architecture) => {
		const runtime = carried.find((one) => one.architecture === architecture)
		return runtime ? [runtime.name, String(Math.ceil(runtime.size / 1024))] : ["-", "0"]
	})
	const args = [nonce, stateFolder, logFile, digest, String(size), ...brought, ...runtimes]
	const words = become
		? ["/bin/sh", "-c", becomeRoot(become), SCRIPT, ...(become.prompt === undefined ? [] : [become.prompt]), ...args]
		: ["/bin/sh", "-c", SCRIPT, "hotfix", ...args]
	return `exec ${words.map(quoteWord).join(" ")}`
}

/**
 * Runs the script it is given as `$0`. `-k` with a command ignores what sudo remembers: it asks for sure, so that the
 * password can never be read by the program behind it. doas takes a password at a terminal only, so it must not ask.
 */
function becomeRoot({ program, prompt }: { program: "sudo" | "doas"; prompt?: string }): string {
	const take = prompt === undefined ? "" : "p=$1; shift; "
	const flags = prompt === undefined ? "-n" : `-S -k -p "$p"`
	return (
		`LC_ALL=C; export LC_ALL; ${take}` +
		`if [ "$(id -u)" = 0 ]; then exec /bin/sh -c "$0" hotfix "$@"; fi; ` +
		`exec ${program} ${flags} -- /bin/sh -c "$0" hotfix "$@"`
	)
}

/** The C library that Node 24 is built for; an older one cannot start it. */
const OLDER_THAN_GLIBC_2_28 = "2.[0-9]|2.[0-9][.-]*|2.1[0-9]|2.1[0-9][.-]*|2.2[0-7]|2.2[0-7][.-]*"

/**
 * No Node of its own will do: could one that is brought? Said before anything is sent or written there. A 64-bit kernel may
 * have a 32-bit system on it, and tools that would tell the C library may be missing; then its loader is looked for.
 */
const JUDGE_SYSTEM = [
	`m=$(uname -m); case $m in x86_64|amd64) r=$x k=$xk;; aarch64|arm64) r=$a k=$ak;;`,
	`arm*|i?86) none 32-bit;; *) none architecture;; esac;`,
	`if [ "$(getconf LONG_BIT 2>/dev/null)" = 32 ]; then none 32-bit; fi;`,
	`v=$(getconf GNU_LIBC_VERSION 2>/dev/null);`,
	`case $v in glibc*) ;; *) v=$(ldd --version 2>&1 | head -n 1);; esac;`,
	`case $v in *musl*) none musl;;`,
	`*glibc*|*GLIBC*|*GNU*) case \${v##* } in ${OLDER_THAN_GLIBC_2_28}) none old-libc;; esac;;`,
	`*) for c in /lib/ld-musl-*; do if [ -e "$c" ]; then none musl; fi; done;`,
	`if [ -e /lib64/ld-linux-x86-64.so.2 ] || [ -e /lib/ld-linux-aarch64.so.1 ]; then :; else none no-glibc; fi;; esac;`,
	`if [ "$r" = - ]; then none not-carried; fi;`,
]

/** Takes the runtime that was brought before, or asks for it; what is left of uploads that died hard makes room first. */
const BRING_RUNTIME = [
	`mkdir -p "$d/runtimes" || fail folder; safe "$d/runtimes" || fail unsafe;`,
	`node=$d/runtimes/$r;`,
	`if has "$node" "\${r##*-}"; then starts "$node"; else`,
	`find "$d/runtimes" -name ".*" -type f -mmin +60 -exec rm -f {} + 2>/dev/null; rm -f "$node";`,
	`begin "$d/runtimes/.$r.$$"; echo : >"$t" && chmod 700 "$t" || fail write;`,
	`"$t" </dev/null >/dev/null 2>&1 || quit NOEXEC;`,
	// What is free for everybody: root's reserve is the customer's.
	`set -- $(df -Pk "$d/runtimes" | tail -n 1);`,
	`if [ "$4" -ge 0 ] 2>/dev/null && [ "$4" -lt "$k" ]; then quit NOROOM "$k" "$4"; fi;`,
	`say NEED "$r"; read -r s || fail write; take "$s" "\${r##*-}"; starts "$t"; finish "$node"; fi;`,
]

/**
 * For dash, ash and bash; without single quotes, line breaks, `!` and backslashes, which login shells read differently.
 * The folder must be ours and closed to others, and so must be the ones above it: else somebody could swap the runner between
 * digest and start.
 */
const SCRIPT = [
	// What a login may set for the appliance's own Node programs: code that is loaded before ours, a port for debuggers.
	`unset NODE_OPTIONS NODE_PATH NODE_COMPILE_CACHE;`,
	`LC_ALL=C; export LC_ALL; umask 077; n=$1 d=$2 l=$3 h=$4 z=$5 x=$6 xk=$7 a=$8 ak=$9; shift 9;`,
	`say() { echo; echo "$n $*"; };`,
	`quit() { say "$@"; exit 66; };`,
	`none() { quit NORUNTIME "$1" "$m" "$found"; };`,
	`fail() { say FAIL "$@"; exit 65; };`,
	`u=$(id -u) g=$(id -g);`,
	`safe() { set -- $(ls -ldn "$1/."); case $1 in d????-??-*) [ "$3" = "$u" ];; *) false;; esac; };`,
	// As the engine judges the folders on the way (core/engine/disk/exposed.ts); in a sticky one nobody renames ours.
	`held() { p=$(cd -P "$1/.." && pwd -P) || return 1; p=\${p%/}; while set -- $(ls -ldn "$p/."); do`,
	`case $3 in 0|"$u") ;; *) return 1;; esac;`,
	`case $1 in d????????[tT]*|d????-??-*) ;; d???????-*) case $4 in 0|"$g") ;; *) return 1;; esac;; *) return 1;; esac;`,
	`if [ -z "$p" ]; then return 0; fi; p=\${p%/*}; done; };`,
	`has() { [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -c1-64)" = "$2" ]; };`,
	// With the connection gone, the next word would end this shell before it has removed what is half.
	`drop() { rm -f "$t"; }; begin() { t=$1; trap drop 0; trap : 1 13 15; };`,
	`take() { head -c "$1" | gzip -dc >"$t" || fail write; has "$t" "$2" || fail damaged; };`,
	`finish() { mv -f "$t" "$1" || fail write; trap - 0 1 13 15; };`,
	`starts() { v=$("$1" --version 2>&1 </dev/null); case $v in v[0-9]*) ;;`,
	`*"ermission denied"*) quit NOEXEC;; *) echo "$v" >&2; quit NOSTART;; esac; };`,
	`if [ -z "$d" ]; then d=\${HOTFIX_STATE:-${DEFAULT_STATE_FOLDER}}; fi;`,
	`node= found=;`,
	`for c in "$@"; do`,
	`v=$("$c" --version 2>/dev/null </dev/null) || continue; m=\${v#v}; m=\${m%%.*};`,
	`case $m in [0-9]|[0-9][0-9]|[0-9][0-9][0-9]) found=$v;; *) continue;; esac;`,
	`if [ "$m" -ge ${LOWEST_NODE} ]; then node=$c; break; fi; done;`,
	`if [ -z "$node" ]; then`,
	...JUDGE_SYSTEM,
	`fi;`,
	`for c in sha256sum gzip head cut; do command -v $c >/dev/null || fail tool $c; done;`,
	`mkdir -p "$d/runners" || fail folder;`,
	`if safe "$d" && safe "$d/runners"; then :; else fail unsafe; fi;`,
	`held "$d" || fail unsafe "\${p:-/}";`,
	`if [ -z "$node" ]; then`,
	...BRING_RUNTIME,
	`fi;`,
	`f=$d/runners/$h.cjs;`,
	`if has "$f" "$h"; then :; else`,
	`begin "$d/runners/.$h.$$"; say NEED; take "$z" "$h"; finish "$f"; fi;`,
	`say HAVE; exec "$node" "$f" serve --state "$d" --nonce "$n" \${l:+--log "$l"} \${HOTFIX_ROOT:+--root "$HOTFIX_ROOT"}`,
].join(" ")
