import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
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
	export const [BrowserWindow, dialog, ipcMain, Menu, screen, session] = []
	process.on("exit", () => console.log(JSON.stringify(did)))
`
const HOOKS = `
	import { registerHooks } from "node:module"
	registerHooks({ resolve: (name, context, next) => name === "electron" ? { url: import.meta.resolve("./electron.mjs"), shortCircuit: true } : next(name, context) })
`

let folder: string
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "hotfix-shell-"))
	await writeFile(join(folder, "electron.mjs"), ELECTRON)
	await writeFile(join(folder, "hooks.mjs"), HOOKS)
	await run(process.execPath, ["build/electron.mjs"], { cwd: root })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test("the built program loads with everything it is made of, and does first what must come before Electron is ready", async () => {
	const args = ["--import", join(folder, "hooks.mjs"), "dist/electron/main.js", "--data", join(folder, "data")]
	const { stdout } = await run(process.execPath, args, { cwd: root })
	const did = JSON.parse(stdout) as unknown[][]
	expect(did.map(([name]) => name)).toEqual(["setPath", "schemes", "on", "whenReady", "on", "on"])
	expect(did[0]).toEqual(["setPath", "userData", join(folder, "data", "electron")])
	expect(did[1]?.[1]).toMatchObject([{ scheme: "app", privileges: { standard: true, secure: true } }])
	expect(did.filter(([name]) => name === "on").map(([, event]) => event)).toEqual([
		"web-contents-created",
		"window-all-closed",
		"will-quit",
	])
})

test("the built preload asks for electron and for nothing else", async () => {
	const preload = await readFile(join(root, "dist/electron/preload.cjs"), "utf8")
	expect(preload.match(/require\("[^"]*"\)/g)).toEqual(['require("electron")'])
})
