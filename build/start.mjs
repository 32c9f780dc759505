// `npm start`: builds what is not built or older than its sources, then opens the app: Electron where its binary is, else the browser host in the
// system's browser. Further arguments go to whichever it is, for example: npm start -- --data FOLDER
import { spawn } from "node:child_process"
import { accessSync, constants, globSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "./build.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const PARTS = {
	runner: "dist/runner/hotfix-runner.cjs",
	cli: "dist/cli/hotfix.js",
	electron: "dist/electron/main.js",
	renderer: "dist/renderer/index.html",
	runtimes: "dist/runtimes/runtimes.json",
}

const newest = newestSource()
const stale = Object.keys(PARTS).filter((part) => builtAt(part) < newest)
if (stale.length > 0) {
	say(`building ${stale.join(", ")}`)
	await build(stale).catch((error) => {
		say(error.message)
		process.exit(1)
	})
}
const electron = findElectron()
const reason = whyNotElectron(electron)
if (reason) say(`${reason}: the app opens in the system's browser instead`)
const [program, args] = reason
	? [process.execPath, [join(root, PARTS.cli), "serve"]]
	: [electron, [root, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])]] // Chromium has no sandbox for root.
run(program, [...args, ...process.argv.slice(2)])

/** When the newest source was written, milliseconds; a part older than that is built anew. */
function newestSource() {
	const files = globSync(["{core,electron,renderer,build}/**/*", "package-lock.json", "vite.config.ts"], { cwd: root })
	return Math.max(...files.map((file) => statSync(join(root, file)).mtimeMs))
}

function builtAt(part) {
	return statSync(join(root, PARTS[part]), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Where Electron's package puts its binary, or where a person has put it; the package itself would download it. */
function findElectron() {
	const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, "node_modules/electron/dist")
	if (process.platform === "darwin") return join(folder, "Electron.app/Contents/MacOS/Electron")
	return join(folder, process.platform === "win32" ? "electron.exe" : "electron")
}

function whyNotElectron(binary) {
	try {
		accessSync(binary, constants.X_OK)
	} catch {
		return "Electron's binary is not installed (npx install-electron brings it)"
	}
	const hasDisplay = process.platform !== "linux" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
	return hasDisplay ? undefined : "there is no display for Electron's window"
}

function run(program, args) {
	const child = spawn(program, args, { cwd: root, stdio: "inherit" })
	// The terminal's Ctrl-C reaches the child by itself; we only wait for it to end in its own time.
	process.on("SIGINT", () => {})
	process.on("SIGTERM", () => child.kill("SIGTERM"))
	child.on("error", (error) => {
		say(`cannot start ${program}: ${error.message}`)
		process.exitCode = 1
	})
	child.on("close", (code) => {
		process.exitCode = code ?? 1
	})
}

function say(text) {
	process.stderr.write(`hotfix: ${text}\n`)
}
