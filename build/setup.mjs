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
	["debootstrap", "debootstrap"],
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
	["chromium", "chromium"],
]

const purpose = process.argv[2] ?? "app"
installNpmPackages()
requireNode24()
if (purpose === "test") installTestPrograms()

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
	const packages = [...new Set(missing.map(([, name]) => name))]
	const line = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`
	if (process.getuid?.() !== 0 || !isInstalled("apt-get")) {
		say(`not installed: ${missing.map(([program]) => program).join(", ")}; tests that need them are skipped by name`)
		say(`to install them, type: sudo sh -c '${line}'`)
		return
	}
	say(`installing ${packages.join(" ")} (once)`)
	const result = run("sh", ["-c", line], { DEBIAN_FRONTEND: "noninteractive" })
	if (result.status !== 0) stop("cannot install the programs that the tests need", line)
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
