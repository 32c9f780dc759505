import { execFile } from "node:child_process"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"

const run = promisify(execFile)
const root = join(import.meta.dirname, "../../..")

/** Enough of Electron for main.ts to be evaluated up to "wait until it is ready", and a note of what it did until then. */
const ELECTRON = `
	const did = []
	const note = (name) => (...args) => (did.push([name, ...args.filter((arg) => typeof arg !== "function")]), { then: () => ({ catch: () => {} }) })
	export const app = { setPath: note("setPath"), on: note("on"), requestSingleInstanceLock: () => true, whenReady: note("whenReady"), quit: note("quit"), exit: note("exit") }
	export const protocol = { registerSchemesAsPrivileged: note("schemes") }
	export const [BrowserWindow, dialog, ipcMain, Menu, safeStorage, screen, session] = []
	process.on("exit", () => console.log(JSON.stringify(did)))
`
/**
 * Enough of Electron for all of main.ts to run until its window has loaded. Then three senders ask for a port: a foreign
 * page, a frame in ours, and our page. What it did is printed, and it is told to quit.
 */
const WHOLE_ELECTRON = `
	import { EventEmitter } from "node:events"
	const did = { loaded: [], windows: [], handlers: [], schemes: [], ports: {} }
	const note = (name) => () => did.handlers.push(name)
	const base = { setPath() {}, requestSingleInstanceLock: () => true, whenReady: () => Promise.resolve(), getVersion: () => "1.0.0", isPackaged: false }
	export const app = Object.assign(new EventEmitter(), base, {
		quit: () => console.log(JSON.stringify(did)),
		exit: (code) => process.exit(code),
	})
	export const protocol = {
		registerSchemesAsPrivileged: (schemes) => did.schemes.push(...schemes),
		handle: (scheme, respond) => { protocol.respond = respond },
	}
	const names = ["setPermissionRequestHandler", "setPermissionCheckHandler", "setDevicePermissionHandler"]
	const webRequest = { onBeforeRequest: note("onBeforeRequest") }
	export const session = { defaultSession: { webRequest, ...Object.fromEntries(names.map((name) => [name, note(name)])) } }
	export const ipcMain = new EventEmitter()
	export const Menu = { setApplicationMenu() {}, buildFromTemplate: (template) => template }
	export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }
	export const safeStorage = {}
	export const dialog = { showErrorBox: (...said) => console.error(...said) }
	const ask = (name, senderFrame) => {
		const port = { on() {}, postMessage() {}, close() {}, start: () => { did.ports[name] = "served" } }
		did.ports[name] = "ignored"
		ipcMain.emit("hotfix-port", { senderFrame, ports: [port] })
	}
	export class BrowserWindow extends EventEmitter {
		constructor({ webPreferences }) {
			super()
			did.windows.push(webPreferences)
		}
		async loadURL(url) {
			did.loaded.push(url)
			const page = await protocol.respond({ url })
			did.page = { status: page.status, policy: page.headers.get("content-security-policy") }
			ask("a foreign page", { url: "https://example.org/", parent: null })
			ask("a frame", { url, parent: {} })
			ask("no frame", null)
			ask("our page", { url, parent: null })
			did.channels = ipcMain.eventNames()
			app.emit("will-quit", { preventDefault() {} })
		}
	}
`
const HOOKS = `
	import { registerHooks } from "node:module"
	registerHooks({ resolve: (name, context, next) => name === "electron" ? { url: import.meta.resolve("./electron.mjs"), shortCircuit: true } : next(name, context) })
`

let folder: string
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "hotfix-shell-"))
	await run(process.execPath, ["build/electron.mjs"], { cwd: root })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs the built program with a stand-in for Electron, and a page of one file; what it prints last is JSON. */
async function start(electron: string) {
	const dist = join(folder, "dist")
	await writeFile(join(folder, "electron.mjs"), electron)
	await writeFile(join(folder, "hooks.mjs"), HOOKS)
	await cp(join(root, "dist/electron"), join(dist, "electron"), { recursive: true })
	await mkdir(join(dist, "renderer"), { recursive: true })
	await writeFile(join(dist, "renderer/index.html"), "<!doctype html>")
	await writeFile(join(folder, "package.json"), '{"type":"module"}')
	const args = ["--import", join(folder, "hooks.mjs"), "dist/electron/main.js", "--data", join(folder, "data")]
	const { stdout } = await run(process.execPath, args, { cwd: folder })
	return JSON.parse(stdout)
}

test("the built program loads with everything it is made of, and does first what must come before Electron is ready", async () => {
	const did = (await start(ELECTRON)) as unknown[][]
	expect(did.map(([name]) => name)).toEqual(["setPath", "schemes", "on", "whenReady", "on", "on"])
	expect(did[0]).toEqual(["setPath", "userData", join(folder, "data", "electron")])
	expect(did[1]?.[1]).toMatchObject([{ scheme: "app", privileges: { standard: true, secure: true } }])
	expect(did.filter(([name]) => name === "on").map(([, event]) => event)).toEqual([
		"web-contents-created",
		"window-all-closed",
		"will-quit",
	])
})

test("started, its one window shows our page with every lock on, and talks to nobody else", async () => {
	const did = await start(WHOLE_ELECTRON)
	expect(did.ports).toEqual({
		"a foreign page": "ignored",
		"a frame": "ignored",
		"no frame": "ignored",
		"our page": "served",
	})
	expect([did.loaded, did.channels, did.windows.length]).toEqual([["app://hotfix/"], ["hotfix-port"], 1])
	// As a whole: no preference that weakens the page can be added beside these.
	expect({ ...did.windows[0], preload: "" }).toEqual({
		preload: "",
		contextIsolation: true,
		sandbox: true,
		nodeIntegration: false,
		nodeIntegrationInWorker: false,
		nodeIntegrationInSubFrames: false,
		webSecurity: true,
		allowRunningInsecureContent: false,
		experimentalFeatures: false,
		webviewTag: false,
		navigateOnDragDrop: false,
		spellcheck: false,
	})
	expect(did.windows[0].preload).toBe(join(folder, "dist/electron/preload.cjs"))
	expect(did.handlers).toEqual([
		"setPermissionRequestHandler",
		"setPermissionCheckHandler",
		"setDevicePermissionHandler",
		"onBeforeRequest",
	])
	const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true }
	expect(did.schemes).toEqual([{ scheme: "app", privileges }])
	expect(did.page).toMatchObject({ status: 200, policy: expect.stringContaining("default-src 'none'") })
	expect(did.page.policy).not.toMatch(/unsafe|\*|data:|blob:|https?:/)
})

test("nothing is ever opened outside, no crash report is made, and no page from elsewhere is named", async () => {
	const inside = async (folder: string) =>
		(await readdir(join(root, folder), { recursive: true })).map((name) => `${folder}/${name}`)
	const names = (await Promise.all(["electron", "core", "renderer"].map(inside))).flat()
	const files = names.filter((name) => /\.(ts|tsx|html|css)$/.test(name))
	const texts = await Promise.all(files.map(async (name) => [name, await readFile(join(root, name), "utf8")] as const))
	const holding = (pattern: RegExp) => texts.filter(([, text]) => pattern.test(text)).map(([name]) => name)
	expect(texts.length).toBeGreaterThan(500)
	expect(
		holding(/openExternal|shell\.openPath|showItemInFolder|crashReporter|enableBlinkFeatures|<webview|allowpopups/),
	).toEqual([])
	expect(
		holding(/dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|document\.write|new Function\(|\beval\(/),
	).toEqual([])
	const pages = texts.filter(([name]) => name.startsWith("renderer/") && /\.(html|css)$/.test(name))
	expect(
		pages.filter(([, text]) => /(?:src|href)="\w+:|url\(["']?\w+:|@import ["']\w+:/.test(text)).map(([name]) => name),
	).toEqual([])
	const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
	// One version, so that what is shipped is what was looked at.
	expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/)
})

test("the built preload asks for electron and for nothing else", async () => {
	const preload = await readFile(join(root, "dist/electron/preload.cjs"), "utf8")
	expect(preload.match(/require\("[^"]*"\)/g)).toEqual(['require("electron")'])
})
