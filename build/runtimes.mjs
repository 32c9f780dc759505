// Lays down the Node runtimes that can be brought to appliances: dist/runtimes/ARCHITECTURE/node, and what they are in
// dist/runtimes/runtimes.json. npm installs the package of this platform only; `npm run runtimes` (--fetch) gets the
// others from the registry, each against the integrity in package-lock.json. What is there already costs nothing.
import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
	copyFileSync,
	createReadStream,
	existsSync,
	linkSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const folder = join(root, "dist/runtimes")
const list = join(folder, "runtimes.json")
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages

const known = readKnown()
const runtimes = []
for (const architecture of ["x64", "arm64"]) {
	const runtime = await layDown(architecture)
	if (runtime) runtimes.push(runtime)
}
mkdirSync(folder, { recursive: true })
// Whole at once: a program may be reading it. Written anew each time: its age says that this was looked at.
writeFileSync(`${list}.new`, `${JSON.stringify(runtimes, null, "\t")}\n`)
renameSync(`${list}.new`, list)

/** Undefined where npm has not installed it and nobody asked to fetch it. */
async function layDown(architecture) {
	const name = `node-linux-${architecture}`
	const { version, integrity } = lock[`node_modules/${name}`]
	const program = join(folder, architecture, "node")
	const before = known.find((one) => one.architecture === architecture && one.version === version)
	if (before && statSync(program, { throwIfNoEntry: false })?.size === before.size) return before
	const installed = join(root, "node_modules", name, "bin/node")
	mkdirSync(join(folder, architecture), { recursive: true })
	rmSync(`${program}.new`, { force: true })
	if (existsSync(installed)) linkOrCopy(installed, `${program}.new`)
	else if (process.argv.includes("--fetch")) fetchProgram(name, version, integrity, `${program}.new`)
	else return undefined
	renameSync(`${program}.new`, program)
	return { architecture, version, digest: await digestOf(program), size: statSync(program).size }
}

/** A link where it can be: 120 MB less to write, and npm never writes into a file that is there. */
function linkOrCopy(from, to) {
	try {
		linkSync(from, to)
	} catch {
		copyFileSync(from, to)
	}
}

function fetchProgram(name, version, integrity, to) {
	const aside = mkdtempSync(join(folder, "fetching-"))
	try {
		console.log(`fetching ${name} ${version}`)
		const npm = spawnSync("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", aside], {
			cwd: root,
			encoding: "utf8",
			shell: process.platform === "win32",
		})
		if (npm.status !== 0) throw new Error(`cannot fetch ${name} ${version}: ${npm.stderr || npm.error?.message}`)
		const archive = join(aside, `${name}-${version}.tgz`)
		check(archive, name, integrity)
		execFileSync("tar", ["-xzf", archive, "-C", aside, "package/bin/node"])
		renameSync(join(aside, "package/bin/node"), to)
	} finally {
		rmSync(aside, { recursive: true, force: true })
	}
}

function check(archive, name, integrity) {
	if (!integrity) throw new Error(`cannot trust ${name}: package-lock.json has no integrity for it`)
	const [algorithm, wanted] = integrity.split(/-(.*)/s)
	const found = createHash(algorithm).update(readFileSync(archive)).digest("base64")
	if (found !== wanted) throw new Error(`cannot trust ${name}: it is not what package-lock.json says`)
}

async function digestOf(path) {
	const hash = createHash("sha256")
	for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece)
	return hash.digest("hex")
}

function readKnown() {
	try {
		return JSON.parse(readFileSync(list, "utf8"))
	} catch {
		// None yet, or half written: all are looked at anew.
		return []
	}
}
