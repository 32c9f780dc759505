import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"

interface Entry {
	version?: string
	integrity?: string
	resolved?: string
	optional?: boolean
	peer?: boolean
	hasInstallScript?: boolean
	dependencies?: Record<string, string>
	optionalDependencies?: Record<string, string>
}

const root = join(import.meta.dirname, "../../..")
const readJson = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"))
const manifest = readJson("package.json")
const packages: Record<string, Entry> = readJson("package-lock.json").packages
const installed = Object.entries(packages).filter(([place]) => place !== "")
const nameOf = (place: string) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length)

test("every package is wanted in one version, which the lock file has", () => {
	const wanted = Object.entries({ ...manifest.devDependencies, ...manifest.optionalDependencies })
	const loose = wanted.filter(([name, version]) => {
		const found = packages[`node_modules/${name}`]?.version
		// Types follow the major version of what they describe.
		return name === "@types/node" ? !found?.startsWith(`${version}.`) : found !== version
	})
	expect(wanted.length).toBeGreaterThan(50)
	expect(loose).toEqual([])
	expect(manifest.dependencies).toBeUndefined()
})

test("no package runs a script when it is installed: all that have one are denied, and a new one stops the installation", () => {
	const withScript = installed.filter(([, entry]) => entry.hasInstallScript).map(([place]) => nameOf(place))
	const denied = Object.fromEntries(withScript.map((name) => [name, false]))
	expect(manifest.allowScripts).toEqual(denied)
	expect(readFileSync(join(root, ".npmrc"), "utf8").split("\n")).toContain("strict-allow-scripts=true")
})

test("the lock file has every package that another one wants, for any system", () => {
	const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
		Object.keys({ ...dependencies, ...optionalDependencies })
			.filter((name) => !isFoundFrom(place, name))
			.map((name) => `${name}, wanted by ${place}`),
	)
	expect(missing).toEqual([])
})

test("what any machine installs is known by its digest, and comes from the registry that the machine has", () => {
	const unknown = installed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))
	expect(unknown.map(([place]) => place)).toEqual([])
	expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([place]) => place)).toEqual([])
})

/** As Node looks for it: in the package's own folder, then in each one above. */
function isFoundFrom(place: string, name: string): boolean {
	if (packages[`${place}${place ? "/" : ""}node_modules/${name}`]) return true
	if (place === "") return false
	const at = place.lastIndexOf("node_modules/")
	return isFoundFrom(place.slice(0, Math.max(0, at - 1)), name)
}
