import { execFileSync } from "node:child_process"
import { chmodSync, chownSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { readSystemFile } from "../../../../../core/engine/disk/system-file.ts"
import { createNodeHost } from "../../../../../core/engine/node-host/node-host.ts"

const host = createNodeHost()
const isRoot = process.geteuid?.() === 0
let root: string
let folder: string
let path: string
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "hotfix-system-file-"))
	folder = join(root, "hotfix")
	path = join(folder, "policy.json")
	mkdirSync(folder)
	writeFileSync(path, "ours")
})
afterEach(() => rmSync(root, { recursive: true }))

const read = async (on = host) => {
	const found = await readSystemFile(on, path, 100)
	return found && ("fault" in found ? found.fault : new TextDecoder().decode(found.bytes))
}

test("a file that only root can have written is read; none is none, also without its folder", async () => {
	expect(await read()).toBe("ours")
	rmSync(path)
	expect(await read()).toBe(undefined)
	rmSync(folder, { recursive: true })
	expect(await read()).toBe(undefined)
})

test("a folder that root itself made a link is followed", async () => {
	execFileSync("mv", [folder, join(root, "elsewhere")])
	symlinkSync("elsewhere", folder)
	expect(await read()).toBe("ours")
})

describe.each<[string, () => void, string]>([
	["a file others may write to", () => chmodSync(path, 0o646), "others than its owner may write to it"],
	["a file a group may write to", () => chmodSync(path, 0o664), "others than its owner may write to it"],
	["a folder others may write to", () => chmodSync(folder, 0o777), "others may write to its folder"],
	["no file, in a folder others may write to", () => emptied(0o777), "others may write to its folder"],
	["a file that is too large", () => writeFileSync(path, "x".repeat(101)), "it has more than 100 bytes"],
	["a link", () => replaceBy((at) => symlinkSync("/etc/hostname", at)), "it is a link"],
	["a link to nothing", () => replaceBy((at) => symlinkSync("nowhere", at)), "it is a link"],
	["a file with another name", () => linkSync(path, join(root, "other")), "it has another name, too"],
	["no folder, where root's link leads", () => danglingFolder(), "which is not there"],
	["a folder", () => replaceBy((at) => mkdirSync(at)), "it is no regular file"],
	["a pipe", () => replaceBy((at) => void execFileSync("mkfifo", [at])), "it is no regular file"],
	["a file in its folder's place", () => replaceFolder(), "a part of its path is no folder"],
])("%s", (_, spoil, why) => {
	test("is a fault", async () => {
		spoil()
		expect(await read()).toContain(why)
	})
})

describe.skipIf(!isRoot)("of somebody else (needs root)", () => {
	test.each([
		["the file", () => chownSync(path, 65534, 0), "belongs to user 65534"],
		["its folder", () => chownSync(folder, 65534, 0), "others may write to its folder"],
		["a folder above", () => chownSync(root, 65534, 0), "others may write to its folder"],
	])("%s is a fault", async (_, give, why) => {
		give()
		expect(await read()).toContain(why)
	})

	test("a folder that somebody made a link is not followed", async () => {
		execFileSync("mv", [folder, join(root, "elsewhere")])
		symlinkSync("elsewhere", folder)
		execFileSync("chown", ["-h", "65534", folder])
		expect(await read()).toContain("is a link that others")
	})
})

test("a file that cannot be read is a fault", async () => {
	const refused = Object.assign(new Error("EACCES"), { code: "EACCES" })
	const unreadable = { ...host, disk: { ...host.disk, open: () => Promise.reject(refused) } }
	expect(await read(unreadable)).toBe("permission denied")
})

function emptied(mode: number): void {
	rmSync(path)
	chmodSync(folder, mode)
}

function replaceBy(make: (at: string) => void): void {
	rmSync(path)
	make(path)
}

function danglingFolder(): void {
	rmSync(folder, { recursive: true })
	symlinkSync(join(root, "not-mounted/hotfix"), folder)
}

function replaceFolder(): void {
	rmSync(folder, { recursive: true })
	writeFileSync(folder, "")
}
