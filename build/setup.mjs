// First-time set-up, run by itself before `npm start`, `npm test` and `npm run demo`. Plain Node 20, no packages.
// It installs the npm packages once per lock file and, for the tests, Debian packages where it may; what it cannot
// install it names with the exact line to type.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** A program that the tests need, and the Debian package that has it. */
const TEST_PROGRAMS = [
	["sshd", "openssh-server"],
	["ssh", "openssh-client"],
	["ssh-agent", "openssh-client"],
	["systemd-nspawn", "systemd-container"],
	["mmdebstrap", "mmdebstrap"],
	["ip", "iproute2"],
	["nft", "nftables"],
	["mkfs.ext4", "e2fsprogs"],
	["zstd", "zstd"],
	["setfattr", "attr"],
	["setfacl", "acl"],
	["dash", "dash"],
	["busybox", "busybox"],
	["git", "git"],
	["curl", "curl"],
]
/** Debian packages with a browser for the tests, the best one first: the headless shell takes half the processor time. */
const BROWSERS = ["chromium-headless-shell", "chromium"]

const purpose = process.argv[2] ?? "app"
installNpmPackages()
requireNode24()
if (purpose === "test") {
	installTestPrograms()
	installBrowser()
}

function installNpmPackages() {
	const lock = createHash("sha256")
		.update(readFileSync(join(root, "package-lock.json")))
		.digest("hex")
	const stamp = join(root, "node_modules", ".set-up-for")
	if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return
	say("installing npm packages (once)")
	// Install scripts are denied: none of our packages needs one, and a stranger's script is a stranger's program.
	const result = run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
	if (result.status !== 0) stop("cannot install the npm packages", "npm ci --ignore-scripts")
	writeFileSync(stamp, lock)
}

/** The app needs node:sqlite; npm brings Node 24 as an optional package where there is one for the platform. */
function requireNode24() {
	const brought = join(root, "node_modules", ".bin", "node")
	if (existsSync(brought) || existsSync(`${brought}.cmd`)) return
	if (Number(process.versions.node.split(".")[0]) >= 24) return
	stop(
		`cannot go on with Node ${process.versions.node}: Node 24 is needed and npm has none for this platform`,
		"install Node 24 from https://nodejs.org, then repeat the command",
	)
}

function installTestPrograms() {
	const missing = TEST_PROGRAMS.filter(([program]) => !isInstalled(program))
	if (missing.length === 0) return
	if (!install(missing.map(([, name]) => name))) process.exit(1)
}

/** Not every system has every package of a browser. */
function installBrowser() {
	if (isInstalled(BROWSERS[0])) return
	if (isInstalled(BROWSERS[1])) install([BROWSERS[0]])
	else if (!BROWSERS.some((name) => install([name]))) process.exit(1)
}

/** False where it was tried and failed; where packages cannot be installed, it says what to type. */
function install(names) {
	const packages = [...new Set(names)].join(" ")
	const line = `apt-get update && apt-get install -y --no-install-recommends ${packages}`
	if (process.getuid?.() !== 0 || !isInstalled("apt-get")) {
		say(`not installed: ${packages}; tests that need them are skipped by name`)
		say(`to install them, type: sudo sh -c '${line}'`)
		return true
	}
	say(`installing ${packages} (once)`)
	if (run("sh", ["-c", line], { DEBIAN_FRONTEND: "noninteractive" }).status === 0) return true
	say(`cannot install ${packages}; type: ${line}`)
	return false
}

function isInstalled(program) {
	const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"]
	return folders.some((folder) => {
		try {
			accessSync(join(folder, program), constants.X_OK)
			return true
		} catch {
			return false
		}
	})
}

/** Runs a program quietly; its output is shown only when it fails. */
function run(program, args, env = {}) {
	const result = spawnSync(program, args, {
		cwd: root,
		env: { ...process.env, ...env },
		encoding: "utf8",
		maxBuffer: 1 << 28,
	})
	if (result.status !== 0)
		process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}\n`)
	return result
}

function say(text) {
	process.stderr.write(`set-up: ${text}\n`)
}

function stop(what, line) {
	say(`${what}; type: ${line}`)
	process.exit(1)
}
