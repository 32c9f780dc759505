import { execFile, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { promisify } from "node:util"
import { Spec, Validation } from "@cyclonedx/cyclonedx-library"
import { extractFile, listPackage } from "@electron/asar"
import { type FuseV1Options, getCurrentFuseWire } from "@electron/fuses"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import { parseCarriedDigests } from "../../core/fleet/runner-install/carried-digests.ts"
import { readRuntimes } from "../../core/fleet/runner-install/runtimes.ts"
import { projectFolder } from "../support/appliances/paths.ts"

const run = promisify(execFile)

/** Marks in Electron's binary the switches that an installer sets: their version, how many, then one letter each. */
const WIRE = Buffer.concat([
	Buffer.from("dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"),
	Buffer.from([1, 8]),
	// As Electron is published: a Node for whoever asks, options from the environment and the command line taken.
	Buffer.from("10110011"),
])
const RUNTIME = "#!/bin/sh\nexit 0\n"

let folder: string
/** The build that is packaged: the real one, but with a small program for the runtime. */
let built: string
let electron: string
let out: string

/** `npm run package`; resolves to its exit code and what it said. */
function makePackages(args: string[], env: NodeJS.ProcessEnv = {}) {
	const script = ["build/package/main.ts", "--built", built, "--out", out, ...args]
	const options = { cwd: projectFolder, encoding: "utf8", env: { ...process.env, ...env } } as const
	const { status, stdout, stderr } = spawnSync(process.execPath, script, options)
	return { status, stdout, stderr }
}

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "hotfix-package-"))
	built = join(folder, "built")
	electron = join(folder, "electron")
	out = join(folder, "out")
	for (const part of ["electron", "renderer", "runner", "bundled"])
		await cp(join(projectFolder, "dist", part), join(built, part), { recursive: true })
	await writeProgram(join(built, "runtimes/x64/node"), RUNTIME)
	const runtime = { architecture: "x64", version: "24.21.0", digest: digestOf(RUNTIME), size: RUNTIME.length }
	await writeFile(join(built, "runtimes/runtimes.json"), JSON.stringify([runtime]))
	await writeProgram(join(electron, "electron"), WIRE)
	await writeProgram(join(electron, "chrome-sandbox"), "sandbox")
	await writeProgram(join(electron, "resources/default_app.asar"), "another program")
	await writeFile(join(electron, "LICENSE"), "Electron's licence")
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test("without Electron's binary nothing is built: every line says why, the exit code is 2", () => {
	const { status, stdout } = makePackages([], { ELECTRON_OVERRIDE_DIST_PATH: join(folder, "none") })
	expect(status).toBe(2)
	const lines = stdout.trim().split("\n")
	expect(lines).toHaveLength(7)
	for (const line of lines)
		expect(line).toMatch(/^cannot build \S+: (Electron's binary is not installed|it is built on)/)
	expect(makePackages(["tarball"])).toMatchObject({ status: 1, stderr: expect.stringMatching(/^cannot build tarball/) })
})

const dpkg = spawnSync("dpkg-deb", ["--version"]).status === 0
if (!dpkg) console.warn("SKIPPED the installers' content: dpkg-deb is not installed")

describe.skipIf(!dpkg)(`dir and deb of a stand-in for Electron${dpkg ? "" : ": dpkg-deb is not installed"}`, () => {
	let unpacked: string
	let installed: string
	let deb: string
	/** Below /opt, where the deb has it. */
	let program: string

	beforeAll(async () => {
		const { status, stdout, stderr } = makePackages(["--quick", "dir", "deb"], {
			ELECTRON_OVERRIDE_DIST_PATH: electron,
		})
		expect({ status, stderr, stdout }).toMatchObject({ status: 0, stderr: "" })
		unpacked = join(out, "linux-unpacked")
		deb = /built (\S+\.deb)/.exec(stdout)?.[1] ?? "none"
		installed = join(folder, "installed")
		await run("dpkg-deb", ["--raw-extract", deb, installed])
		program = join(installed, "opt/Hotfix Manager")
	})

	test("the archive holds the built program and nothing else: no sources, tests, maps or packages", async () => {
		const archive = join(unpacked, "resources/app.asar")
		const page = (await filesOf(join(built, "renderer"))).map((file) => `/renderer/${file}`)
		const files = listPackage(archive, { isPack: false }).filter((name) => /\.[a-z0-9]+$/.test(name))
		expect(files.sort()).toEqual(
			["/carried.json", "/electron/main.js", "/electron/preload.cjs", "/package.json", ...page].sort(),
		)
		expect(page.length).toBeGreaterThan(10)
		expect(page.filter((name) => name.endsWith(".map"))).toEqual([])
		for (const name of files) expect(String(extractFile(archive, name.slice(1)))).not.toContain(projectFolder)
		expect(JSON.parse(String(extractFile(archive, "package.json")))).toMatchObject({
			name: "hotfix-manager",
			main: "electron/main.js",
			desktopName: "hotfix-manager.desktop",
		})
	})

	test("the binary is no Node, takes no options of one, and loads nothing but the archive it was built with", async () => {
		const wire = await getCurrentFuseWire(join(unpacked, "hotfix-manager"))
		const states = Array.from({ length: 8 }, (_, option: FuseV1Options) => String.fromCharCode(wire[option] ?? 0))
		// In the order of the wire: run as Node, encrypt cookies, NODE_OPTIONS, inspect, integrity, only the archive, V8
		// snapshot of its own, file:// as more than a page.
		expect(states.join("")).toBe("01001100")
	})

	test("what is carried lies beside it, as the archive says, in the deb as well", async () => {
		for (const resources of [join(unpacked, "resources"), join(program, "resources")]) {
			const text = String(extractFile(join(resources, "app.asar"), "carried.json"))
			const carried: Record<string, string> = JSON.parse(text)
			expect(Object.keys(carried)).toEqual(["runner/hotfix-runner.cjs", "runtimes/runtimes.json", "runtimes/x64/node"])
			for (const [path, digest] of Object.entries(carried))
				expect(digestOf(await readFile(join(resources, path)))).toBe(digest)
			const { runner, runtimes } = parseCarriedDigests(text)
			expect(await readRunnerBundle(join(resources, "runner/hotfix-runner.cjs"), runner)).toMatchObject({
				digest: runner,
			})
			expect((await readRuntimes(join(resources, "runtimes"), folder, runtimes)).list).toHaveLength(1)
		}
		expect(await filesOf(join(unpacked, "resources"))).toEqual([
			"app.asar",
			// electron-builder's, for systems that forbid the sandbox to those without one.
			"apparmor-profile",
			"licences.txt",
			"runner/hotfix-runner.cjs",
			"runtimes/runtimes.json",
			"runtimes/x64/node",
			"sbom.cdx.json",
		])
	})

	test("the deb names what it is and what it needs", async () => {
		const { stdout } = await run("dpkg-deb", ["--field", deb])
		const { version } = JSON.parse(await readFile(join(projectFolder, "package.json"), "utf8"))
		expect(stdout).toContain(`Package: hotfix-manager\nVersion: ${version}\n`)
		expect(stdout).toMatch(/^Architecture: (amd64|arm64)$/m)
		expect(stdout).toMatch(/^Depends: .*\blibgtk-3-0\b.*\blibnss3\b/m)
		expect(stdout).toMatch(/^Description: \S.*\n \S/m)
		const entry = await readFile(join(installed, "usr/share/applications/hotfix-manager.desktop"), "utf8")
		expect(entry).toContain('\nExec="/opt/Hotfix Manager/hotfix-manager" %U\n')
		expect(entry).toContain("\nIcon=hotfix-manager\n")
		expect(entry).toContain("\nStartupWMClass=hotfix-manager\n")
		const icons = await filesOf(join(installed, "usr/share/icons/hicolor"))
		expect(icons).toHaveLength(8)
		for (const icon of icons)
			await expectPngOf(Number.parseInt(icon, 10), join(installed, "usr/share/icons/hicolor", icon))
	})

	test("everybody may read it, root alone may write to it, and programs can be started", async () => {
		const { stdout } = await run("dpkg-deb", ["--contents", deb])
		for (const line of stdout.trim().split("\n"))
			expect(line).toMatch(/^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--) root\/root /)
		for (const name of ["hotfix-manager", "chrome-sandbox", "resources/runtimes/x64/node"])
			expect((await stat(join(program, name))).mode & 0o777).toBe(0o755)
		expect((await stat(join(program, "resources/app.asar"))).mode & 0o777).toBe(0o644)
		const { stdout: sums } = await run("md5sum", ["--check", "--quiet", "DEBIAN/md5sums"], { cwd: installed })
		expect(sums).toBe("")
	})

	test("its bill of materials and its licences are those of what was bundled", async () => {
		const text = await readFile(join(program, "resources/sbom.cdx.json"), "utf8")
		const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
		expect(await validator.validate(text)).toBeNull()
		expect(await validator.validate(text.replace('"library"', '"tool"'))).not.toBeNull()
		const { components } = JSON.parse(text) as { components: { name: string; hashes?: unknown; licenses?: unknown }[] }
		const names = components.map(({ name }) => name)
		expect(names).toEqual(
			expect.arrayContaining(["electron", "Node.js for Linux x64", "react", "ssh2", "zod", "semver"]),
		)
		// Tools that build and test are no part of it.
		for (const tool of ["vite", "esbuild", "vitest", "electron-builder"]) expect(names).not.toContain(tool)
		expect(components.filter(({ hashes, licenses }) => !hashes || !licenses)).toEqual([])
		const licences = await readFile(join(program, "resources/licences.txt"), "utf8")
		for (const name of names) expect(licences).toContain(`${name} `)
	})

	test("what fails while it is built ends with exit code 1: a binary without switches, a licence that nobody has judged", async () => {
		const env = { ELECTRON_OVERRIDE_DIST_PATH: electron }
		await writeFile(join(electron, "electron"), "no switches")
		expect(makePackages(["deb"], env)).toMatchObject({ status: 1, stderr: expect.stringContaining("sentinel") })
		await writeFile(join(built, "bundled/electron.json"), JSON.stringify(["node_modules/lightningcss"]))
		const { status, stderr } = makePackages(["dir"], env)
		expect(status).toBe(1)
		expect(stderr).toMatch(/^cannot give on what nobody has judged the licence of: lightningcss \S+: MPL-2\.0\n$/)
	})
})

async function writeProgram(path: string, content: string | Buffer): Promise<void> {
	await mkdir(join(path, ".."), { recursive: true })
	await writeFile(path, content)
	await chmod(path, 0o755)
}

async function filesOf(place: string): Promise<string[]> {
	const entries = await readdir(place, { recursive: true, withFileTypes: true })
	const files = entries.filter((entry) => entry.isFile())
	return files.map(({ parentPath, name }) => relative(place, join(parentPath, name))).sort()
}

async function expectPngOf(size: number, path: string): Promise<void> {
	const png = await readFile(path)
	expect([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(["PNG", size, size])
}

function digestOf(content: string | Buffer): string {
	return createHash("sha256").update(content).digest("hex")
}
