// Completes package-lock.json with the optional packages of other platforms, which npm leaves out
// when the registry at hand does not carry them; without them `npm ci` refuses the lock file.
// Run it after every `npm install`: node build/complete-lock.mjs
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

const sorted = Object.keys(lock.packages).sort()
lock.packages = Object.fromEntries(sorted.map((key) => [key, lock.packages[key]]))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`package-lock.json: ${added.length} packages of other platforms added`)
