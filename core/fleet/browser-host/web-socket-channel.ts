import type { WebSocket } from "ws"
import type { RpcChannel } from "../rpc-server.ts"

/** A page that does not answer a ping within this time is gone, milliseconds. */
const PING_MS = 30_000

/** One page's WebSocket as a channel; a page that vanished without a word is noticed. */
export function makeChannel(socket: WebSocket): RpcChannel {
	let isAlive = true
	const timer = setInterval(() => {
		if (!isAlive) return socket.terminate()
		isAlive = false
		socket.ping()
	}, PING_MS)
	timer.unref()
	socket.on("pong", () => {
		isAlive = true
	})
	socket.on("close", () => clearInterval(timer))
	// Always followed by "close", which is what ends the page's calls.
	socket.on("error", () => socket.terminate())
	return {
		// Resolves when the system has taken the bytes, or the page is gone: then its calls end of themselves.
		send: (message) => new Promise((resolve) => socket.send(message, () => resolve())),
		onMessage: (listener) => void socket.on("message", (data, isBinary) => listener(isBinary ? data : data.toString())),
		onClose: (listener) => void socket.on("close", listener),
	}
}
