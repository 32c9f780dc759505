import type { ClientContext, ClientLink } from "@orpc/client"
import { RPCLink as PortLink } from "@orpc/client/message-port"
import { RPCLink as SocketLink } from "@orpc/client/websocket"

export type Link = ClientLink<ClientContext>

/** One open connection to the services; `closed` resolves when it is gone, whoever ended it. */
export interface Transport {
	link: Link
	closed: Promise<void>
	close(): void
}

const TOKEN = "hotfix-token"

/** Takes the token out of the address, where the browser host put it, so that it is not copied along with a link. */
export function takeToken(location: Location, history: History, storage: Storage): string | undefined {
	const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
	if (token) {
		storage.setItem(TOKEN, token)
		history.replaceState(null, "", `${location.pathname}${location.search}#/`)
	}
	return token ?? storage.getItem(TOKEN) ?? undefined
}

/** Where the browser host answers: the page's own origin. */
export function socketAddress(location: Pick<Location, "protocol" | "host">, token: string): string {
	return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/rpc?token=${encodeURIComponent(token)}`
}

/** Opens a WebSocket; rejects when it could not be opened. */
export function openSocket(address: string): Promise<Transport> {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(address)
		socket.binaryType = "arraybuffer"
		const link = new SocketLink({ websocket: socket })
		const closed = new Promise<void>((gone) => socket.addEventListener("close", () => gone(), { once: true }))
		const transport: Transport = { link, closed, close: () => socket.close() }
		socket.addEventListener("open", () => resolve(transport), { once: true })
		socket.addEventListener("close", () => reject(new Error("cannot open the connection")), { once: true })
	})
}

/** Waits for the next port that preload posts; only the page itself may hand one over. */
export function openPort(page: Window): Promise<Transport> {
	return new Promise((resolve) => {
		const receive = (event: MessageEvent) => {
			const port = event.ports[0]
			if (event.source !== page || event.data !== "hotfix-port" || !port) return
			page.removeEventListener("message", receive)
			resolve(makePortTransport(port))
		}
		page.addEventListener("message", receive)
		page.postMessage("hotfix-ready", page.location.origin)
	})
}

function makePortTransport(port: MessagePort): Transport {
	const link = new PortLink({ port })
	let end = () => {}
	const closed = new Promise<void>((resolve) => {
		end = resolve
	})
	port.addEventListener("close", () => end())
	port.start()
	return {
		link,
		closed,
		close: () => {
			port.close()
			end()
		},
	}
}
