import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type CDPSession, expect, type Page, test } from "@playwright/test"
import { build } from "esbuild"
import { makePageHeaders } from "../../core/fleet/page-policy.ts"
import { createRpcServer, type RpcServer } from "../../core/fleet/rpc-server.ts"
import type { Services } from "../../core/fleet/services/types.ts"
import { createServices } from "../../core/fleet/services.ts"

/**
 * The real preload in a real isolated world of a real Chromium, between the renderer's real transport and the real RPC
 * server. Only Electron's own functions are stood in for: the binary cannot be had everywhere.
 */
/** What Electron puts into a preload's world; `toProgram` is the way to this test, as its IPC is to the main process. */
const ELECTRON = `
	const ports = []
	globalThis.deliver = (port, data) => ports[port].postMessage(data)
	const tell = (message) => globalThis.toProgram(JSON.stringify(message))
	const electron = {
		contextBridge: { exposeInMainWorld: (name, value) => tell({ type: "exposed", name, value: typeof value === "function" ? value("a file") : value }) },
		webUtils: { getPathForFile: (file) => "/path/of/" + file },
		ipcRenderer: {
			postMessage(channel, message, transfer) {
				tell({ type: "ipc", channel, message, ports: transfer.length })
				for (const port of transfer) {
					const number = ports.push(port) - 1
					port.onmessage = (event) => tell({ type: "message", port: number, data: event.data })
				}
			},
		},
	}
	const require = (name) => (name === "electron" ? electron : undefined)
`

/** The page's side: the renderer's own transport, and the contract's client. */
const PAGE = `
	import { createORPCClient } from "@orpc/client"
	import { openPort } from "./renderer/rpc/transport.ts"
	window.connect = async () => {
		const transport = await openPort(window)
		window.api = createORPCClient(transport.link)
	}
	window.ports = []
	window.heard = []
	window.addEventListener("message", (event) => event.source !== window && window.heard.push(event.data))
	window.addEventListener("message", (event) => event.ports.length > 0 && window.ports.push(event.data))
`

type Told = { type: "exposed" | "ipc" | "message"; port?: number; data?: string; [key: string]: unknown }

// What devtools were told to bring into each page stays with a page that is used again.
test.use({ reuseContext: false })

let root: string
let services: Services
let rpc: RpcServer
let server: Server
let origin: string
let preload: string

test.beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "hotfix-preload-"))
	services = await createServices({ dataFolder: root, host: "electron", version: "1.2.3", runnerBundle: "unused" })
	rpc = createRpcServer(services)
	const bundle = { bundle: true, write: false, absWorkingDir: process.cwd() } as const
	const [script] = (
		await build({ ...bundle, stdin: { contents: PAGE, resolveDir: process.cwd(), loader: "ts" }, format: "esm" })
	).outputFiles
	const [code] = (
		await build({ ...bundle, entryPoints: ["electron/preload.ts"], format: "cjs", external: ["electron"] })
	).outputFiles
	preload = `(() => { ${ELECTRON}\n${code?.text} })()`
	const headers = { ...makePageHeaders(), "cross-origin-embedder-policy": "unsafe-none", "x-frame-options": "" }
	server = createServer(({ url, headers: { host } }, response) => {
		const say = (text: string, more = {}) =>
			response.writeHead(200, { ...headers, "content-type": "text/html", ...more }).end(text)
		if (url === "/stranger")
			return say("<script>parent.postMessage('hotfix-ready', '*')</script>", { "content-security-policy": "" })
		const frame = `<iframe src="http://localhost:${host?.split(":")[1]}/stranger"></iframe>`
		if (url === "/page.js")
			return response.writeHead(200, { ...headers, "content-type": "text/javascript" }).end(script?.text)
		const html = '<!doctype html><title>page</title><script type="module" src="/page.js"></script>'
		// Our own policy would not even let the frame in.
		if (url === "/with-frame") return say(html + frame, { "content-security-policy": "" })
		say(html)
	})
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
test.afterAll(async () => {
	server.close()
	await services.close()
	await rm(root, { recursive: true, force: true })
})

/** Opens the page with the preload in a world of its own; every port it hands out is served. */
async function openPage(page: Page, path = "/"): Promise<Told[]> {
	const told: Told[] = []
	const listeners = new Map<number, (data: unknown) => void>()
	const devtools: CDPSession = await page.context().newCDPSession(page)
	await devtools.send("Page.enable")
	await devtools.send("Runtime.enable")
	await devtools.send("Runtime.addBinding", { name: "toProgram", executionContextName: "preload" })
	devtools.on("Runtime.bindingCalled", ({ payload, executionContextId }) => {
		const message = JSON.parse(payload) as Told
		told.push(message)
		if (message.type === "message") listeners.get(message.port ?? -1)?.(message.data)
		if (message.type !== "ipc") return
		const port = listeners.size
		const send = (data: string | Uint8Array) => {
			const expression = `deliver(${port}, ${JSON.stringify(data)})`
			return devtools.send("Runtime.evaluate", { expression, contextId: executionContextId }).then(() => {})
		}
		rpc.serve({ send, onMessage: (listener) => void listeners.set(port, listener), onClose: () => {} })
	})
	await devtools.send("Page.addScriptToEvaluateOnNewDocument", { worldName: "preload", source: preload })
	await page.goto(origin + path)
	return told
}

test("the page gets a port to the services, and the contract works over it", async ({ page }) => {
	const told = await openPage(page)
	await page.evaluate("connect()")
	expect(await page.evaluate("api.app.info({})")).toMatchObject({ version: "1.2.3", host: "electron" })
	const seen = await page.evaluate(`(async () => {
		const changes = await api.app.follow({})
		const seen = [(await changes.next()).value]
		await api.appliances.save({ name: "alpha", host: "alpha.test", port: 22, user: "root", signIn: { method: "agent" }, become: "none", tags: [], notes: "" })
		seen.push((await changes.next()).value)
		await changes.return()
		return seen
	})()`)
	expect(seen).toMatchObject([{ type: "snapshot" }, { type: "appliance-changed", appliance: { name: "alpha" } }])
	const failure = await page.evaluate('api.runs.get({ id: "nobody" }).catch(({ code, data }) => ({ code, data }))')
	expect(failure).toMatchObject({ code: "FAILURE", data: { code: "not-found" } })
	expect(told.filter(({ type }) => type === "ipc")).toEqual([
		{ type: "ipc", channel: "hotfix-port", message: null, ports: 1 },
	])
})

test("nothing else passes: two names in the page's world, and no word of its own to the program", async ({ page }) => {
	const told = await openPage(page)
	await page.evaluate(`
		for (const message of ["hotfix-port", "hotfix-ready ", "", null, { type: "hotfix-ready" }, ["hotfix-ready"]])
			postMessage(message, origin)
	`)
	await page.evaluate("new Promise((resolve) => setTimeout(resolve, 100))")
	expect(told).toEqual([
		{ type: "exposed", name: "hotfixHost", value: "electron" },
		{ type: "exposed", name: "hotfixPathOf", value: "/path/of/a file" },
	])
	const reachable =
		"[typeof electron, typeof require, typeof process, typeof toProgram, typeof deliver, typeof ipcRenderer]"
	expect(await page.evaluate(reachable)).toEqual(Array(6).fill("undefined"))
})

test("a stranger's page in a frame gets no port by asking for one", async ({ page }) => {
	const told = await openPage(page, "/with-frame")
	await expect.poll(() => page.evaluate("heard")).toEqual(["hotfix-ready"])
	expect(told.filter(({ type }) => type === "ipc")).toEqual([])
	expect(await page.evaluate("ports")).toEqual([])
})

test("a page that connects anew gets a new port", async ({ page }) => {
	const told = await openPage(page)
	await page.evaluate("connect()")
	await page.evaluate("connect()")
	expect(await page.evaluate("api.app.info({})")).toMatchObject({ version: "1.2.3" })
	expect(told.filter(({ type }) => type === "ipc")).toHaveLength(2)
})
