import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, safeStorage, screen, session } from "electron"
import { readPageFiles } from "../core/fleet/page-files.ts"
import { createProgramLog } from "../core/fleet/program-log.ts"
import { createRpcServer } from "../core/fleet/rpc-server.ts"
import { failureOf } from "../core/fleet/services/failure-of.ts"
import type { Services } from "../core/fleet/services/types.ts"
import { createServices } from "../core/fleet/services.ts"
import { sentenceOf } from "../core/schema/sentences.ts"
import { findCarried } from "./carried.ts"
import { dataFolderOf } from "./command-line.ts"
import { isTrustedFrame, PAGE_SCHEME, PAGE_URL, respondWithPage } from "./guards.ts"
import { lockDownPages, lockDownSession } from "./lock-down.ts"
import { makeMenu } from "./menu.ts"
import { createPortServer } from "./rpc-port.ts"
import { createSecretBox } from "./secret-box.ts"
import { makeWindowOptions } from "./window-options.ts"
import { keepWindowState, placeWindow, readWindowState } from "./window-state.ts"

const dist = fileURLToPath(new URL("..", import.meta.url))
const dataFolder = dataFolderOf(process.argv)
const log = createProgramLog(dataFolder)
const windowFile = join(dataFolder, "window.json")
let window: BrowserWindow | undefined
let writing = Promise.resolve()
let services: Services | undefined

// Without a listener Electron shows a stack trace to the person. Runs go on where they run and are taken up at the next start.
process.on("uncaughtException", giveUp)
process.on("unhandledRejection", giveUp)

app.setPath("userData", join(dataFolder, "electron"))
protocol.registerSchemesAsPrivileged([
	{ scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
])
lockDownPages(app)
if (app.requestSingleInstanceLock()) app.whenReady().then(start).catch(giveUp)
else app.quit()

async function start() {
	lockDownSession(session.defaultSession)
	const files = readPageFiles(join(dist, "renderer"))
	protocol.handle(PAGE_SCHEME, (request) => respondWithPage(files, request.url))
	const { isPackaged } = app
	const { resourcesPath, platform, arch } = process
	const place = { root: dist, isPackaged, resourcesPath, platform, arch }
	services = await createServices({
		dataFolder,
		host: "electron",
		version: app.getVersion(),
		...findCarried(place, (path) => readFileSync(path, "utf8")),
		pickFolder,
		secretBox: createSecretBox(safeStorage, platform),
		log,
	})
	const ports = createPortServer(createRpcServer(services))
	ipcMain.on("hotfix-port", (event) => isTrustedFrame(event.senderFrame) && ports.serve(event.ports))
	Menu.setApplicationMenu(Menu.buildFromTemplate(makeMenu(platform, isPackaged)))
	app.on("second-instance", openWindow)
	app.on("activate", openWindow)
	openWindow()
}

function openWindow() {
	if (window) {
		if (window.isMinimized()) window.restore()
		return window.focus()
	}
	const kept = readWindowState(windowFile)
	const screens = screen.getAllDisplays().map(({ workArea }) => workArea)
	const opened = new BrowserWindow({
		...makeWindowOptions(join(dist, "electron", "preload.cjs")),
		...(kept && placeWindow(kept.bounds, screens)),
	})
	window = opened
	keepWindowState(opened, windowFile, (promise) => {
		writing = promise.catch((error) => log(`cannot keep the window's place: ${error}`))
	})
	opened.once("ready-to-show", () => {
		// Either shows it, too.
		if (kept?.isMaximized) opened.maximize()
		if (kept?.isFullScreen) opened.setFullScreen(true)
		opened.show()
	})
	opened.once("closed", () => {
		window = undefined
	})
	opened.loadURL(PAGE_URL).catch(giveUp)
}

async function pickFolder(): Promise<string | undefined> {
	const options = { title: "Open a module", properties: ["openDirectory" as const] }
	const { filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
	return filePaths[0]
}

app.on("window-all-closed", () => process.platform !== "darwin" && app.quit())
app.on("will-quit", (event) => {
	const open = services
	if (!open) return
	// Records are written and connections ended first; runs go on where they run.
	event.preventDefault()
	services = undefined
	Promise.all([open.close(), writing]).then(
		() => app.quit(),
		(error) => giveUp(error),
	)
})

function giveUp(error: unknown) {
	log(`cannot go on: ${error instanceof Error ? error.stack : error}`)
	const { what, next } = sentenceOf(failureOf(error))
	dialog.showErrorBox("Hotfix Manager cannot go on", `${what}\n\n${next}`)
	services = undefined
	app.exit(1)
}
