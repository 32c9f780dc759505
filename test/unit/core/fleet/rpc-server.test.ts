import { setTimeout as sleep } from "node:timers/promises"
import { expect, test, vi } from "vitest"
import { createRpcServer } from "../../../../core/fleet/rpc-server.ts"
import type { Services } from "../../../../core/fleet/services/types.ts"

test("messages that are none are dropped without a trace, and the client is served on", async () => {
	const traces = vi.spyOn(console, "error").mockImplementation(() => {})
	const info = { version: "1", host: "browser", dataFolder: "/d", home: "/h" }
	const sent: string[] = []
	let receive: (message: unknown) => void = () => {}
	createRpcServer({ info, log: () => {} } as unknown as Services).serve({
		send: (message) => void sent.push(String(message)),
		onMessage: (listener) => {
			receive = listener
		},
		onClose: () => {},
	})
	const garbage = [
		"",
		"null",
		"[]",
		"{",
		'{"i":1}',
		'{"i":{}}',
		'{"i":"1"}',
		'{"i":"1","p":{}}',
		'{"i":"1","p":{"u":7}}',
	]
	for (const message of [...garbage, '{"i":"1","p":{"u":"http://%"}}', '{"i":"1","t":3}', Buffer.from([1])])
		receive(message)
	receive('{"i":"2","t":4}')
	receive('{"i":"3","p":{"u":"/app/info","b":{"json":{}}}}')
	await sleep(50)
	expect(traces).not.toHaveBeenCalled()
	expect(sent.map((message) => JSON.parse(message))).toMatchObject([{ i: "3", p: { b: { json: info } } }])
	traces.mockRestore()
})
