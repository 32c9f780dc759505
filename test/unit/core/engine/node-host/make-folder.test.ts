import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { nodeDisk } from "../../../../../core/engine/node-host/node-disk.ts"

/** What whoever may write to the parent does right after the folder was made. */
let meanwhile: (path: string) => void = () => {}
vi.mock("node:fs/promises", async (importOriginal) => {
	const fs = await importOriginal<typeof import("node:fs/promises")>()
	const mkdir = async (path: string, options: { mode: number }) => {
		await fs.mkdir(path, options)
		meanwhile(path)
	}
	return { ...fs, mkdir }
})

let root: string
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "make-folder-"))
})
afterEach(() => {
	meanwhile = () => {}
	rmSync(root, { recursive: true, force: true })
})
const modeOf = (name: string) => statSync(join(root, name)).mode & 0o7777

test("a new folder has its mode, whatever the umask", async () => {
	const before = process.umask(0o077)
	await nodeDisk.makeFolder(join(root, "new"), 0o755).finally(() => process.umask(before))
	expect(modeOf("new")).toBe(0o755)
})

test("a link put in a new folder's place keeps what it leads to as it is", async () => {
	writeFileSync(join(root, "shadow"), "secret", { mode: 0o600 })
	meanwhile = (path) => {
		renameSync(path, `${path}.old`)
		symlinkSync(join(root, "shadow"), path)
	}
	await expect(nodeDisk.makeFolder(join(root, "new"), 0o755)).rejects.toThrow()
	expect(modeOf("shadow")).toBe(0o600)
})

test("another folder put in a new one's place keeps its mode and owner", async () => {
	mkdirSync(join(root, "private"), { mode: 0o700 })
	writeFileSync(join(root, "private/key"), "secret")
	meanwhile = (path) => {
		renameSync(path, `${path}.old`)
		renameSync(join(root, "private"), path)
	}
	await expect(nodeDisk.makeFolder(join(root, "new"), 0o755)).rejects.toThrow("another folder in its place")
	expect(modeOf("new")).toBe(0o700)
})

test.skipIf(process.geteuid?.() !== 0)("a new folder is given to an owner (needs root)", async () => {
	chmodSync(root, 0o755)
	await nodeDisk.makeFolder(join(root, "new"), 0o2750, { uid: 65534, gid: 65534 })
	expect(statSync(join(root, "new"))).toMatchObject({ uid: 65534, gid: 65534 })
	expect(modeOf("new")).toBe(0o2750)
})
