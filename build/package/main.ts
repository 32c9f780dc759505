// `npm run package`: installers for this system, as many as this machine can make, in dist/installers; one line for each
// that it cannot. Names of targets make those only. docs/packaging.md
// Exit 0: all that was asked for; 1: a build failed; 2: nothing can be built here, or not all that was named.
import { execFileSync } from "node:child_process"
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { delimiter, join } from "node:path"
import { parseArgs } from "node:util"
import { build as buildParts } from "../build.mjs"
import { makeConfiguration } from "./configuration.ts"
import { type Product, stageApp } from "./stage.ts"
import { type Machine, TARGETS, type TargetName, whyNot } from "./targets.ts"

const root = join(import.meta.dirname, "../..")

async function main(): Promise<number> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			download: { type: "boolean", default: false },
			quick: { type: "boolean", default: false },
			// What lies in this folder, instead of a new build.
			built: { type: "string" },
			out: { type: "string", default: join(root, "dist/installers") },
		},
	})
	const unknown = positionals.find((name) => !TARGETS.includes(name as TargetName))
	if (unknown) throw new Error(`cannot build ${unknown}: there are ${TARGETS.join(", ")}`)
	const wanted = positionals.length > 0 ? (positionals as TargetName[]) : TARGETS
	const electron = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, "node_modules/electron/dist")
	const machine = lookAtMachine(electron, values.download)
	const targets = wanted.filter((target) => {
		const reason = whyNot(target, machine)
		if (reason) console.log(`cannot build ${target}: ${reason}`)
		return reason === undefined
	})
	if (targets.length > 0) await makeInstallers(targets, { ...values, electron })
	return targets.length === 0 || (positionals.length > 0 && targets.length < positionals.length) ? 2 : 0
}

interface Making {
	electron: string
	out: string
	built?: string | undefined
	download: boolean
	quick: boolean
}

async function makeInstallers(targets: TargetName[], { electron, out, built, download, quick }: Making): Promise<void> {
	if (!built) await buildAll()
	const dist = built ?? join(root, "dist")
	const app = join(out, "app")
	const product: Product = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
	stageApp(app, { root, dist, product })
	if (!download) nameOwnTools()
	const electronVersion: string = createRequire(import.meta.url)("electron/package.json").version
	const icons = join(import.meta.dirname, "icons")
	// It reads its environment when it is loaded.
	const { build, Platform } = await import("electron-builder")
	const made = await build({
		targets: Platform.current().createTarget(targets),
		config: makeConfiguration({ electron, electronVersion, app, dist, out, icons, quick }),
		projectDir: root,
	})
	for (const file of made) console.log(`built ${file}`)
}

/** With the runtimes for all appliances, not only for those that are like this machine. */
async function buildAll(): Promise<void> {
	await buildParts(["runner", "electron", "renderer"])
	execFileSync(process.execPath, ["build/runtimes.mjs", "--fetch"], { cwd: root, stdio: "inherit" })
}

/** electron-builder would fetch these, unless it is told where they are. */
function nameOwnTools(): void {
	process.env.CUSTOM_FPM_PATH = join(import.meta.dirname, "fpm.mjs")
	const sevenZip = findProgram("7za")
	if (sevenZip) process.env.ELECTRON_BUILDER_7ZIP_PATH = sevenZip
}

function lookAtMachine(electron: string, mayDownload: boolean): Machine {
	return {
		platform: process.platform,
		hasElectron: hasElectron(electron),
		mayDownload,
		hasProgram: (name) => findProgram(name) !== undefined,
		hasVariable: (name) => Boolean(process.env[name]),
	}
}

/** Its package without the binary has no such folder. */
function hasElectron(folder: string): boolean {
	const programs = { linux: "electron", win32: "electron.exe", darwin: "Electron.app" } as Record<string, string>
	if (!existsSync(folder)) return false
	return readdirSync(folder).some((name) => name === programs[process.platform] || /^electron-v.*\.zip$/.test(name))
}

function findProgram(name: string): string | undefined {
	const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name))
	return paths.find((path) => {
		try {
			accessSync(path, constants.X_OK)
			return true
		} catch {
			return false
		}
	})
}

// Said at once: electron-builder's own hook turns a code that was only noted down into 0.
main().then(process.exit, (error) => {
	console.error(error instanceof Error ? error.message : error)
	process.exit(1)
})
