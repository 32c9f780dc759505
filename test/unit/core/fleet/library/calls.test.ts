import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { createRpcServer } from "../../../../../core/fleet/rpc-server.ts"
import type { Services } from "../../../../../core/fleet/services/types.ts"
import { createServices } from "../../../../../core/fleet/services.ts"
import { poll } from "../../../../support/appliances/command.ts"
import { makeIndex, makeModule, makePlace, read } from "./place.ts"

let services: Services | undefined
afterEach(() => services?.close())

/** A client as any host has one: messages out, messages in. */
async function connect(dataFolder: string) {
	services = await createServices({ dataFolder, host: "browser", version: "1", runnerBundle: "unused" })
	const got: {
		i: string
		t?: number
		p?: { s?: number; b?: { json?: unknown }; e?: string; d?: { json: unknown } }
	}[] = []
	let receive: (message: unknown) => void = () => {}
	createRpcServer(services).serve({
		send: (message) => void got.push(JSON.parse(String(message))),
		onMessage: (listener) => {
			receive = listener
		},
		onClose: () => {},
	})
	let id = 0
	const send = (call: string, json: unknown) => {
		receive(JSON.stringify({ i: String(++id), p: { u: `/library/${call}`, b: { json } } }))
		return String(id)
	}
	return {
		async call(name: string, input: unknown): Promise<Record<string, unknown>> {
			const id = send(name, input)
			const answer = await poll(`the answer of ${name}`, 10, () => got.find((one) => one.i === id))
			const json = answer.p?.b?.json as Record<string, unknown>
			return json.code === "FAILURE" ? { failure: json.data } : json
		},
		/** Items of a stream. */
		async items(name: string, input: unknown, count: number): Promise<unknown[]> {
			const id = send(name, input)
			const isItem = (one: (typeof got)[number]) => one.i === id && one.t === 3 && one.p?.e === "message"
			return poll(`${count} items of ${name}`, 10, () => {
				const items = got.filter(isItem).map((one) => one.p?.d?.json)
				return items.length >= count ? items : undefined
			})
		},
	}
}

test("a module's day over the wire", async () => {
	const { root, data } = makePlace()
	const client = await connect(data)
	const created = await client.call("create", { name: "fix" })
	const folder = String(created.folder)
	const opened = await client.call("open", { folder })
	expect(opened).toMatchObject({ name: "fix", drafts: [], standing: { repository: { state: "sound" } } })
	expect(await client.items("follow", { folder }, 1)).toMatchObject([{ type: "snapshot", seq: 0 }])
	const { upload } = await client.call("put", { piece: Buffer.from("content").toString("base64") })
	const sources = [{ target: "new.txt", from: { kind: "upload", upload } }]
	expect(await client.items("addSources", { folder, sources }, 1)).toMatchObject([
		{ count: 1, total: 1, results: [{ state: "done" }] },
	])
	expect(await client.call("readSource", { folder, target: "new.txt" })).toMatchObject({ text: "content" })
	expect(await client.call("readTraits", { folder, targets: ["src/new.txt"] })).toMatchObject({
		traits: [{ target: "src/new.txt", isText: true, endsInNewline: false }],
	})
	expect(await client.call("dropUploads", { uploads: ["gone"] })).toEqual({})
	// As long as a text may be.
	const text = `${makeIndex("1.0.0", ["new.txt"])}${'"\n'.repeat(1_900_000)}`
	expect(await client.call("keepDraft", { folder, text, base: opened.textDigest })).toEqual({})
	expect(await client.call("save", { folder, text, base: opened.textDigest })).toMatchObject({ state: "saved" })
	expect(read(folder)).toBe(text)
	expect(
		await client.call("save", { folder, text: makeIndex("1.0.0", ["new.txt"]), base: opened.textDigest }),
	).toMatchObject({ state: "conflict" })
	const { textDigest } = await client.call("open", { folder })
	await client.call("save", { folder, text: makeIndex("1.0.0", ["new.txt"]), base: textDigest })
	const { base, content } = await client.call("propose", { folder })
	expect(await client.call("publish", { folder, version: "1.0.0", base, content })).toMatchObject({
		state: "published",
	})
	expect(await client.call("versions", { folder })).toMatchObject({ versions: [{ version: "1.0.0" }] })
	expect(await client.call("diff", { folder, from: "1.0.0", to: "working" })).toEqual({ files: [] })
	expect(await client.call("checkout", { folder, version: "1.0.0" })).toMatchObject({ version: "1.0.0" })
	const elsewhere = makeModule(root, "elsewhere")
	await client.call("import", { folder: elsewhere, copy: false })
	await client.call("archive", { folder, isArchived: true })
	const { modules } = await client.call("list", {})
	expect(modules).toMatchObject([
		{ name: "elsewhere", isOwn: false },
		{ name: "fix", isArchived: true, working: { state: "published", version: "1.0.0" } },
	])
})

test.each<[string, Record<string, unknown>, string]>([
	["open", { folder: "" }, "bad-request"],
	["open", { folder: "x".repeat(5000) }, "bad-request"],
	["open", { folder: "/nowhere" }, "module-unreadable"],
	["open", { folder: "/nowhere\0" }, "bad-request"],
	["open", { folder: "relative" }, "bad-request"],
	["save", { folder: "/nowhere", text: 7 }, "bad-request"],
	["save", { folder: "/nowhere", text: "", base: "../../etc" }, "bad-request"],
	["put", { piece: "no base64!" }, "bad-request"],
	["put", { upload: "../../../etc/passwd", piece: "" }, "source-refused"],
	["dropDrafts", { folder: "/", target: "../x" }, "source-refused"],
	[
		"removeSources",
		{ folder: "/", sources: Array.from({ length: 5001 }, () => ({ target: "x", base: "0".repeat(64) })) },
		"bad-request",
	],
	["publish", { folder: "/nowhere", version: "", base: "0".repeat(64), content: "" }, "bad-request"],
	["create", { name: "../../x" }, "bad-request"],
	["readLegacy", { folder: "relative" }, "bad-request"],
	["readLegacy", { folder: "/nowhere" }, "module-unreadable"],
	["importLegacy", { folder: "/nowhere", name: "x", base: "not a digest" }, "bad-request"],
	["importLegacy", { folder: "/nowhere", name: "../../x", base: "0".repeat(64) }, "bad-request"],
	["create", { name: "ok", parent: "relative/../../.." }, "bad-request"],
])("%s of what is not meant is refused", async (name, input, code) => {
	const { root } = makePlace()
	const client = await connect(join(root, "services"))
	expect(await client.call(name, input)).toMatchObject({ failure: { code } })
})
