type Fact = string | number | boolean | string[]

/** Where an SSH server was looked for. */
interface Endpoint {
	host?: Fact
	port?: Fact
}

/** A host key as it was offered; fingerprints as OpenSSH prints them (`SHA256:...`). */
interface HostKey extends Endpoint {
	keyType?: Fact
	fingerprint?: Fact
	/** The known_hosts file, and the 1-based line, that decided. */
	path?: Fact
	line?: Fact
}

/**
 * The facts each failure carries in `data`; `sentences.ts` makes words of exactly these. All optional: a failure may
 * come from an older program, and a sentence is right without any of them. `reason` is a word listed here or, where
 * none fits, a short lowercase text without full stop. Other keys are for logs only. Never put a secret here.
 */
export interface FailureData {
	/** `path`: folder or file. `reason`: `missing`, `not-permitted`, `a-folder`, `not-a-file`, `too-large` (with `limitBytes`). */
	"module-unreadable": { path?: Fact; reason?: Fact; limitBytes?: Fact }
	/** `faults`: how many; the findings themselves travel in `failure.findings`. */
	"module-faulty": { path?: Fact; faults?: Fact }

	/** Something else has the name that a new module shall have. */
	"name-taken": { path?: Fact }
	/**
	 * `path`: the source. `reason`: `name`, `outside`, `git-folder`, `a-folder`, `not-a-file`, `in-the-way`, `name-too-long`,
	 * `too-large` (with `limitBytes`), `vanished`, `unreadable-name`, `not-uploaded`.
	 */
	"source-refused": { path?: Fact; reason?: Fact; limitBytes?: Fact }
	/** A file that changed while it was read, or a module since it was looked at. */
	"changed-meanwhile": { path?: Fact }
	/** A checkout that would lose work. `paths`: what is in no published version. */
	"changes-unpublished": { module?: Fact; paths?: Fact }
	/**
	 * `path`: its folder. `reason`: `damaged`, `detached`, `merging`, `conflict`, `staged` (`paths`), `busy`, `object-format`,
	 * `ref-format`, `index-format`, `alternates`, `lost-folder`, `other-folder`, `other-owner`, `link`, `ref-name`, `too-large`,
	 * `not-a-file` (`paths`), `shallow`. `output`: what git's reader said.
	 */
	"repository-unusable": { path?: Fact; reason?: Fact; paths?: Fact; output?: Fact }
	/** `since`: when, `yyyy-mm-dd`. */
	"version-published": { module?: Fact; version?: Fact; since?: Fact }
	/** `known`: those there are. */
	"version-unknown": { module?: Fact; version?: Fact; known?: Fact }
	/** `id`: the tag. `reason`: `moved`, `deleted`, `unreadable`. `found`: what it leads to now. */
	"tag-changed": { id?: Fact; version?: Fact; reason?: Fact; found?: Fact }
	/**
	 * A chosen key that did not sign; nothing was published. `key`: its fingerprint. `reason`: `made-by-the-app` (another
	 * program than the desktop app has no keychain), `keychain-closed`, `kept-damaged`, or what the agent said.
	 */
	"cannot-sign": { key?: Fact; reason?: Fact }
	/** No key was made. `reason`: `none-here`, `basic-text`, `unavailable` (`NoKeychain`), `refused`. */
	"keychain-unusable": { reason?: Fact }

	/** `temporary`: the name service did not answer, rather than "no such name". */
	"name-not-found": { host?: Fact; temporary?: Fact }
	refused: Endpoint
	unreachable: Endpoint & { reason?: Fact }
	/** `phase`: what was waited for (`connect`, `banner`, `key-exchange`, `sign-in`, `answer`). */
	"timed-out": Endpoint & { phase?: Fact; seconds?: Fact }
	/** `received`: first bytes that came instead of an SSH greeting. */
	"not-ssh": Endpoint & { received?: Fact }
	/** `banner`: what the server said before it closed (expired account, login grace time). */
	"connection-lost": Endpoint & { reason?: Fact; banner?: Fact; began?: Fact }
	/** `certAuthority`: the host is known by a certificate authority only, and host certificates are not supported. */
	"host-key-unknown": HostKey & { certAuthority?: Fact }
	/** `known`: the fingerprint on record. */
	"host-key-changed": HostKey & { known?: Fact }
	"host-key-revoked": HostKey
	/**
	 * `tried`: methods or keys used; `offered`: methods the server still accepts; `banner`: what it said. `reason`: what
	 * could not be tried, or what the server asked and nobody answered.
	 */
	"authentication-failed": Endpoint & { user?: Fact; tried?: Fact; offered?: Fact; banner?: Fact; reason?: Fact }
	/** `tried`: how many keys were offered before the server closed. */
	"too-many-authentication-failures": Endpoint & { user?: Fact; tried?: Fact }
	"passphrase-needed": { path?: Fact }
	"passphrase-wrong": { path?: Fact }
	/**
	 * A key or known_hosts file. `reason`: `missing`, `not-permitted`, `a-folder`, `unknown-format`, `pkcs8`, `public-key`,
	 * `no-ed25519` (a key to sign modules by).
	 */
	"key-unreadable": { path?: Fact; reason?: Fact }
	"password-needed": Endpoint & { user?: Fact }
	/** `kind`: what could not be agreed on, for example `key exchange`, `cipher`, `host key`. */
	"no-common-algorithm": Endpoint & { kind?: Fact }
	"channel-refused": Endpoint & { reason?: Fact }
	/** A jump host that is signed in to and does not lead on: `target` is `host:port` as it was asked for. */
	"jump-refused": Endpoint & { target?: Fact; reason?: Fact }
	/** The user's own SSH configuration. `line`: 1-based, where one is at fault. */
	"ssh-config-unreadable": { path?: Fact; line?: Fact; reason?: Fact }

	"sudo-password-needed": { host?: Fact; user?: Fact }
	/**
	 * `program`: `sudo` or `doas`. `reason`: `not-installed`, `not-allowed`, `wrong-password`, `needs-terminal`,
	 * `needs-password` (doas, which takes none from a program). `output`: what it said.
	 */
	"sudo-refused": { host?: Fact; user?: Fact; program?: Fact; reason?: Fact; output?: Fact }
	/** A run that only root could do in full. `needs`: each thing that only root can do, in words. */
	"needs-root": { host?: Fact; user?: Fact; needs?: Fact }

	/**
	 * `found`: version that is there; `needed`: lowest that will do; `architecture`: of the appliance. `reason`: why none
	 * can be brought along: `architecture`, `32-bit`, `musl`, `old-libc`, `no-glibc`, `not-carried` (by this build),
	 * `does-not-start` (`output`: what it said).
	 */
	"no-suitable-runtime": {
		host?: Fact
		found?: Fact
		needed?: Fact
		architecture?: Fact
		reason?: Fact
		output?: Fact
	}
	/** These three without `host`: on this computer, or on an appliance that the reader knows. */
	"disk-full": { host?: Fact; path?: Fact; neededBytes?: Fact; freeBytes?: Fact }
	"read-only": { host?: Fact; path?: Fact }
	/** A folder from which no program can be started (`noexec`). */
	"no-exec": { host?: Fact; path?: Fact }
	"not-permitted": { host?: Fact; path?: Fact; user?: Fact }
	/** `path`: the source or program whose digest does not fit. */
	"upload-damaged": { host?: Fact; path?: Fact }
	/** `ours`, `theirs`: protocol numbers or versions. */
	"runner-incompatible": { host?: Fact; ours?: Fact; theirs?: Fact; reason?: Fact }
	/** `output`: the last it said. */
	"runner-failed": { host?: Fact; reason?: Fact; exit?: Fact; signal?: Fact; output?: Fact }

	/** `run`: the one that holds the lock; `since`: ISO 8601; `by`: who started it. */
	busy: { host?: Fact; run?: Fact; since?: Fact; by?: Fact }
	/** `installed`, `requested`: versions. */
	"refused-downgrade": { module?: Fact; installed?: Fact; requested?: Fact }
	"refused-same-version": { module?: Fact; version?: Fact }
	"module-disabled": { module?: Fact }
	/**
	 * An appliance that runs signed modules only. `reason`: `unsigned`, `no-signature` (a file that holds none), `unknown-key`,
	 * `revoked`, `changed` (a trusted key signed something else), `own-policy` (`--root` would get around it). `keys`: fingerprints of those that signed.
	 */
	"module-not-trusted": { host?: Fact; module?: Fact; version?: Fact; reason?: Fact; keys?: Fact }
	/**
	 * The appliance's list of trusted keys cannot be relied on. `line`: 1-based, where one is at fault. `reason`: `no-key`,
	 * `control-character`, `none-trusted`, or why nobody may go by the file, in words.
	 */
	"trusted-keys-unusable": { path?: Fact; line?: Fact; reason?: Fact }
	/** `pool`: the unknown one or ones; `known`: those there are. */
	"unknown-pool": { pool?: Fact; known?: Fact }
	"unknown-run": { run?: Fact }
	/** A confirmation that came too early or too late. */
	"not-waiting": { run?: Fact; pool?: Fact }
	/** `paths`: destinations that are no longer what the pool wrote; `changes`: each with what became of it, in words. */
	"destination-changed": { pool?: Fact; paths?: Fact; changes?: Fact }
	/**
	 * A run that was to begin with a plan somebody looked at. `changes`: what is another way now, one by one, in words;
	 * absent: not known. `reason`: `never-seen`, nobody has looked at a plan of this appliance.
	 */
	"plan-changed": { reason?: Fact; changes?: Fact }
	/**
	 * A file of the appliance that cannot be looked at. `reason`: `a-folder`, `not-a-folder`, `not-a-file` (a pipe, socket or
	 * device), `loop` (of links), `disk` (an error of it), `name` (no UTF-8), `too-large` (with `limitBytes`).
	 */
	"file-unreadable": { path?: Fact; reason?: Fact; limitBytes?: Fact }
	/** `reason`: what makes the state folder unsafe to use, for example `others may write to it`. */
	"state-unsafe": { path?: Fact; reason?: Fact }
	"state-damaged": { path?: Fact; reason?: Fact }

	/** The desktop's own database. `path`: its file; `keptAs`: where the damaged one was put when a new one was begun. */
	"database-damaged": { path?: Fact; keptAs?: Fact }
	/** Written by a newer version of this program. */
	"database-newer": { path?: Fact }

	"bad-request": { reason?: Fact }
	/** `kind`: of thing, for example `appliance`, `run`, `file`. */
	"not-found": { kind?: Fact; id?: Fact; path?: Fact }
	/** `what`: for example `the run`, `the sign-in`. */
	cancelled: { what?: Fact }
	/** `message`: of the unexpected error, one line, no stack trace. */
	internal: { message?: Fact }
}
