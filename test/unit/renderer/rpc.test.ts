import { afterEach, expect, test, vi } from "vitest"
import { limitOf, makeLink, OfflineError, SlowError } from "../../../renderer/rpc/link.ts"
import { openPort, socketAddress, takeToken } from "../../../renderer/rpc/transport.ts"

afterEach(() => vi.useRealTimers())

const never = new Promise<never>(() => {})
const options = { context: {} }

test("a call without a connection ends at once", async () => {
	await expect(makeLink(() => undefined).call(["app", "info"], {}, options)).rejects.toBeInstanceOf(OfflineError)
})

test("a call that waits when the connection closes ends with it", async () => {
	let gone = () => {}
	const closed = new Promise<void>((resolve) => {
		gone = resolve
	})
	const answer = makeLink(() => ({ link: { call: () => never }, closed })).call(["app", "info"], {}, options)
	gone()
	await expect(answer).rejects.toBeInstanceOf(OfflineError)
})

test("a call that never answers ends when its time is over", async () => {
	vi.useFakeTimers()
	const answer = makeLink(() => ({ link: { call: () => never }, closed: never })).call(["app", "info"], {}, options)
	const refused = expect(answer).rejects.toBeInstanceOf(SlowError)
	await vi.advanceTimersByTimeAsync(20_000)
	await refused
})

test("an answer comes through, an error too", async () => {
	const link = (call: () => Promise<unknown>) => makeLink(() => ({ link: { call }, closed: never }))
	expect(await link(async () => 7).call(["x"], {}, options)).toBe(7)
	await expect(link(async () => Promise.reject(new Error("e"))).call(["x"], {}, options)).rejects.toThrow("e")
})

function closable() {
	let close = () => {}
	const closed = new Promise<void>((resolve) => {
		close = resolve
	})
	return { closed, close }
}

async function collect(answer: unknown) {
	const items: unknown[] = []
	try {
		for await (const item of answer as AsyncIterable<unknown>) items.push(item)
	} catch (error) {
		return { items, error }
	}
	return { items }
}

test("a stream comes through to its end", async () => {
	async function* stream() {
		yield 1
		yield 2
	}
	const link = makeLink(() => ({ link: { call: async () => stream() }, closed: never }))
	expect(await collect(await link.call(["runs", "follow"], {}, options))).toEqual({ items: [1, 2] })
})

test("a stream whose transport closes ends with that, also where the transport breaks it off first", async () => {
	for (const end of ["waits", "throws"]) {
		const { closed, close } = closable()
		async function* stream() {
			yield 1
			queueMicrotask(() => queueMicrotask(() => queueMicrotask(close)))
			if (end === "throws") throw new Error("peer closed")
			await never
		}
		const link = makeLink(() => ({ link: { call: async () => stream() }, closed }))
		const { items, error } = await collect(await link.call(["runs", "follow"], {}, options))
		expect(items).toEqual([1])
		expect(error).toBeInstanceOf(OfflineError)
	}
})

test("a stream that fails by itself keeps its own error", async () => {
	// biome-ignore lint/correctness/useYield: it fails before its first item
	async function* stream() {
		throw new Error("no such run")
	}
	const link = makeLink(() => ({ link: { call: async () => stream() }, closed: never }))
	expect((await collect(await link.call(["runs", "follow"], {}, options))).error).toEqual(new Error("no such run"))
})

test("who stops reading ends the stream at its source", async () => {
	let ended = false
	async function* stream() {
		try {
			yield 1
			await never
		} finally {
			ended = true
		}
	}
	const link = makeLink(() => ({ link: { call: async () => stream() }, closed: never }))
	for await (const _ of (await link.call(["runs", "follow"], {}, options)) as AsyncIterable<unknown>) break
	expect(ended).toBe(true)
})

test("what waits for an appliance or a person has more time, streams have no limit", () => {
	expect(limitOf(["runs", "follow"])).toBeUndefined()
	expect(limitOf(["modules", "pick"])).toBeUndefined()
	expect(limitOf(["appliances", "test"])).toBeGreaterThan(60_000)
	expect(limitOf(["runs", "start"])).toBe(20_000)
})

function page(hash: string, kept?: string) {
	const storage = new Map(kept ? [["hotfix-token", kept]] : [])
	const shown: string[] = []
	const location = { hash, pathname: "/", search: "" } as Location
	const history = { replaceState: (_: unknown, __: string, url: string) => shown.push(url) } as unknown as History
	const keep = {
		getItem: (key: string) => storage.get(key) ?? null,
		setItem: (key: string, value: string) => storage.set(key, value),
	} as unknown as Storage
	return { token: takeToken(location, history, keep), shown, storage }
}

test("the token is taken out of the address and kept for a reload", () => {
	const { token, shown, storage } = page("#token=abc_-9")
	expect(token).toBe("abc_-9")
	expect(shown).toEqual(["/#/"])
	expect(storage.get("hotfix-token")).toBe("abc_-9")
})

test("a reload finds the kept token; a new one replaces it; without any there is none", () => {
	expect(page("#/history", "old").token).toBe("old")
	expect(page("#token=new", "old").token).toBe("new")
	expect(page("#/run").token).toBeUndefined()
})

test("the socket is on the page's own origin", () => {
	expect(socketAddress({ protocol: "http:", host: "127.0.0.1:4000" }, "a/b")).toBe(
		"ws://127.0.0.1:4000/rpc?token=a%2Fb",
	)
	expect(socketAddress({ protocol: "https:", host: "h" }, "t")).toBe("wss://h/rpc?token=t")
})

test("a port is taken from the page itself only", async () => {
	const listeners = new Set<(event: MessageEvent) => void>()
	const posted: unknown[] = []
	const self = {
		location: { origin: "app://hotfix" },
		addEventListener: (_: string, listener: (event: MessageEvent) => void) => listeners.add(listener),
		removeEventListener: (_: string, listener: (event: MessageEvent) => void) => listeners.delete(listener),
		postMessage: (data: unknown) => posted.push(data),
	} as unknown as Window
	const { port1, port2 } = new MessageChannel()
	let open = false
	const opened = openPort(self).then((transport) => {
		open = true
		return transport
	})
	const send = (source: unknown, data: unknown, ports: MessagePort[]) => {
		for (const listener of listeners) listener({ source, data, ports } as unknown as MessageEvent)
	}
	send({ other: "window" }, "hotfix-port", [port1])
	send(self, "something else", [port1])
	send(self, "hotfix-port", [])
	await new Promise((resolve) => setTimeout(resolve, 10))
	expect(open).toBe(false)
	send(self, "hotfix-port", [port1])
	const transport = await opened
	expect(posted).toEqual(["hotfix-ready"])
	expect(listeners.size).toBe(0)
	transport.close()
	await transport.closed
	port2.close()
})
