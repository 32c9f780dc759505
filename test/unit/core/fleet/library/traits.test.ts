import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { digestOf } from "../../../../../core/fleet/digest.ts"
import { collect } from "./collect.ts"
import { failureOf, makeModule, makePlace, read } from "./place.ts"

test("what the bytes of sources say is read, and again once they change", async () => {
	const { library, root } = makePlace()
	const folder = makeModule(root, "fix", { "src/run.sh": "#!/bin/sh\r\necho" })
	const [script, plain] = await library.readTraits(folder, ["run.sh", "src/a.txt"])
	expect(script).toMatchObject({ target: "run.sh", hasShebang: true, hasCrlf: true, endsInNewline: false })
	expect(script?.digest).toBe(digestOf("#!/bin/sh\r\necho"))
	expect(plain).toMatchObject({
		target: "src/a.txt",
		isText: true,
		hasShebang: false,
		endsInNewline: true,
		secrets: [],
	})
	// Of the same size and time: only the digest can tell.
	const before = new Date("2026-01-01")
	writeFileSync(join(folder, "src/run.sh"), "#!/bin/sh\necho\n")
	utimesSync(join(folder, "src/run.sh"), before, before)
	expect(await library.readTraits(folder, ["run.sh"])).toMatchObject([{ hasCrlf: false, endsInNewline: true }])
	writeFileSync(join(folder, "src/run.sh"), "password='hunter2!'\n")
	expect(await library.readTraits(folder, ["run.sh"])).toMatchObject([{ secrets: [{ line: 1, what: "a password" }] }])
})

test("only the beginning and the last byte of a large file are judged", async () => {
	const { library, root } = makePlace()
	const folder = makeModule(root)
	writeFileSync(join(folder, "src/big"), `${"x".repeat(1024 * 1024)}\r\n-----BEGIN PRIVATE KEY-----`)
	expect(await library.readTraits(folder, ["big"])).toMatchObject([
		{ isText: true, hasCrlf: false, endsInNewline: false, secrets: [] },
	])
	writeFileSync(join(folder, "src/big"), `${"x".repeat(1024 * 1024)}\0\n`)
	expect(await library.readTraits(folder, ["big"])).toMatchObject([{ isText: true, endsInNewline: true }])
})

test("nothing outside of src/ is looked at, and what cannot be read is left out", async () => {
	const { library, root } = makePlace()
	const folder = makeModule(root)
	writeFileSync(join(root, "outside"), "secret\n")
	symlinkSync(join(root, "outside"), join(folder, "src/link"))
	mkdirSync(join(folder, "src/folder"))
	const targets = ["link", "../../outside", "folder", "missing", "a.txt", ""]
	expect(await library.readTraits(folder, targets)).toMatchObject([{ target: "a.txt" }])
	expect(await failureOf(library.readTraits(join(root, "nowhere"), []))).toMatchObject({ code: "module-unreadable" })
})

test("an upload that is given up takes no room, and cannot be added any more", async () => {
	const { library, root, data } = makePlace()
	const folder = makeModule(root)
	const { upload } = await library.put(undefined, Buffer.from("content"))
	const place = join(data, "uploads", String(process.pid))
	expect(readdirSync(place)).toEqual([upload])
	await library.dropUploads([upload, "unknown", "../../library"])
	expect(readdirSync(place)).toEqual([])
	expect(existsSync(join(data, "library"))).toBe(true)
	const results = await collect(library.addSources(folder, [{ target: "new", from: { kind: "upload", upload } }]))
	expect(results).toMatchObject([{ state: "failed", failure: { data: { reason: "not-uploaded" } } }])
	expect(existsSync(join(folder, "src/new"))).toBe(false)
	expect(read(folder, "src/a.txt")).toBe("one\n")
	rmSync(folder, { recursive: true })
})
