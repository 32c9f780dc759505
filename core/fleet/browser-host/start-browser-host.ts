import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { type WebSocket, WebSocketServer } from "ws"
import { FailureError } from "../../schema/failure.ts"
import { type PageFile, readPageFiles } from "../page-files.ts"
import { makePageHeaders } from "../page-policy.ts"
import { createRpcServer } from "../rpc-server.ts"
import type { Services } from "../services/types.ts"
import { createGate, type Gate } from "./gate.ts"
import { isOtherUser } from "./other-user.ts"
import { makeChannel } from "./web-socket-channel.ts"

/** Pages that may be open at once. */
const CLIENT_LIMIT = 32
const MESSAGE_LIMIT = 16_000_000
/** Connections at once, pages among them: others on this machine must not use up what the program may have open. */
const CONNECTION_LIMIT = 256
/** A request is small and comes at once; whoever takes longer only holds a connection. Milliseconds. */
const REQUEST_MS = 10_000

export type BrowserHost = {
	/** The app's address with its token, for a person to open; whoever has it has the app. */
	url: string
	/** An address that works once and within a minute, for a command line that others on this machine can read. */
	launchUrl(): string
	close(): Promise<void>
}

/**
 * The app for a browser on this machine: the built page and the services over a WebSocket, on 127.0.0.1 only. `port`:
 * any free one when absent. Fails with `not-found` where no page was built and `bad-request` where the port is taken.
 */
export async function startBrowserHost(options: {
	services: Services
	rendererFolder: string
	port?: number
	/** Longest that a request may take to arrive, milliseconds; `REQUEST_MS` when absent. */
	requestMs?: number
}): Promise<BrowserHost> {
	const { services, rendererFolder, requestMs = REQUEST_MS } = options
	const files = readPageFiles(rendererFolder)
	const rpc = createRpcServer(services)
	const gate = createGate(() => (server.address() as AddressInfo).port)
	const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT, perMessageDeflate: false })
	const patience = { headersTimeout: requestMs, requestTimeout: requestMs, connectionsCheckingInterval: requestMs / 5 }
	const server = createServer(patience, (request, response) => answer(request, response, gate, files))
	server.maxConnections = CONNECTION_LIMIT
	server.on("upgrade", (request, socket, head) => {
		const status = judgeUpgrade(request, gate, sockets.clients.size)
		if (status !== 101) return refuse(socket, status)
		sockets.handleUpgrade(request, socket, head, (client) => rpc.serve(makeChannel(client)))
	})
	await listen(server, options.port ?? 0)
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
	return {
		url: `${origin}/#token=${gate.token}`,
		launchUrl: () => `${origin}/open?code=${gate.makeLaunchCode()}`,
		close: () => close(server, sockets.clients),
	}
}

function answer(request: IncomingMessage, response: ServerResponse, gate: Gate, files: Map<string, PageFile>) {
	const reply = (status: number, headers: Record<string, string>, body?: string | Buffer) =>
		response
			.writeHead(status, { ...makePageHeaders(gate.sockets()), "cache-control": "no-store", ...headers })
			.end(request.method === "HEAD" ? undefined : body)
	const say = (status: number, text: string) => reply(status, { "content-type": "text/plain; charset=utf-8" }, text)

	if (!gate.isOurHost(request)) return say(421, "this address is not served here")
	if (request.method !== "GET" && request.method !== "HEAD") return say(405, "only GET is answered here")
	const { pathname, searchParams } = addressOf(request)
	if (pathname === "/open") {
		if (isOtherUser(request.socket)) return say(403, "this is another user's")
		if (!gate.redeem(searchParams.get("code"))) return say(403, "this link was used already or is too old: start again")
		return reply(303, { location: `/#token=${gate.token}` })
	}
	const file = files.get(pathname)
	const body = file?.read()
	return file && body ? reply(200, { "content-type": file.type }, body) : say(404, "there is no such page")
}

function judgeUpgrade(request: IncomingMessage, gate: Gate, clients: number): number {
	const { pathname, searchParams } = addressOf(request)
	if (!gate.isOurHost(request)) return 421
	if (pathname !== "/rpc") return 404
	if (!gate.isOurPage(request) || isOtherUser(request.socket)) return 403
	const verdict = gate.judge(searchParams.get("token"))
	if (verdict !== 200) return verdict
	return clients >= CLIENT_LIMIT ? 503 : 101
}

/** A request's address without trust in it: what cannot be read is an address that nothing is served at. */
function addressOf(request: IncomingMessage): URL {
	const path = request.url?.startsWith("/") ? request.url : "/unreadable"
	return URL.parse(`http://localhost${path}`) ?? new URL("http://localhost/unreadable")
}

function refuse(socket: Duplex, status: number) {
	const gone = () => socket.destroy()
	socket.on("error", gone)
	// Who does not hang up in turn would hold the connection for ever.
	socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, gone)
}

function listen(server: Server, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", (cause) => {
			const reason = `cannot listen on port ${port}: it is in use or not permitted; name another one`
			reject(new FailureError("bad-request", { reason }, { cause }))
		})
		server.listen(port, "127.0.0.1", resolve)
	})
}

function close(server: Server, clients: Set<WebSocket>): Promise<void> {
	for (const client of clients) client.terminate()
	return new Promise((resolve) => {
		server.close(() => resolve())
		server.closeAllConnections()
	})
}
