// Completes package-lock.json with the optional packages of other platforms, which npm leaves out
// when the registry at hand does not carry them; without them `npm ci` refuses the lock file. Their digests come
// from the registry: whoever installs there is to get what is known here.
// Run it after every `npm install`: node build/complete-lock.mjs
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"

/** Words in package names that tell npm which machine a package is for. */
const OPERATING_SYSTEMS = [
	"android",
	"darwin",
	"freebsd",
	"linux",
	"openbsd",
	"openharmony",
	"sunos",
	"win32",
	"aix",
	"netbsd",
]
const PROCESSORS = ["arm64", "arm", "ia32", "x64", "ppc64", "riscv64", "s390x", "loong64", "mips64el"]

const file = new URL("../package-lock.json", import.meta.url)
const lock = JSON.parse(readFileSync(file, "utf8"))
const added = []

for (const [place, entry] of Object.entries(lock.packages)) {
	for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
		if (lock.packages[`${place}/node_modules/${name}`] || lock.packages[`node_modules/${name}`]) continue
		const words = name.split(/[/-]/)
		const os = OPERATING_SYSTEMS.find((one) => words.includes(one))
		const cpu = PROCESSORS.find((one) => words.includes(one))
		lock.packages[`node_modules/${name}`] = {
			version: range.replace(/^[\^~]/, ""),
			...(cpu && { cpu: [cpu] }),
			dev: true,
			optional: true,
			...(os && { os: [os] }),
		}
		added.push(name)
	}
}

const unknown = Object.entries(lock.packages).filter(isUnknown)
for (const [place, entry] of unknown) {
	// An alias has its package's name beside it.
	const name = entry.name ?? place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length)
	entry.integrity = integrityOf(`${name}@${entry.version}`)
}

const sorted = Object.keys(lock.packages).sort()
lock.packages = Object.fromEntries(sorted.map((key) => [key, lock.packages[key]]))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`package-lock.json: ${added.length} packages of other platforms added, ${unknown.length} digests`)

/** Of what a registry has: neither this project's own folders and links to them nor what lies in another package. */
function isUnknown([place, { integrity, link, inBundle }]) {
	return place.includes("node_modules/") && !integrity && !link && !inBundle
}

/** As the registry tells it; ends with an error where it does not know the package. */
function integrityOf(exact) {
	const told = execFileSync("npm", ["view", exact, "dist.integrity"], { encoding: "utf8" }).trim()
	if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(told)) throw new Error(`the registry tells no digest of ${exact}`)
	return told
}
