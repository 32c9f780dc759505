import { endpoint, readFacts, saying, size, when } from "./facts.ts"
import type { Failure, FailureCode } from "./failure.ts"
import type { FailureData } from "./failure-data.ts"

/** A failure for a person: one sentence what happened, one what to do next. */
export interface Sentence {
	what: string
	next: string
}

/** The words for a failure. Safe to show: hostile text in its facts is escaped and cut. Never throws. */
export function sentenceOf(failure: Pick<Failure, "code" | "data">): Sentence {
	const make = (sentences[failure.code] ?? sentences.internal) as (facts: Record<string, string>) => Sentence
	const { what, next } = make(readFacts(failure.data))
	return { what: tidy(what), next: tidy(next) }
}

type Facts<C extends FailureCode> = { readonly [K in keyof FailureData[C]]?: string }

/** All wording for failures. The type proves that no code is without its sentence. */
const sentences: { [C in FailureCode]: (facts: Facts<C>) => Sentence } = {
	"module-unreadable": ({ path = "The module", reason, limitBytes }) => ({
		what: `${path} cannot be read${explain(reason, {
			missing: "it is not there",
			"not-permitted": "this account may not read it",
			"a-folder": "it is a folder, not a file",
			"not-a-file": "it is no regular file",
			"too-large": `it is larger than the ${size(limitBytes) ?? "4 MiB"} an index may have`,
		})}.`,
		next: "Choose a folder that holds index.json and src/ and that you may read.",
	}),
	"module-faulty": ({ path = "The module", faults }) => ({
		what: `${path} has ${faults === "1" ? "a fault" : `${faults ?? "some"} faults`}, so nothing was run.`,
		next: "Correct what is listed, each fault with its line and column in index.json, and try again.",
	}),

	"name-taken": ({ path = "The name" }) => ({
		what: `${path} is taken: something else is there already.`,
		next: "Choose another name.",
	}),
	"source-refused": ({ path = "The file", reason, limitBytes }) => ({
		what: `${path} cannot be a source${explain(reason, {
			name: "its name is none that index.json and git can hold on every system",
			outside: "it would lie outside the module's src/",
			"git-folder": "git keeps its own files there (.git, on some systems by this name), and takes no others",
			"a-folder": "it is a folder",
			"not-a-file": "it is no regular file",
			"in-the-way": "a file stands where a folder is needed, or the other way round",
			"name-too-long": "its name is longer than the file system allows",
			"too-large": `it is larger than ${size(limitBytes) ?? "allowed"}`,
			vanished: "it was removed while it was being added",
			"not-uploaded": "its content did not arrive",
		})}.`,
		next: "Choose another file or another name; what was there before is unchanged.",
	}),
	"file-unreadable": ({ path = "The file", reason, limitBytes }) => ({
		what: `${path} cannot be read on the appliance${explain(reason, {
			"a-folder": "it is a folder",
			"not-a-folder": "it is no folder",
			"not-a-file": "it is a pipe, socket or device, and only regular files are read",
			loop: "it is a link that leads in a circle",
			disk: "the appliance's disk reports an error",
			name: "its name is no UTF-8, so that index.json could not hold it",
			"too-large": `it is larger than ${size(limitBytes) ?? "allowed"}`,
		})}.`,
		next: "Choose another file; nothing was changed, on the appliance or here.",
	}),
	"changed-meanwhile": ({ path = "A file" }) => ({
		what: `${path} has changed since it was looked at.`,
		next: "Look at it again and repeat the action; nothing was begun, published or lost.",
	}),
	"changes-unpublished": ({ module = "The module", paths }) => ({
		what: `${module} has changes that are in no published version${when(paths, (list) => `: ${list}`)}.`,
		next: "Publish them first, or repeat the checkout with the changes kept aside.",
	}),
	"repository-unusable": ({ path = "The module's git repository", reason, paths, output }) => ({
		what: `${path} cannot be published from${explain(reason, {
			damaged: "git's own data is damaged or missing",
			detached: "no branch is checked out there",
			merging: "a merge, rebase or cherry-pick is under way there",
			conflict: "files are in conflict after a merge",
			staged: "something is staged that is neither in the last commit nor in the file",
			busy: "another program holds its lock",
			"object-format": "it uses a format of objects other than SHA-1",
			"ref-format": "it keeps its branches in a format that is not known here",
			"index-format": "its index is in a format that is not known here",
			alternates: "it borrows objects from another repository",
			"lost-folder": ".git leads to a folder that is not there",
			"other-folder": ".git leads to a repository that does not know this folder as its own",
			"other-owner": "its .git belongs to another account, whose settings could lead anywhere",
			link: "it is a link or no regular file, and would lead out of the repository",
			"ref-name": "HEAD names a branch that git would not allow",
			"not-a-file": "index.json must be a regular file and src a folder",
			shallow: "its history is cut off (a shallow clone)",
			"too-large":
				"there is more in it than is read (100,000 files and folders, 100 within each other, files of 1 GiB, an index of 64 MiB)",
		})}${when(paths, (list) => ` (${list})`)}${saying(output)}.`,
		next: repositoryRemedy(reason),
	}),
	"version-published": ({ module = "The module", version = "This version", since }) => ({
		what: `${version} of ${module} was published${when(since, (date) => ` on ${date}`)}, and published versions never change.`,
		next: "Publish under a higher version.",
	}),
	"version-unknown": ({ module = "the module", version = "such a version", known }) => ({
		what: `There is no version ${version} of ${module}.`,
		next: `Choose ${known === undefined ? "a published one; fetch the team's tags first if it should be there" : `from ${known}`}.`,
	}),
	"tag-changed": ({ id = "A version's tag", version = "the version", reason, found }) => ({
		what: `The tag ${id} ${
			reason === "deleted"
				? "was deleted"
				: reason === "unreadable"
					? "leads to a commit that is not in this repository"
					: `was moved${when(found, (commit) => ` to ${commit}`)}`
		} after ${version} had been published.`,
		next:
			reason === "unreadable"
				? "Fetch the whole history (git fetch --unshallow --tags), or repair the repository."
				: "Ask who did it; here the version stays what was published.",
	}),
	"cannot-sign": ({ key = "The key to sign by", reason }) => ({
		what: `${key} did not sign the version${explain(reason, {
			"made-by-the-app": "it was made by the app, which alone can sign by it",
			"keychain-closed": "the system's keychain did not open it",
			"kept-damaged": "its file in the data folder is damaged",
		})}.`,
		next: `${remedyOf(reason)}; nothing was published.`,
	}),
	"keychain-unusable": ({ reason }) => ({
		what: `No key can be made here${explain(reason, {
			"none-here": "only the desktop app has a keychain to keep it in",
			"basic-text": "this system has no keychain that the app knows (GNOME Keyring, KWallet or another secret service)",
			unavailable: "the system's keychain is closed, or does not answer",
			refused: "the system's keychain refused to seal it",
		})}.`,
		next: `${
			reason === "none-here"
				? "Make it in the desktop app"
				: reason === "basic-text"
					? "Set one up and start the app anew"
					: "Open the keychain and try again"
		}, or let an SSH agent hold the key: ssh-keygen -t ed25519 -f FILE, then ssh-add FILE.`,
	}),

	"name-not-found": ({ host = "the appliance", temporary }) => ({
		what:
			temporary === "true"
				? `The name service did not answer when asked for ${host}.`
				: `No address is known for ${host}.`,
		next:
			temporary === "true"
				? "Check this computer's network connection and try again."
				: "Check the spelling of the host name, or enter the appliance's IP address.",
	}),
	refused: (facts) => ({
		what: `${facts.host ?? "The appliance"} is there, but no SSH server listens on ${when(facts.port, (port) => `port ${port}`) || "its port"}.`,
		next: "Check the port, and that the SSH server is running on the appliance.",
	}),
	unreachable: ({ reason, ...facts }) => ({
		what: `There is no way through the network to ${endpoint(facts)}${when(reason, (said) => ` (${said})`)}.`,
		next: "Check that the appliance is switched on and that this computer is in the right network or VPN.",
	}),
	"timed-out": ({ phase, seconds, ...facts }) => ({
		what: `${endpoint(facts)} did not answer${when(seconds, (count) => ` within ${count} seconds`)}${explain(phase, {
			connect: "no connection came about",
			banner: "the connection stands, but no SSH greeting came",
			"key-exchange": "it stopped while the encryption was being agreed on",
			"sign-in": "it stopped during the sign-in",
			answer: "a question to it stayed open",
		})}.`,
		next: "Check that the appliance is switched on and no firewall drops the connection, then try again.",
	}),
	"not-ssh": ({ received, ...facts }) => ({
		what: `What answers at ${endpoint(facts)} is no SSH server${saying(received)}.`,
		next: "Check the port: another service listens there.",
	}),
	"connection-lost": ({ reason, banner, began, ...facts }) => ({
		what: `The connection to ${endpoint(facts)} was lost${when(reason, (text) => `: ${text}`)}${saying(banner)}.`,
		next:
			began === "no"
				? "Start the run again."
				: "Connect again: a run that had begun goes on by itself on the appliance, and you will see all of it.",
	}),
	"host-key-unknown": ({ keyType, fingerprint, certAuthority, ...facts }) => ({
		what: `${endpoint(facts)} is ${certAuthority === "true" ? "known by its certificate authority only, which is not supported" : "not known yet"}; it shows the ${key(keyType, fingerprint)}.`,
		next: "Compare the fingerprint with the one on the appliance, and trust it only if they are equal.",
	}),
	"host-key-changed": ({ keyType, fingerprint, known, path, line, ...facts }) => ({
		what: `${endpoint(facts)} shows the ${key(keyType, fingerprint)} instead of the known one${when(known, (print) => ` ${print}`)}: it was set up anew, or someone is in between.`,
		next: `Do not go on until you know why; if it was set up anew, remove the old key${place(path, line)} and compare the new fingerprint with the appliance.`,
	}),
	"host-key-revoked": ({ keyType, fingerprint, path, line, ...facts }) => ({
		what: `${endpoint(facts)} shows the ${key(keyType, fingerprint)}, which is marked as revoked${place(path, line)}.`,
		next: "Do not sign in there: this key is known to be in wrong hands; ask whoever revoked it.",
	}),
	"authentication-failed": ({ user, tried, offered, banner, reason, ...facts }) => ({
		what: `${endpoint(facts)} did not let ${user ?? "the user"} in${when(tried, (methods) => ` by ${methods}`)}${when(reason, (text) => `: ${text}`)}${saying(banner)}.`,
		next: `Check user name, key and password${when(offered, (methods) => `; the appliance accepts ${methods}`)}.`,
	}),
	"too-many-authentication-failures": ({ user, tried, ...facts }) => ({
		what: `${endpoint(facts)} ended the sign-in${when(user, (name) => ` of ${name}`)} after too many keys${when(tried, (count) => ` (${count})`)}.`,
		next: "Choose the one right key file for this appliance instead of everything the agent holds.",
	}),
	"passphrase-needed": ({ path = "the key" }) => ({
		what: `The passphrase of ${path} is needed.`,
		next: "Enter the passphrase, or load the key into the agent beforehand.",
	}),
	"passphrase-wrong": ({ path = "the key" }) => ({
		what: `The passphrase does not open ${path}.`,
		next: "Enter the passphrase again.",
	}),
	"key-unreadable": ({ path = "The key", reason }) => ({
		what: `${path} cannot be used${explain(reason, {
			missing: "the file is not there",
			"not-permitted": "this account may not read it",
			"a-folder": "it is a folder",
			"unknown-format": "its format is unknown",
			pkcs8: "it is a key in the PKCS#8 format",
			"public-key": "it is the public half of a key",
			"no-ed25519": "it is no public key of type ssh-ed25519",
		})}.`,
		next:
			reason === "pkcs8"
				? "Convert a copy of the key with: ssh-keygen -p -f FILE (which writes the OpenSSH format)."
				: "Name a file that is there, that you may read, and that is in the OpenSSH format.",
	}),
	"password-needed": ({ user, ...facts }) => ({
		what: `The password${when(user, (name) => ` of ${name}`)} at ${endpoint(facts)} is needed.`,
		next: "Enter the password, or choose a key for this appliance.",
	}),
	"no-common-algorithm": ({ kind, ...facts }) => ({
		what: `${endpoint(facts)} and this program have no ${kind ?? "encryption method"} in common.`,
		next: "Update the SSH server on the appliance, or allow it a method that both sides know.",
	}),
	"channel-refused": ({ reason, ...facts }) => ({
		what: `${endpoint(facts)} let us in but does not start programs${when(reason, (text) => `: ${text}`)}.`,
		next: "Check MaxSessions, ForceCommand and the login shell of the account in the appliance's SSH server.",
	}),
	"jump-refused": ({ target = "the appliance", reason, ...facts }) => ({
		what: `The jump host ${endpoint(facts)} does not lead on to ${target}${when(reason, (text) => `: ${text}`)}.`,
		next: "Check AllowTcpForwarding and PermitOpen on the jump host, and that it can reach the appliance itself.",
	}),
	"ssh-config-unreadable": ({ path = "The SSH configuration", line, reason }) => ({
		what: `${path}${when(line, (number) => `, line ${number},`)} cannot be used${when(reason, (text) => `: ${text}`)}.`,
		next: "Correct it there; `ssh -G HOST` shows what ssh itself makes of it.",
	}),

	"sudo-password-needed": ({ host = "the appliance", user }) => ({
		what: `On ${host}, sudo asks for the password${when(user, (name) => ` of ${name}`)}.`,
		next: "Enter the password, or allow the account sudo without one.",
	}),
	"sudo-refused": ({ host = "the appliance", user = "The account", program = "sudo", reason, output }) => ({
		what: `${user} cannot become root on ${host}${explain(reason, {
			"not-installed": `${program} is not installed there`,
			"not-allowed": `${program} does not allow it`,
			"wrong-password": "the password is wrong",
			"needs-terminal": `${program} there insists on a terminal`,
			"needs-password": `${program} wants a password and takes one at a terminal only`,
		})}${saying(output)}.`,
		next:
			reason === "wrong-password"
				? "Enter the password of the account again."
				: reason === "needs-password"
					? `Allow the account ${program} without a password (nopass), use sudo, or sign in as root.`
					: `Sign in as root, or allow the account to use ${program} there.`,
	}),
	"needs-root": ({ host, user = "The account", needs }) => ({
		what: `${user} cannot do this run in full${on(host)}${when(needs, (list) => `: ${list}`)}, so nothing was touched.`,
		next: "Sign in as root, or switch on sudo or doas for this appliance.",
	}),

	"no-suitable-runtime": ({ host = "the appliance", found, needed = "18", architecture = "it", reason, output }) => ({
		what: `${host} has ${found === undefined ? "no Node" : `Node ${found}`}, but the runner needs ${needed} or newer${when(
			reason,
			(word) =>
				`, and none can be brought along${explain(word, {
					architecture: `there is none for ${architecture}`,
					"32-bit": `its system is a 32-bit one on ${architecture}`,
					musl: "its system is built on musl, not on glibc",
					"old-libc": "its glibc is older than 2.28",
					"no-glibc": "its system has no glibc",
					"not-carried": `this build carries none for ${architecture}`,
					"does-not-start": "the one that was brought does not start there",
				})}`,
		)}${saying(output)}.`,
		next: `Install Node ${needed} or newer on the appliance, for example with: apt-get install -y nodejs`,
	}),
	"disk-full": ({ host, path, neededBytes, freeBytes }) => ({
		what: `There is too little space${when(path, (place) => ` at ${place}`)}${on(host)}${space(size(neededBytes), size(freeBytes))}.`,
		next: "Make room there and try again.",
	}),
	"read-only": ({ host, path = "The file system" }) => ({
		what: `${path}${on(host)} can only be read, not written.`,
		next: "Find out why it is mounted read-only (often a disk fault: see dmesg) before you try again.",
	}),
	"no-exec": ({ host, path = "The state folder" }) => ({
		what: `No program can be started from ${path}${on(host)}: it is mounted with noexec.`,
		next: "Install Node 18 or newer on the appliance, or mount that file system without noexec.",
	}),
	"not-permitted": ({ host, path = "what is needed", user = "This account" }) => ({
		what: `${user} may not use ${path}${on(host)}.`,
		next: "Give the account that right; on an appliance, sign in as root or switch on sudo for it.",
	}),
	"upload-damaged": ({ host = "the appliance", path }) => ({
		what: `${path ?? "What was sent"} did not arrive whole at ${host}.`,
		next: "Try again; if it happens twice, look for a fault in the network or on the appliance's disk.",
	}),
	"runner-incompatible": ({ host = "the appliance", ours, theirs, reason }) => ({
		what: `The runner on ${host} does not understand this program${theirs && ours ? ` (protocol ${theirs} there, ${ours} here)` : ""}${when(reason, (text) => `: ${text}`)}.`,
		next: "Update this program; a run that is going on there ends by itself.",
	}),
	"runner-failed": ({ host = "the appliance", reason, exit, signal, output }) => ({
		what: `The runner on ${host} ended unexpectedly${when(exit, (code) => ` with exit status ${code}`)}${when(signal, (name) => ` by ${name}`)}${when(reason, (text) => `: ${text}`)}${saying(output)}.`,
		next: "Connect again: what it had begun is put right by recovery before anything else runs.",
	}),

	busy: ({ host = "the appliance", run, since, by }) => ({
		what: `Another run${when(run, (id) => ` (${id})`)} is going on at ${host}${when(since, (time) => ` since ${time}`)}${when(by, (name) => `, started by ${name}`)}.`,
		next: "Wait until it has ended, or follow it; only one run goes on at a time.",
	}),
	"refused-downgrade": ({ module = "the module", installed = "a newer version", requested = "this version" }) => ({
		what: `The appliance holds ${installed} of ${module}, which is higher than ${requested}.`,
		next: "Allow the downgrade if you want to go back to the lower version.",
	}),
	"refused-same-version": ({ module = "The module", version }) => ({
		what: `${module}${when(version, (number) => ` ${number}`)} is already on the appliance with other content under the same version.`,
		next: "Raise schema_version in index.json and publish the change as a new version.",
	}),
	"module-not-trusted": ({ host = "The appliance", module = "the module", version, reason, keys }) => ({
		what: `${host} does not run ${module}${when(version, (number) => ` ${number}`)}${explain(reason, {
			unsigned: "it is not signed",
			"no-signature": "its index.json.sig holds something else than signatures of modules by Ed25519 keys",
			"unknown-key": "no key that signed it is trusted there",
			revoked: "the key that signed it was revoked",
			changed: "it is not what was signed: its name, version or a file was changed since",
			"own-policy": "in a folder given by --root the machine's own /etc/hotfix/policy.json would not hold",
		})}${when(keys, (fingerprints) => ` (signed by ${fingerprints})`)}.`,
		next:
			reason === "changed"
				? "Find out who changed it; publish the change as a new, signed version if it is meant."
				: reason === "own-policy"
					? "Leave --root out, or use a machine that has no such file; nothing was touched."
					: "Publish it signed by a key that stands in /etc/hotfix/trusted-keys there; nothing was touched.",
	}),
	"trusted-keys-unusable": ({ path = "The list of trusted keys", line, reason }) => ({
		what: `${path}${when(line, (number) => `, line ${number},`)} cannot be relied on, so no module runs there${explain(
			reason,
			{
				"no-key": "a line is no ssh-ed25519 public key",
				"control-character": "a control character stands in it",
				"none-trusted": "it holds no key that is trusted",
			},
		)}.`,
		next: "Have root correct it on the appliance; what was applied can be put back all the same.",
	}),
	"module-disabled": ({ module = "The module" }) => ({
		what: `${module} is disabled by its own metadata.`,
		next: 'Set "enabled" to true in its metadata if it shall run.',
	}),
	"unknown-pool": ({ pool, known }) => ({
		what: pool === undefined ? "The module has no such pool." : `There is no pool ${pool}.`,
		next: `Choose ${known === undefined ? "one of the module's pools" : `from ${known}`}.`,
	}),
	"unknown-run": ({ run }) => ({
		what: run === undefined ? "The appliance knows no such run." : `The appliance knows no run ${run}.`,
		next: "Look at the history for the runs that it remembers; what they printed is kept of the last 200.",
	}),
	"not-waiting": ({ pool = "the pool", run = "the run" }) => ({
		what: `${pool} does not wait for a confirmation in ${run}.`,
		next: "Look at the run: it may have been put back already, or has not come that far.",
	}),
	"destination-changed": ({ pool = "the pool", paths = "a destination", changes }) => ({
		what:
			changes === undefined
				? `Somebody changed ${paths} since ${pool} was applied.`
				: `Not as ${pool} left them: ${changes}.`,
		next: "Look at what was changed; force the revert only if it may be lost.",
	}),
	"plan-changed": ({ reason, changes }) => ({
		what:
			reason === "never-seen"
				? "Nobody has looked at what the run would do here, so it was not started."
				: `The run was not started, because it would not do what you looked at${when(changes, (list) => `: ${list}`)}.`,
		next: "Look at the new plan, and start with that.",
	}),
	"state-unsafe": ({ path = "The state folder", reason }) => ({
		what: `${path} is not safe to keep backups in${when(reason, (text) => `: ${text}`)}.`,
		next: "Make it a folder of root's with mode 0700, on a local disk, in folders of root's alone, and try again.",
	}),
	"state-damaged": ({ path = "The record of earlier runs", reason }) => ({
		what: `${path} is damaged${when(reason, (text) => `: ${text}`)}.`,
		next: "Do not delete it: it holds the way back; have a person look before anything else runs there.",
	}),

	"database-damaged": ({ path = "This program's own database", keptAs }) => ({
		what: `${path} was damaged${when(keptAs, (file) => ` and was put aside as ${file}, and a new one begun`)}.`,
		next: "Add your appliances again; the history of their runs can be fetched from the appliances themselves.",
	}),
	"database-newer": ({ path = "This program's own database" }) => ({
		what: `${path} was written by a newer version of this program.`,
		next: "Start the newer version, or name another data folder with --data.",
	}),

	"bad-request": ({ reason }) => ({
		what: `The request was not understood${when(reason, (text) => `: ${text}`)}.`,
		next: "Correct it and try again; nothing was touched.",
	}),
	"not-found": ({ kind = "thing", id, path }) => ({
		what: `There is no such ${kind}${when(path ?? id, (name) => `: ${name}`)}.`,
		next:
			kind === "runner"
				? "Build it with: npm run build"
				: "It may have been removed meanwhile; look at what there is and try again.",
	}),
	cancelled: ({ what = "The action" }) => ({
		what: `${capital(what)} was cancelled.`,
		next: "Start it again when you are ready.",
	}),
	internal: ({ message }) => ({
		what: `This program made a mistake${when(message, (text) => `: ${text}`)}.`,
		next: "Try again; if it happens twice, report it with this text and the log.",
	}),
}

function repositoryRemedy(reason: string | undefined): string {
	if (reason === "busy")
		return "Wait for it; if no git is at work there, remove the file index.lock in its .git folder."
	if (reason === "detached") return "Check out a branch with: git switch BRANCH"
	if (reason === "merging" || reason === "conflict")
		return "Finish or abort it with git first; editing and running go on."
	if (reason === "staged") return "Commit or unstage it with git first."
	if (reason === "not-a-file") return "Put the files themselves there instead of links."
	if (reason === "too-large") return "Take out of src/ what no appliance needs; the files can still be edited and run."
	if (reason === "other-folder")
		return 'Where the folder was moved, use `git worktree repair` there; where you made it with git init --separate-git-dir, `git config core.worktree "$PWD"`; else clone it anew. The files can still be edited and run.'
	if (reason === "other-owner")
		return "Copy the module into the library; or, where you trust that account, have git do so too: `git config --global --add safe.directory PATH`. The files can still be edited and run."
	if (reason === "damaged" || reason === "lost-folder" || reason === "link" || reason === "ref-name")
		return "Have git look at it (git fsck) or clone it anew; the files can still be edited and run."
	return "Use a plain repository (git clone) for publishing; the files can still be edited and run."
}

/** What lets a chosen key sign again. */
function remedyOf(reason: string | undefined): string {
	if (reason === "made-by-the-app") return "Publish in the desktop app, or choose a key of the agent (`hotfix key use`)"
	if (reason === "keychain-closed")
		return "Open the keychain and publish again, or choose another key under Signing keys"
	if (reason === "kept-damaged") return "Delete that key under Signing keys, and make or choose another one"
	return "Add the key to the agent (ssh-add), or choose another one with `hotfix key use`"
}

/** Why, after a colon: a known word in its own words, anything else as it was told. */
function explain(reason: string | undefined, known: Record<string, string>): string {
	return when(reason, (word) => `: ${Object.hasOwn(known, word) ? known[word] : word}`)
}

function key(type: string | undefined, fingerprint: string | undefined): string {
	return `${type === undefined ? "" : `${type} `}key${when(fingerprint, (print) => ` ${print}`)}`
}

function place(path: string | undefined, line: string | undefined): string {
	return when(path, (file) => ` in ${file}${when(line, (number) => `, line ${number}`)}`)
}

function space(needed: string | undefined, free: string | undefined): string {
	if (needed && free) return `: ${needed} are needed, ${free} are free`
	return needed ? `: ${needed} are needed` : when(free, (bytes) => `: ${bytes} are free`)
}

function on(host: string | undefined): string {
	return when(host, (name) => ` on ${name}`)
}

/** Begins with a capital where the sentence begins with our own words, and ends once. */
function tidy(sentence: string): string {
	const begun = /^(the|what) /.test(sentence) ? capital(sentence) : sentence
	return begun.replace(/([.…]”?)\.$/, "$1")
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1)
}
