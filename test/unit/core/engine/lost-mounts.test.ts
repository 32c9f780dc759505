import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { findLostMounts, withoutLost } from "../../../../core/engine/backup/lost-mounts.ts"
import type { BackupManifest, FolderSnapshot } from "../../../../core/engine/backup/manifest.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

/** Mounting takes root, and a machine that lets it. */
const canMount = (() => {
	const folder = mkdtempSync(join(tmpdir(), "hotfix-mount-"))
	try {
		execFileSync("mount", ["-t", "tmpfs", "tmpfs", folder], { stdio: "ignore" })
		execFileSync("umount", [folder])
		return true
	} catch {
		return false
	} finally {
		rmSync(folder, { recursive: true, force: true })
	}
})()

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

test.skipIf(!canMount)("a disk that is gone is told, and nothing is written in its place (needs mount)", async () => {
	const [mount, disk] = [bench.path("mnt"), join(bench.folder, "disk")]
	for (const folder of [mount, disk]) mkdirSync(folder)
	execFileSync("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", disk])
	try {
		mkdirSync(join(disk, "app"))
		writeFileSync(join(disk, "app/f"), "theirs")
		execFileSync("mount", ["--bind", disk, mount])
		bench.write("g", "theirs")
		const once = `if mkdir ${bench.folder}/once 2>/dev/null; then umount ${mount}; false; fi`
		const files = { "mnt/app/f": "ours", "mnt/made/f": "ours", g: "ours" }
		const { outcomes, reasons } = await bench.apply({ pools: [{ id: "p", files, closure: [once] }] })
		expect([outcomes.p, readdirSync(mount), bench.read("g")]).toEqual(["degraded", [], "theirs"])
		expect(reasons.p?.details?.join()).toContain(`nothing is mounted at ${mount} any more`)
		expect(readFileSync(join(disk, "app/f"), "utf8")).toBe("ours")
	} finally {
		// The first one is not mounted any more when all is well.
		for (const folder of [mount, disk]) spawnSync("umount", [folder])
	}
})

const folder = (path: string, more: Partial<FolderSnapshot> = {}): FolderSnapshot => {
	const stat = { mode: 0o755, uid: 0, gid: 0, inode: "1" }
	return { path, ...stat, device: "1", ...more }
}
const makeManifest = (folders: FolderSnapshot[]) => ({ folders, entries: [], makes: [] }) as unknown as BackupManifest

test("older backups tell by the devices of folders below one another, and only by those", async () => {
	const { path } = bench
	mkdirSync(path("a/b"), { recursive: true })
	const nested = [folder(path("a")), folder(path("a/b"), { device: "2" })]
	const host = createNodeHost()
	expect(await findLostMounts(host, makeManifest(nested))).toEqual([path("a/b")])
	expect(await findLostMounts(host, makeManifest([folder(path("a/b"), { device: "2" })]))).toEqual([])
	expect(await findLostMounts(host, makeManifest([folder(path("a/b"), { isMount: true })]))).toEqual([path("a/b")])
	expect(await findLostMounts(host, makeManifest([folder("/proc", { isMount: true })]))).toEqual([])
})

test("what cannot be looked at counts as lost", async () => {
	const host = createNodeHost()
	const broken = { ...host, disk: { ...host.disk, lstat: () => Promise.reject(new Error("i/o error")) } }
	expect(await findLostMounts(broken, makeManifest([folder("/a", { isMount: true })]))).toEqual(["/a"])
})

test("only what lies there is left out", () => {
	const all = makeManifest([folder("/a"), folder("/a/b"), folder("/ab")])
	expect(withoutLost(all, ["/a/b"]).folders?.map(({ path }) => path)).toEqual(["/a", "/ab"])
})
