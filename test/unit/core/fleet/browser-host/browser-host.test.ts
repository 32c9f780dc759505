import { execFile } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { type IncomingMessage, request } from "node:http"
import { connect as connectSocket, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { createORPCClient, ORPCError } from "@orpc/client"
import { RPCLink } from "@orpc/client/websocket"
import type { ContractRouterClient } from "@orpc/contract"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { WebSocket } from "ws"
import { openCommand, openInBrowser } from "../../../../../core/fleet/browser-host/open-in-browser.ts"
import { isOtherUser } from "../../../../../core/fleet/browser-host/other-user.ts"
import { type BrowserHost, startBrowserHost } from "../../../../../core/fleet/browser-host.ts"
import type { Services } from "../../../../../core/fleet/services/types.ts"
import { createServices } from "../../../../../core/fleet/services.ts"
import type { contract } from "../../../../../core/protocol/contract.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { makeAppliance } from "../make.ts"

let root: string
let services: Services
let host: BrowserHost
let port: number
let token: string
const lines: string[] = []

beforeEach(async () => {
	root = mkdtempSync(join(tmpdir(), "hotfix-browser-host-"))
	mkdirSync(join(root, "page", "assets"), { recursive: true })
	writeFileSync(join(root, "page", "index.html"), "<!doctype html>")
	writeFileSync(join(root, "page", "assets", "app.js"), "app()")
	writeFileSync(join(root, "page", "notes.secret"), "secret")
	writeFileSync(join(root, "outside.js"), "outside()")
	lines.length = 0
	const connect = async () => {
		throw new FailureError("unreachable", { host: "alpha.test" })
	}
	services = await createServices({
		dataFolder: join(root, "data"),
		host: "browser",
		version: "1.2.3",
		runnerBundle: "unused",
		connect,
		log: (line) => lines.push(line),
	})
	host = await startBrowserHost({ services, rendererFolder: join(root, "page") })
	const url = new URL(host.url)
	port = Number(url.port)
	token = url.hash.slice("#token=".length)
})
afterEach(async () => {
	await host.close()
	await services.close()
	rmSync(root, { recursive: true, force: true })
})

async function ask(path: string, headers: Record<string, string> = {}, method = "GET") {
	// The path goes out as it is: a URL object would tidy it up.
	const asking = request({ host: "127.0.0.1", port, path, method, headers, setHost: headers.host === undefined })
	const [response] = (await once(asking.end(), "response")) as [IncomingMessage]
	let body = ""
	for await (const piece of response) body += piece
	return { status: response.statusCode, headers: response.headers, body }
}

/** The status of an attempt to open a WebSocket; 101 when it opened. */
async function knock(path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
	const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
		headers: { origin: `http://127.0.0.1:${port}`, ...headers },
	})
	return new Promise((resolve) => {
		socket.on("open", () => {
			socket.terminate()
			resolve(101)
		})
		socket.on("unexpected-response", (_request, response) => {
			response.resume()
			resolve(response.statusCode)
		})
		socket.on("error", () => {})
	})
}

function openClient() {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc?token=${token}`, { origin: `http://127.0.0.1:${port}` })
	const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })
	return { socket, api: createORPCClient<ContractRouterClient<typeof contract>>(link) }
}

describe("the page", () => {
	test("is served with a policy that leaves nothing open, on loopback only", async () => {
		const { status, headers, body } = await ask("/")
		expect({ status, body }).toEqual({ status: 200, body: "<!doctype html>" })
		expect(headers).toMatchObject({
			"content-type": "text/html; charset=utf-8",
			"x-content-type-options": "nosniff",
			"x-frame-options": "DENY",
			"referrer-policy": "no-referrer",
			"cross-origin-opener-policy": "same-origin",
			"cross-origin-resource-policy": "same-origin",
			"cache-control": "no-store",
		})
		const policy = headers["content-security-policy"]
		expect(policy).toContain("default-src 'none'")
		expect(policy).toContain("frame-ancestors 'none'")
		expect(policy).not.toMatch(/unsafe|\*|data:|blob:|https?:/)
		expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/)
		expect((await ask("/assets/app.js")).body).toBe("app()")
		expect((await ask("/", {}, "HEAD")).body).toBe("")
	})

	test.each([
		"/../outside.js",
		"/assets/../../outside.js",
		"/%2e%2e/outside.js",
		"/..%2foutside.js",
		"/assets/..%5c..%5coutside.js",
		"//outside.js",
		"/notes.secret",
		"/assets",
		"/assets/",
		"/nothing.js",
		"/__proto__",
		"http://127.0.0.1/etc/passwd",
	])("%s is no page", async (path) => {
		const { status, body } = await ask(path)
		expect(status).toBe(404)
		expect(body).not.toMatch(/outside|secret|root:/)
	})

	test.each([
		"evil.example",
		"evil.example:PORT",
		"127.0.0.1",
		"127.0.0.1:1",
		"127.0.0.1.evil.example:PORT",
		"[::1]:PORT",
	])("a name in the address bar that is not ours is refused: %j", async (name) => {
		const named = { host: name.replace("PORT", String(port)) }
		expect((await ask("/", named)).status).toBe(421)
		const link = new URL(host.launchUrl())
		expect((await ask(link.pathname + link.search, named)).headers.location).toBeUndefined()
		expect(await knock(`/rpc?token=${token}`, { ...named, origin: `http://${named.host}` })).toBe(421)
	})

	test("no name at all is refused", async () => {
		expect((await ask("/", { host: "" })).status).toBe(421)
	})

	test("localhost is ours too", async () => {
		expect((await ask("/", { host: `localhost:${port}` })).status).toBe(200)
		const own = { host: `localhost:${port}`, origin: `http://localhost:${port}` }
		expect(await knock(`/rpc?token=${token}`, own)).toBe(101)
	})

	test("nothing but GET and HEAD is answered", async () => {
		for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) expect((await ask("/", {}, method)).status).toBe(405)
	})

	test("a request that makes no sense does not end the program", async () => {
		for (const bytes of [
			"GET /%%%00 HTTP/1.1\r\nHost: x\r\n\r\n",
			"\0\0\0\0\r\n\r\n",
			"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
		]) {
			const socket = connectSocket(port, "127.0.0.1")
			socket.end(bytes)
			socket.resume()
			await once(socket, "close")
		}
		expect((await ask("/")).status).toBe(200)
	})
})

describe("the door to the services", () => {
	test.each([
		["the right token", () => `/rpc?token=${token}`, {}, 101],
		["no token", () => "/rpc", {}, 401],
		["a wrong token", () => `/rpc?token=${"A".repeat(43)}`, {}, 401],
		["the token and more", () => `/rpc?token=${token}A`, {}, 401],
		["another path", () => `/other?token=${token}`, {}, 404],
		["another page", () => `/rpc?token=${token}`, { origin: "http://evil.example" }, 403],
		["another program's page on this machine", () => `/rpc?token=${token}`, { origin: "http://127.0.0.1:1" }, 403],
		["a page with no origin of its own", () => `/rpc?token=${token}`, { origin: "null" }, 403],
		["localhost's page for 127.0.0.1", () => `/rpc?token=${token}`, { origin: "http://localhost:PORT" }, 403],
	])("%s: %o", async (_name, path, headers, status) => {
		const named = Object.fromEntries(
			Object.entries(headers).map(([key, value]) => [key, value.replace("PORT", String(port))]),
		)
		expect(await knock(path(), named)).toBe(status)
	})

	test("many wrong tokens are told to slow down; the right one still comes in", async () => {
		const answers: (number | undefined)[] = []
		for (let i = 0; i < 14; i++) answers.push(await knock(`/rpc?token=wrong${i}`))
		expect(answers).toEqual([...Array(10).fill(401), ...Array(4).fill(429)])
		expect(await knock(`/rpc?token=${token}`)).toBe(101)
	})

	test("a link for the command line gives the token once and never holds it", async () => {
		const link = new URL(host.launchUrl())
		expect(link.href).not.toContain(token)
		const path = link.pathname + link.search
		expect(await ask(path)).toMatchObject({
			status: 303,
			headers: { location: `/#token=${token}`, "cache-control": "no-store" },
		})
		expect(await ask(path)).toMatchObject({ status: 403 })
		expect((await ask("/open?code=guess")).status).toBe(403)
		expect((await ask("/open")).headers.location).toBeUndefined()
	})

	test("no more than 32 pages at once", async () => {
		const sockets = Array.from({ length: 32 }, () => openClient().socket)
		await Promise.all(sockets.map((socket) => once(socket, "open")))
		expect(await knock(`/rpc?token=${token}`)).toBe(503)
		sockets[0]?.terminate()
		await expect.poll(() => knock(`/rpc?token=${token}`), { timeout: 15_000 }).toBe(101)
		for (const socket of sockets) socket.terminate()
	})
})

describe("others on this machine", () => {
	const isRoot = process.geteuid?.() === 0
	/** A request of a program of user 65534, and the first line of its answer. */
	async function askAsNobody(path: string, headers: string[] = []): Promise<string> {
		const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, "Connection: close", ...headers, "", ""]
		const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf %s "$0" >&3; head -n 1 <&3`
		const args = ["-c", script, lines.join("\r\n")]
		return (await promisify(execFile)("bash", args, { uid: 65534, gid: 65534, cwd: "/" })).stdout.trim()
	}

	test.skipIf(!isRoot)(
		"who has read the code or the token on a command line does not come in (needs root)",
		async () => {
			const link = new URL(host.launchUrl())
			expect(await askAsNobody("/")).toBe("HTTP/1.1 200 OK")
			expect(await askAsNobody(link.pathname + link.search)).toBe("HTTP/1.1 403 Forbidden")
			const upgrade = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
			const asked = upgrade.map((line) => line.replace("Upgrade:", "Connection: Upgrade\r\nUpgrade:"))
			expect(await askAsNobody(`/rpc?token=${token}`, [...asked, `Origin: http://127.0.0.1:${port}`])).toMatch(
				/^HTTP\/1.1 403/,
			)
			// The owner's link is as good as before.
			expect((await ask(link.pathname + link.search)).status).toBe(303)
		},
	)

	test("nobody hides behind an honest connection of the same ports on another address", () => {
		const row = (address: string, user: number) =>
			`   1: ${address}:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  ${user}        0 17 1 0\n`
		const own = process.getuid?.() ?? 0
		const judge = (...rows: string[]) =>
			isOtherUser({ remotePort: 0xc350, localPort: 0x1f90 } as Socket, (path) =>
				path.endsWith("6") ? "" : rows.join(""),
			)
		expect(judge(row("0100007F", own), row("0200007F", 65534))).toBe(true)
		expect([judge(row("0100007F", own)), judge(row("0100007F", 0)), judge()]).toEqual([false, false, false])
	})

	test("who sends a request byte by byte, or none, is not waited for", async () => {
		await host.close()
		host = await startBrowserHost({ services, rendererFolder: join(root, "page"), port, requestMs: 300 })
		const [silent, slow] = [connectSocket(port, "127.0.0.1"), connectSocket(port, "127.0.0.1")]
		const dripping = setInterval(() => slow.write("x"), 20)
		slow.write("GET / HTTP/1.1\r\nx-a: ")
		const ends = [silent, slow].map((socket) => new Promise((end) => socket.on("error", end).on("close", end).resume()))
		await Promise.all(ends)
		clearInterval(dripping)
	})

	test("connections beyond a number are not taken; those there are go on", async () => {
		const { api, socket } = openClient()
		await api.app.info({})
		const others = Array.from({ length: 300 }, () => connectSocket(port, "127.0.0.1").on("error", () => {}))
		await expect.poll(() => others.filter((other) => other.readableEnded || other.destroyed).length).toBeGreaterThan(40)
		expect(await api.app.info({})).toMatchObject({ version: "1.2.3" })
		for (const other of [...others, socket]) "terminate" in other ? other.terminate() : other.destroy()
	})

	test("who was refused and does not hang up is hung up on", async () => {
		const held = connectSocket({ port, host: "127.0.0.1", allowHalfOpen: true })
		const refused = once(held, "end")
		held.write(`GET /rpc HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
		held.resume()
		await refused
		const writing = setInterval(() => held.write("still here"), 10)
		const [error] = await once(held, "error").catch((thrown) => [thrown])
		clearInterval(writing)
		expect(error).toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) })
	})
})

describe("a malicious page", () => {
	const elsewhere = { origin: "http://evil.example" }

	test("may read nothing of ours: no answer names another origin, whatever it asks for", async () => {
		for (const method of ["GET", "HEAD", "OPTIONS", "POST"])
			for (const path of ["/", "/open?code=x", "/rpc"]) {
				const { headers } = await ask(path, { ...elsewhere, "access-control-request-method": "POST" }, method)
				expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([])
				expect(headers["cross-origin-resource-policy"]).toBe("same-origin")
			}
	})

	test("cannot do anything by a form or an image: a request alone changes nothing", async () => {
		expect((await ask("/rpc", elsewhere, "POST")).status).toBe(405)
		expect((await ask(`/rpc?token=${token}`, elsewhere)).status).toBe(404)
	})

	test("a message cannot reach what all objects share", async () => {
		const { api, socket } = openClient()
		await once(socket, "open")
		const call = (body: unknown) => JSON.stringify({ i: "own", p: { u: "/app/info", b: body } })
		for (const path of [
			["__proto__", "polluted"],
			["constructor", "prototype", "polluted"],
		])
			socket.send(
				call({
					json: {},
					meta: [
						[1, ...path],
						[3, ...path],
					],
				}),
			)
		socket.send(
			'{"i":"own2","p":{"u":"/app/info","b":{"json":{"__proto__":{"polluted":1}}}},"__proto__":{"polluted":1}}',
		)
		socket.send(JSON.stringify({ i: "own3", p: { u: "/__proto__/toString", b: { json: {} } } }))
		expect(await api.app.info({})).toMatchObject({ version: "1.2.3" })
		expect({}).not.toHaveProperty("polluted")
		socket.terminate()
	})
})

describe("the contract over a WebSocket", () => {
	test("calls are answered, and changes are told to whoever follows", async () => {
		const { api, socket } = openClient()
		expect(await api.app.info({})).toMatchObject({ version: "1.2.3", host: "browser", dataFolder: join(root, "data") })
		const changes = await api.app.follow({})
		expect((await changes.next()).value).toMatchObject({ type: "snapshot", state: { appliances: [], runs: [] } })
		const { id: _, ...appliance } = makeAppliance()
		const saved = await api.appliances.save(appliance)
		expect((await changes.next()).value).toMatchObject({ type: "appliance-changed", appliance: saved })
		await api.appliances.remove({ id: saved.id })
		expect((await changes.next()).value).toMatchObject({ type: "appliance-removed", id: saved.id })
		socket.terminate()
	})

	test.each([
		[
			"a failure of the services",
			(api: Api) => api.runs.get({ id: "nobody" }),
			{ code: "not-found", data: { kind: "run", id: "nobody" } },
		],
		[
			"a failure of an appliance",
			async (api: Api) => api.appliances.test({ id: (await save(api)).id }),
			{ code: "unreachable" },
		],
		["input that is none", (api: Api) => api.runs.get({ id: 5 } as unknown as { id: string }), { code: "bad-request" }],
		[
			"a failure of a stream",
			async (api: Api) => (await api.runs.follow({ id: "nobody" })).next(),
			{ code: "not-found" },
		],
	])("%s arrives typed, without a stack", async (_name, call, failure) => {
		const { api, socket } = openClient()
		const error = await call(api).then(
			() => "it did not fail",
			(thrown: unknown) => thrown,
		)
		expect(error).toBeInstanceOf(ORPCError)
		expect(error).toMatchObject({ code: "FAILURE", defined: true, data: failure })
		expect(JSON.stringify(error)).not.toMatch(/\.ts|node_modules/)
		socket.terminate()
	})

	test("an error nobody foresaw arrives as internal, and is in the log", async () => {
		services.history.pools = () => {
			throw new TypeError("cannot read properties of undefined\n    at secret.ts:1")
		}
		const { api, socket } = openClient()
		const error = await api.history.pools({}).catch((thrown: unknown) => thrown)
		expect(error).toMatchObject({
			code: "FAILURE",
			data: { code: "internal", data: { message: "cannot read properties of undefined" } },
		})
		expect(lines.join("\n")).toContain("history.pools: TypeError")
		socket.terminate()
	})

	test("messages that make no sense are ignored, too large ones end the connection", async () => {
		const { api, socket } = openClient()
		await once(socket, "open")
		for (const message of ["", "{", "null", "[]", "5", '{"no":1}', Buffer.from([1, 2, 255, 3])]) socket.send(message)
		expect(await api.app.info({})).toMatchObject({ version: "1.2.3" })
		socket.send("x".repeat(17_000_000))
		await once(socket, "close")
		expect((await ask("/")).status).toBe(200)
	})

	test("who goes away in the middle of a stream is no longer followed", async () => {
		const { api, socket } = openClient()
		const changes = await api.app.follow({})
		await changes.next()
		expect(readers()).toBe(1)
		socket.terminate()
		await expect.poll(readers, { timeout: 15_000 }).toBe(0)
	})
	const readers = () => (services.state as unknown as { readers(): number }).readers()
})

test("where no page was built, or the port is taken, one sentence can say so", async () => {
	const failed = (options: { rendererFolder: string; port?: number }) =>
		startBrowserHost({ services, ...options }).catch((error: unknown) => (error as FailureError).failure)
	expect(await failed({ rendererFolder: join(root, "nowhere") })).toMatchObject({
		code: "not-found",
		data: { kind: "file" },
	})
	expect(await failed({ rendererFolder: join(root, "data") })).toMatchObject({ code: "not-found" })
	expect(await failed({ rendererFolder: join(root, "page"), port })).toMatchObject({ code: "bad-request" })
})

test("the system's browser is opened by its own program; where there is none, that is known", async () => {
	expect(openCommand("http://x", "linux")).toEqual(["xdg-open", ["http://x"]])
	expect(openCommand("http://x", "darwin")).toEqual(["open", ["http://x"]])
	expect(openCommand("http://x&y", "win32")).toEqual(["rundll32", ["url.dll,FileProtocolHandler", "http://x&y"]])
	expect(await openInBrowser("http://x", ["/nowhere/xdg-open", []])).toBe(false)
	expect(await openInBrowser("http://x", ["true", []])).toBe(true)
})

type Api = ReturnType<typeof openClient>["api"]

function save(api: Api) {
	const { id: _, ...appliance } = makeAppliance()
	return api.appliances.save(appliance)
}
