import { execFileSync, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { appendFile, chmod, chown, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { RunnerPort } from "../../core/protocol/runner-port.ts"
import { FailureError } from "../../core/schema/failure.ts"
import { wholeTree } from "../support/whole-tree.ts"
import type { ConformancePlace } from "./runner-port-conformance.ts"
import { makeSample, requestOf, sha256, supplyAll } from "./sample-module.ts"

const PIECE = 512 * 1024

/** What every `RunnerPort` keeps that looks at an appliance's files. */
export function runnerFilesConformance(name: string, createPlace: () => Promise<ConformancePlace>): void {
	describe(`the appliance's files: ${name}`, () => {
		let place: ConformancePlace
		let port: RunnerPort
		beforeEach(async () => {
			place = await createPlace()
			port = await place.connect()
		})
		afterEach(async () => {
			await port.close()
			await place.end()
		})
		/** Where the test writes, and how the runner names it. */
		const here = (file: string) => join(place.folder, file)
		const there = (file: string) => join("/", place.seenAs ?? place.folder, file)
		const write = async (file: string, content: string | Uint8Array, mode = 0o644) => {
			await writeFile(here(file), content)
			await chmod(here(file), mode)
			if (place.uid !== undefined) await chown(here(file), place.uid, place.uid)
		}

		test("a folder: kind, size, mode, owner, time, and where links lead", async () => {
			await write("a.conf", "12345", 0o640)
			await mkdir(here("folder"))
			await symlink("a.conf", here("link"))
			await symlink("nowhere", here("lost"))
			execFileSync("mkfifo", [here("pipe")])
			const page = await port.listFolder({ path: there("") })
			expect(page).toMatchObject({ total: 5, hasMore: false, isCut: false })
			const [file, folder, link, lost, pipe] = page.entries
			const owner = place.uid === undefined ? { uid: process.geteuid?.() } : { uid: place.uid, owner: "nobody" }
			expect(file).toMatchObject({ name: "a.conf", kind: "file", size: 5, mode: 0o640, isNameSound: true, ...owner })
			expect(Math.abs(Date.parse(file?.modified ?? "") - Date.now())).toBeLessThan(60_000)
			expect(folder).toMatchObject({ name: "folder", kind: "folder" })
			expect(link).toMatchObject({ name: "link", kind: "link", link: { target: "a.conf", kind: "file", size: 5 } })
			expect(lost).toMatchObject({ name: "lost", kind: "link", link: { target: "nowhere" } })
			expect(lost?.link?.kind).toBeUndefined()
			expect(pipe).toMatchObject({ name: "pipe", kind: "other" })
		})

		test("a folder in pages, searched, and through a link", async () => {
			await mkdir(here("real"))
			for (const file of ["a1", "A2", "b1", "a3"]) await write(`real/${file}`, "")
			await symlink("real", here("way"))
			const first = await port.listFolder({ path: there("way"), search: "a", limit: 2 })
			expect(first).toMatchObject({ realPath: there("real"), total: 3, hasMore: true })
			expect(first.entries.map((entry) => entry.name)).toEqual(["A2", "a1"])
			const next = await port.listFolder({ path: there("way"), search: "a", after: "a1", limit: 2 })
			expect(next).toMatchObject({ total: 3, hasMore: false })
			expect(next.entries.map((entry) => entry.name)).toEqual(["a3"])
		})

		test("a name that is no UTF-8 is shown escaped; newlines, quotes and 255 bytes are names", async () => {
			await writeFile(Buffer.concat([Buffer.from(here("x")), Buffer.from([0xff, 0x2e])]), "")
			const names = ["line\nend", "'quoted\"", "ä".repeat(127)]
			for (const one of names) await write(one, one)
			const { entries } = await port.listFolder({ path: there("") })
			expect(entries.filter((entry) => !entry.isNameSound).map((entry) => entry.name)).toEqual(["x\\xff."])
			for (const one of names) expect((await whole(there(one))).toString()).toBe(one)
		})

		test("a file in pieces, with owner and mode, is what it was", async () => {
			const content = randomBytes(PIECE + 1000)
			await write("big", content, 0o750)
			await symlink("big", here("link"))
			expect((await whole(there("link"))).equals(content)).toBe(true)
			const piece = await port.readFile({ path: there("link"), position: 0, length: 10 })
			expect(piece).toMatchObject({ size: content.length, mode: 0o750, realPath: there("big"), isEnd: false })
			await write("empty", "")
			expect(await port.readFile({ path: there("empty"), position: 0, length: 1 })).toMatchObject({
				bytes: "",
				isEnd: true,
			})
		})

		test("a file that changes between two pieces is told, by bytes and by another file in its place", async () => {
			await write("a", "before")
			const { seen } = await port.readFile({ path: there("a"), position: 0, length: 3 })
			await appendFile(here("a"), "!")
			expect(await codeOf(port.readFile({ path: there("a"), position: 3, length: 3, seen }))).toBe("changed-meanwhile")
			const again = await port.readFile({ path: there("a"), position: 0, length: 3 })
			await rm(here("a"))
			await write("a", "before!")
			expect(await codeOf(port.readFile({ path: there("a"), position: 3, length: 3, seen: again.seen }))).toBe(
				"changed-meanwhile",
			)
		})

		test("what is no file is refused at once and by name: pipe, folder, circle, nothing", async () => {
			execFileSync("mkfifo", [here("pipe")])
			await symlink("circle", here("circle"))
			await write("file", "")
			const read = (file: string) => port.readFile({ path: there(file), position: 0, length: 1 })
			expect(await reasonOf(read("pipe"))).toEqual(["file-unreadable", "not-a-file"])
			expect(await reasonOf(read(""))).toEqual(["file-unreadable", "a-folder"])
			expect(await reasonOf(read("circle"))).toEqual(["file-unreadable", "loop"])
			expect(await reasonOf(read("nothing"))).toEqual(["not-found", undefined])
			expect(await reasonOf(port.listFolder({ path: there("file") }))).toEqual(["file-unreadable", "not-a-folder"])
			expect(await reasonOf(port.listFolder({ path: there("nothing") }))).toEqual(["not-found", undefined])
		})

		test("a pipe is not even opened: who waits to write into it still waits", async () => {
			execFileSync("mkfifo", [here("pipe")])
			const writer = spawn("sh", ["-c", 'echo waiting; : >"$1"', "sh", here("pipe")])
			const ended = once(writer, "exit")
			await once(writer.stdout, "data")
			const read = port.readFile({ path: there("pipe"), position: 0, length: 1 })
			expect(await reasonOf(read)).toEqual(["file-unreadable", "not-a-file"])
			expect((await port.statFiles([there("pipe")]))[0]?.now.state).toBe("refused")
			await sleep(300)
			expect(writer.exitCode).toBeNull()
			writer.kill("SIGKILL")
			await ended
		})

		test("what only root may read is a typed failure for others", async () => {
			await writeFile(here("secret"), "s", { mode: 0o600 })
			const read = port.readFile({ path: there("secret"), position: 0, length: 1 })
			expect(await reasonOf(read)).toEqual([place.uid === undefined ? "none" : "not-permitted", undefined])
			const [seen] = await port.statFiles([there("secret")])
			expect(seen?.now.state).toBe(place.uid === undefined ? "file" : "refused")
		})

		test("destinations: as they stand, and what was applied last, with its content", async () => {
			await write("theirs.conf", "theirs\n")
			const destinations = [there("ours.conf"), there("theirs.conf"), there("none"), there("pipe")]
			execFileSync("mkfifo", [here("pipe")])
			const sample = makeSample("1.0.0", [{ id: "p", files: { [there("ours.conf")]: "ours\n" }, closure: ["true"] }])
			await supplyAll(port, sample)
			const result = await port.start(requestOf(sample))
			if (result.state !== "started") throw new Error(`it did not start: ${JSON.stringify(result)}`)
			for await (const event of port.attach(result.run)) if (event.type === "run-finished") break
			await appendFile(here("ours.conf"), "and the owner's\n")
			const before = wholeTree(place.folder)
			const [ours, theirs, none, pipe] = await port.statFiles(destinations)
			const digest = sha256(Buffer.from("ours\n"))
			expect(ours?.now).toMatchObject({ state: "file", digest: sha256(Buffer.from("ours\nand the owner's\n")) })
			expect(ours?.applied).toEqual({
				...{ digest, module: "sample", pool: "p", version: "1.0.0", run: result.run, isKept: true },
			})
			expect(theirs).toMatchObject({ now: { state: "file", digest: sha256(Buffer.from("theirs\n")), size: 7 } })
			expect(theirs?.applied).toBeUndefined()
			expect(none?.now).toEqual({ state: "absent" })
			expect(pipe?.now).toMatchObject({ state: "refused", failure: { code: "file-unreadable" } })
			const piece = await port.readContent({ digest, position: 0, length: 100 })
			expect(Buffer.from(piece.bytes, "base64").toString()).toBe("ours\n")
			expect(await codeOf(port.readContent({ digest: "0".repeat(64), position: 0, length: 1 }))).toBe("not-found")
			expect(wholeTree(place.folder)).toEqual(before)
		})

		test("looking makes no state folder", async () => {
			await port.statFiles([there("a")])
			await port.listFolder({ path: there("") })
			expect(await readdir(join(place.stateFolder, "..")).then((names) => names.includes("state"))).toBe(false)
		})

		async function whole(path: string): Promise<Buffer> {
			const pieces: Buffer[] = []
			let position = 0
			for (let isEnd = false; !isEnd; ) {
				const piece = await port.readFile({ path, position, length: PIECE })
				pieces.push(Buffer.from(piece.bytes, "base64"))
				position += pieces.at(-1)?.length ?? 0
				isEnd = piece.isEnd
			}
			return Buffer.concat(pieces)
		}
	})
}

async function reasonOf(promise: Promise<unknown>): Promise<[string, unknown]> {
	try {
		await promise
		return ["none", undefined]
	} catch (error) {
		if (error instanceof FailureError) return [error.failure.code, error.failure.data.reason]
		throw error
	}
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
	return (await reasonOf(promise))[0]
}
