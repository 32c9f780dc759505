import type { MessagePortMain } from "electron"
import type { RpcChannel, RpcServer } from "../core/fleet/rpc-server.ts"

type Port = Pick<MessagePortMain, "on" | "postMessage" | "start" | "close">

/** The page's end of a MessageChannel as a channel to the services. */
function makePortChannel(port: Port): RpcChannel {
	return {
		send: (message) => port.postMessage(message),
		onMessage: (listener) => void port.on("message", (event) => listener(event.data)),
		onClose: (listener) => void port.on("close", listener),
	}
}

/** Serves one port at a time: the page that connects anew has given up the one before. */
export function createPortServer(rpc: RpcServer): { serve(ports: readonly Port[]): void } {
	let current: Port | undefined
	return {
		serve([port, ...rest]) {
			for (const extra of rest) extra.close()
			if (!port) return
			current?.close()
			current = port
			rpc.serve(makePortChannel(port))
			port.start()
		},
	}
}
