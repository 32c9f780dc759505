import { createHash, randomBytes } from "node:crypto"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { copyInto, copyProved, hashFile, withFile } from "../../../../../core/engine/disk/content.ts"
import { createEarlySync } from "../../../../../core/engine/disk/early-sync.ts"
import { copySeen, hashSeen } from "../../../../../core/engine/disk/seen-file.ts"
import type { OpenFile } from "../../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../../core/engine/node-host/node-host.ts"

const host = createNodeHost()
let folder: string
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-content-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const MIB = 1 << 20
const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

describe.each([0, 1, 4096, MIB - 1, MIB, MIB + 1, 5 * MIB + 7])("a file of %i bytes", (size) => {
	it("is hashed and copied whole, also when it is read in odd pieces", async () => {
		const bytes = randomBytes(size)
		writeFileSync(join(folder, "from"), bytes)
		expect(await hashFile(host, join(folder, "from"))).toEqual({ digest: digestOf(bytes), size })
		await withFile(host.disk.open(join(folder, "from"), "read"), async (from) => {
			const odd = { ...from, read: (into: Uint8Array, at: number) => from.read(into.subarray(0, 300_001), at) }
			await withFile(host.disk.open(join(folder, "to"), "create"), async (to) => {
				expect(await copyProved(host, odd, to)).toEqual({ digest: digestOf(bytes), size })
			})
		})
		expect(readFileSync(join(folder, "to")).equals(bytes)).toBe(true)
	})
})

describe("a copy", () => {
	/** Copies 3 MiB into a file with one method replaced. */
	const copy = async (replace: (file: OpenFile) => Partial<OpenFile>) => {
		writeFileSync(join(folder, "from"), randomBytes(3 * MIB))
		return withFile(host.disk.open(join(folder, "from"), "read"), (from) =>
			withFile(host.disk.open(join(folder, "to"), "create"), (to) => copyProved(host, from, { ...to, ...replace(to) })),
		)
	}

	it("that does not read back as it was written is refused", async () => {
		const dropped = copy((to) => ({
			write: (bytes, at) =>
				to.write(at === 2 * MIB ? bytes.map((byte, index) => byte ^ (index === MIB - 1 ? 1 : 0)) : bytes, at),
		}))
		await expect(dropped).rejects.toThrow("does not read back")
	})

	it("that reads back shorter is refused", async () => {
		await expect(copy((to) => ({ write: (bytes, at) => to.write(bytes.subarray(1), at) }))).rejects.toThrow("read back")
	})

	it("that cannot be written says why, and nothing goes on afterwards", async () => {
		let reads = 0
		const failing = withFile(host.disk.open(writeSource(), "read"), (from) =>
			withFile(host.disk.open(join(folder, "to"), "create"), async (to) => {
				const counted = {
					...from,
					read: (into: Uint8Array, at: number) => {
						reads++
						return from.read(into, at)
					},
				}
				const full = { ...to, write: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })) }
				return copyProved(host, counted, full)
			}),
		)
		await expect(failing).rejects.toMatchObject({ code: "ENOSPC" })
		expect(reads).toBe(2)
	})

	it("whose source cannot be read says why", async () => {
		const broken = {
			...host,
			disk: { ...host.disk, open: async (path: string) => breakAt(await host.disk.open(path, "read"), MIB) },
		}
		const to = await host.disk.open(join(folder, "to"), "create")
		await expect(copyInto(broken, writeSource(), to)).rejects.toMatchObject({ code: "EIO" })
		await to.close()
	})

	function writeSource(): string {
		writeFileSync(join(folder, "from"), randomBytes(3 * MIB))
		return join(folder, "from")
	}

	function breakAt(file: OpenFile, broken: number): OpenFile {
		return {
			...file,
			read: (into, at) =>
				at >= broken ? Promise.reject(Object.assign(new Error("broken"), { code: "EIO" })) : file.read(into, at),
		}
	}
})

describe("a sync that begins early", () => {
	const sync = (step: () => Promise<void>) => createEarlySync({ sync: step } as OpenFile)

	it("begins after 64 MiB, one at a time", async () => {
		let running = 0
		let most = 0
		let all = 0
		const early = sync(async () => {
			most = Math.max(most, ++running)
			all++
			await new Promise((resolve) => setTimeout(resolve, 5))
			running--
		})
		early.wrote(63 << 20)
		expect(all).toBe(0)
		for (let index = 0; index < 200; index++) early.wrote(MIB)
		await early.end()
		expect([all, most, running]).toEqual([1, 1, 0])
		early.wrote(MIB)
		await early.end()
		expect(all).toBe(2)
	})

	it("never hides that it failed: the next one may pass without having written anything", async () => {
		let calls = 0
		const early = sync(async () => {
			if (calls++ === 0) throw new Error("EIO")
		})
		early.wrote(64 << 20)
		await new Promise((resolve) => setTimeout(resolve))
		early.wrote(64 << 20)
		await expect(early.end()).rejects.toThrow("EIO")
		expect(calls).toBe(2)
	})
})

describe("a content that was seen", () => {
	const from = () => join(folder, "from")
	const age = () => new Promise((resolve) => setTimeout(resolve, 1100))

	it("is copied without its digest while nobody touches it", async () => {
		const bytes = randomBytes(2 * MIB + 5)
		writeFileSync(from(), bytes)
		expect((await hashSeen(host, from())).seen).toBeUndefined()
		await age()
		const { seen, digest, size } = await hashSeen(host, from())
		expect([digest, size]).toEqual([digestOf(bytes), bytes.length])
		const copy = await withFile(host.disk.open(join(folder, "to"), "create"), (to) =>
			copySeen(host, from(), must(seen), to),
		)
		expect(copy).toBe(bytes.length)
		expect(readFileSync(join(folder, "to")).equals(bytes)).toBe(true)
	})

	it("is another one when it was written to, replaced, or is written to meanwhile", async () => {
		writeFileSync(from(), randomBytes(2 * MIB))
		await age()
		const seen = must((await hashSeen(host, from())).seen)
		const to = await host.disk.open(join(folder, "to"), "create")
		const writesMeanwhile = {
			...to,
			write: async (bytes: Uint8Array, at: number) => {
				writeFileSync(from(), "other")
				await to.write(bytes, at)
			},
		}
		expect(await copySeen(host, from(), seen, writesMeanwhile)).toBeUndefined()
		expect(await copySeen(host, from(), seen, to)).toBeUndefined()
		rmSync(from())
		writeFileSync(from(), "other")
		expect(await copySeen(host, from(), seen, to)).toBeUndefined()
		await to.close()
	})

	it("is not relied on where others may have it mapped into memory, whose changes no time tells", async () => {
		writeFileSync(from(), "ours")
		chmodSync(from(), 0o666)
		await age()
		const seen = must((await hashSeen(host, from())).seen)
		const to = await host.disk.open(join(folder, "to"), "create")
		expect(await copySeen(host, from(), seen, to)).toBeUndefined()
		const others = { ...host, self: { ...host.self, uid: host.self.uid + 1 } }
		chmodSync(from(), 0o644)
		await age()
		const again = must((await hashSeen(host, from())).seen)
		expect(await copySeen(others, from(), again, to)).toBeUndefined()
		expect(await copySeen(host, from(), again, to)).toBe(4)
		await to.close()
	})

	it("is not seen when it was written to while it was hashed", async () => {
		writeFileSync(from(), randomBytes(2 * MIB))
		await age()
		const open = async (path: string) => {
			const file = await host.disk.open(path, "read")
			const read = (into: Uint8Array, at: number) => {
				if (at > 0) writeFileSync(join(folder, "from"), "x", { flag: "r+" })
				return file.read(into, at)
			}
			return { ...file, read }
		}
		expect((await hashSeen({ ...host, disk: { ...host.disk, open } }, from())).seen).toBeUndefined()
	})

	function must<T>(found: T | undefined): T {
		if (found === undefined) throw new Error("it was not seen")
		return found
	}
})
