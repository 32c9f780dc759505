import { EventEmitter } from "node:events"
import type { App, Session } from "electron"
import { describe, expect, test, vi } from "vitest"
import type { RpcChannel } from "../../../core/fleet/rpc-server.ts"
import { dataFolderOf } from "../../../electron/command-line.ts"
import { lockDownPages, lockDownSession } from "../../../electron/lock-down.ts"
import { makeMenu } from "../../../electron/menu.ts"
import { createPortServer } from "../../../electron/rpc-port.ts"
import { makeWindowOptions } from "../../../electron/window-options.ts"

test("the window's page has no Node, its own world, a sandbox and one preload", () => {
	const { webPreferences, ...window } = makeWindowOptions("/dist/preload.cjs")
	expect(window).toMatchObject({ width: 1280, height: 840, minWidth: 1024, minHeight: 700 })
	expect(webPreferences).toMatchObject({
		preload: "/dist/preload.cjs",
		contextIsolation: true,
		sandbox: true,
		nodeIntegration: false,
		nodeIntegrationInWorker: false,
		nodeIntegrationInSubFrames: false,
		webSecurity: true,
		webviewTag: false,
	})
})

describe("lock-down", () => {
	const own = "app://hotfix/index.html"
	const foreign = "https://example.org/"

	test("a page goes nowhere, opens nothing and embeds nothing", () => {
		const app = new EventEmitter()
		const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: vi.fn() })
		lockDownPages(app as unknown as App)
		app.emit("web-contents-created", {}, contents)
		const isPrevented = (name: string, url: string) => {
			const preventDefault = vi.fn()
			contents.emit(name, { url, preventDefault })
			return preventDefault.mock.calls.length > 0
		}
		expect([isPrevented("will-navigate", foreign), isPrevented("will-navigate", own)]).toEqual([true, false])
		expect([isPrevented("will-redirect", foreign), isPrevented("will-redirect", own)]).toEqual([true, false])
		expect(isPrevented("will-attach-webview", own)).toBe(true)
		expect(contents.setWindowOpenHandler.mock.calls[0]?.[0]({ url: own })).toEqual({ action: "deny" })
	})

	test("only our own page may notify and fill the clipboard; no other permission is given, no device, and no other address is loaded", () => {
		const session = {
			setPermissionRequestHandler: vi.fn(),
			setPermissionCheckHandler: vi.fn(),
			setDevicePermissionHandler: vi.fn(),
			webRequest: { onBeforeRequest: vi.fn() },
		}
		lockDownSession(session as unknown as Session)
		const page = { requestingUrl: own, isMainFrame: true }
		const isGiven = (permission: string, details: object) => {
			const answer = vi.fn()
			session.setPermissionRequestHandler.mock.calls[0]?.[0]({}, permission, answer, details)
			return answer.mock.calls[0]?.[0]
		}
		expect(isGiven("notifications", page)).toBe(true)
		expect(isGiven("clipboard-sanitized-write", page)).toBe(true)
		const others = [
			"clipboard-read",
			"media",
			"fileSystem",
			"openExternal",
			"midi",
			"hid",
			"window-management",
			"unknown",
		]
		expect(others.filter((permission) => isGiven(permission, page))).toEqual([])
		expect(isGiven("notifications", { ...page, requestingUrl: foreign })).toBe(false)
		expect(isGiven("notifications", { ...page, isMainFrame: false })).toBe(false)
		const isHeld = session.setPermissionCheckHandler.mock.calls[0]?.[0]
		expect(isHeld(null, "notifications", "app://hotfix/", { isMainFrame: true })).toBe(true)
		expect(isHeld(null, "geolocation", "app://hotfix/", { isMainFrame: true })).toBe(false)
		expect(isHeld(null, "notifications", foreign, { isMainFrame: true })).toBe(false)
		expect(session.setDevicePermissionHandler.mock.calls[0]?.[0]()).toBe(false)
		const load = session.webRequest.onBeforeRequest.mock.calls[0]?.[0]
		const verdict = (url: string) => {
			const told = vi.fn()
			load({ url }, told)
			return told.mock.calls[0]?.[0].cancel
		}
		expect([verdict(own), verdict(foreign), verdict("ws://127.0.0.1:1/")]).toEqual([false, true, true])
	})
})

describe("the port of the page", () => {
	const makePort = () => Object.assign(new EventEmitter(), { postMessage: vi.fn(), start: vi.fn(), close: vi.fn() })

	test("carries messages both ways, and its end is told", () => {
		const channels: RpcChannel[] = []
		const port = makePort()
		createPortServer({ serve: (channel) => channels.push(channel) }).serve([port])
		const [onMessage, onClose] = [vi.fn(), vi.fn()]
		channels[0]?.onMessage(onMessage)
		channels[0]?.onClose(onClose)
		channels[0]?.send("answer")
		port.emit("message", { data: "call" })
		port.emit("close")
		expect(onMessage).toHaveBeenCalledWith("call")
		expect(onClose).toHaveBeenCalledOnce()
		expect(port.postMessage).toHaveBeenCalledWith("answer")
		expect(port.start).toHaveBeenCalledOnce()
	})

	test("is one: a new one ends the one before, further ones are closed, none is no matter", () => {
		const served = vi.fn()
		const server = createPortServer({ serve: served })
		const [first, second, extra] = [makePort(), makePort(), makePort()]
		server.serve([])
		server.serve([first])
		expect(first.close).not.toHaveBeenCalled()
		server.serve([second, extra])
		expect(first.close).toHaveBeenCalledOnce()
		expect(extra.close).toHaveBeenCalledOnce()
		expect(second.close).not.toHaveBeenCalled()
		expect(served).toHaveBeenCalledTimes(2)
	})
})

test.each([
	[["electron", "."], "/fallback"],
	[["electron", ".", "--data", "/d"], "/d"],
	[["electron", ".", "--data=/d"], "/d"],
	[["electron", ".", "--data"], "/fallback"],
])("%j: the data folder is %s", (args, folder) => expect(dataFolderOf(args, "/fallback")).toBe(folder))

test("developer tools are in the menu only where the app is being developed", () => {
	expect(JSON.stringify(makeMenu("linux", true))).not.toContain("toggleDevTools")
	expect(JSON.stringify(makeMenu("linux", false))).toContain("toggleDevTools")
	expect(JSON.stringify(makeMenu("darwin", true))).toContain("appMenu")
})
