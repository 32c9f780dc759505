import { createConnection, createServer, type Server, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

/** `up`: from the desktop to the appliance. */
export type Direction = "up" | "down"
/** A goodbye, a reset, or a link that carries nothing any more and says nothing about it. */
export type CutWay = "fin" | "rst" | "silent"

export interface Cut {
	direction: Direction
	/** Bytes that still pass in this direction, of all connections together, from the moment the cut is armed. */
	after: number
	way: CutWay
	/** Milliseconds for which nobody gets through afterwards. */
	awayMs: number
	/** Cut after so many milliseconds though fewer bytes have passed; never when absent. */
	atLatestMs?: number
}

/** Bytes of the beginning of each direction that are kept, to look at: enough for the key exchange. */
const KEPT = 16 * 1024

type Link = { desktop: Socket; server: Socket; isSilent: boolean }

/** A network between the desktop and one server on this machine, which a test cuts at an exact byte. */
export class CuttingProxy {
	readonly host = "127.0.0.1"
	port = 0
	/** Cuts that have happened. */
	cuts = 0
	/** Called at each cut. */
	onCut: () => void = () => undefined
	/** Bytes that have passed, and the first of them. */
	readonly passed: Record<Direction, number> = { up: 0, down: 0 }
	readonly first: Record<Direction, Buffer> = { up: Buffer.alloc(0), down: Buffer.alloc(0) }
	readonly #links = new Set<Link>()
	readonly #server: Server
	#armed: (Cut & { left: number; timer: NodeJS.Timeout | undefined }) | undefined
	#away: CutWay | undefined
	#back: Promise<void> = Promise.resolve()

	private constructor(target: { host: string; port: number }) {
		this.#server = createServer({ noDelay: true }, (desktop) => this.#accept(desktop, target))
	}

	static async start(target: { host: string; port: number }): Promise<CuttingProxy> {
		const proxy = new CuttingProxy(target)
		await new Promise<void>((resolve, reject) => {
			proxy.#server.once("error", reject).listen(0, proxy.host, resolve)
		})
		const address = proxy.#server.address()
		proxy.port = typeof address === "object" && address ? address.port : 0
		return proxy
	}

	/** The next cut. One at a time: an earlier one that has not happened is forgotten. */
	arm(cut: Cut): void {
		clearTimeout(this.#armed?.timer)
		const timer = cut.atLatestMs === undefined ? undefined : setTimeout(() => this.#cut(), cut.atLatestMs)
		this.#armed = { ...cut, left: cut.after, timer }
		if (cut.after === 0) this.#cut()
	}

	/** When the network works again after the last cut; at once when it does. */
	back(): Promise<void> {
		return this.#back
	}

	async close(): Promise<void> {
		clearTimeout(this.#armed?.timer)
		this.#armed = undefined
		for (const { desktop, server } of this.#links) for (const socket of [desktop, server]) socket.destroy()
		await new Promise((resolve) => this.#server.close(resolve))
	}

	#accept(desktop: Socket, target: { host: string; port: number }): void {
		if (this.#away === "fin" || this.#away === "rst") {
			desktop.on("error", () => undefined).resetAndDestroy()
			return
		}
		const server = createConnection({ ...target, noDelay: true })
		const link = { desktop, server, isSilent: this.#away === "silent" }
		this.#links.add(link)
		this.#carry(link, desktop, server, "up")
		this.#carry(link, server, desktop, "down")
	}

	/** One direction of one connection. An end or an error of one side is the other's end. */
	#carry(link: Link, from: Socket, to: Socket, direction: Direction): void {
		from.on("data", (bytes) => {
			if (link.isSilent) return
			const passing = this.#count(direction, bytes)
			if (!to.write(passing)) {
				from.pause()
				to.once("drain", () => from.resume())
			}
			if (passing.length < bytes.length || this.#armed?.left === 0) this.#cut()
		})
		from.on("end", () => link.isSilent || to.end())
		from.on("error", () => link.isSilent || to.destroy())
		from.on("close", () => {
			to.destroy()
			this.#links.delete(link)
		})
	}

	/** The part of these bytes that still passes. */
	#count(direction: Direction, bytes: Buffer): Buffer {
		const armed = this.#armed?.direction === direction ? this.#armed : undefined
		const passing = armed ? bytes.subarray(0, armed.left) : bytes
		if (armed) armed.left -= passing.length
		this.passed[direction] += passing.length
		const first = this.first[direction]
		if (first.length < KEPT) this.first[direction] = Buffer.concat([first, passing.subarray(0, KEPT - first.length)])
		return passing
	}

	#cut(): void {
		if (!this.#armed) return
		const { way, awayMs, timer } = this.#armed
		clearTimeout(timer)
		this.#armed = undefined
		this.cuts++
		for (const link of this.#links) cutLink(link, way)
		this.#away = way
		this.onCut()
		this.#back = this.#comeBack(awayMs)
	}

	/** Links that were silent meanwhile stay so: their connections are dead, whoever still believes in them. */
	async #comeBack(awayMs: number): Promise<void> {
		await sleep(awayMs)
		this.#away = undefined
	}
}

function cutLink(link: Link, way: CutWay): void {
	link.isSilent = true
	for (const socket of [link.desktop, link.server]) {
		if (way === "fin") socket.end()
		if (way === "rst") socket.resetAndDestroy()
	}
}

/** Length of the part of one direction of an SSH connection that is not encrypted yet: to the end of NEWKEYS (RFC 4253). */
export function lengthOfKeyExchange(bytes: Buffer): number {
	const NEWKEYS = 21
	let at = bytes.indexOf("\r\n") + 2
	for (;;) {
		if (at < 2 || at + 6 > bytes.length) throw new Error("no whole key exchange in these bytes")
		const end = at + 4 + bytes.readUInt32BE(at)
		if (bytes[at + 5] === NEWKEYS) return end
		at = end
	}
}
