import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { createStateManager } from "../../../../../core/engine/backup/state-manager.ts"
import { makeLayout } from "../../../../../core/engine/layout.ts"
import { createNodeHost } from "../../../../../core/engine/node-host/node-host.ts"
import { inspect } from "../../../../../core/engine/phases/inspect.ts"
import { prepareStateFolder } from "../../../../../core/engine/state/state-folder.ts"

const BYTES = 4 << 20
let folder: string | undefined
afterEach(() => {
	if (folder === undefined) return
	run("umount", join(folder, "disk"))
	rmSync(folder, { recursive: true })
	folder = undefined
})

const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: "pipe" }).toString()

/** A small disk of that sort with everything on it; else why there is none. */
function mountDisk(sort: string): { path: string } | { why: string } {
	if (process.geteuid?.() !== 0) return { why: "needs root" }
	const made = mkdtempSync(join(tmpdir(), "hotfix-blocks-"))
	try {
		const image = join(made, "image")
		writeFileSync(image, "")
		truncateSync(image, 320 << 20)
		run(`mkfs.${sort}`, "-q", image)
		mkdirSync(join(made, "disk"))
		run("mount", "-o", "loop", image, join(made, "disk"))
	} catch (error) {
		rmSync(made, { recursive: true })
		return { why: `no disk of sort ${sort} can be made here: ${(error as Error).message.split("\n")[0]}` }
	}
	folder = made
	return { path: join(made, "disk") }
}

/** Blocks shared with another file, by the file system's own account. */
const isShared = (path: string) => /\bshared\b/.test(run("filefrag", "-v", path))

/** xfs makes no disk below 300 MiB; ext4 cannot share blocks. */
test.for([
	["btrfs", true],
	["xfs", true],
	["ext4", false],
] as const)("a backup on %s shares its blocks with the live file: %s", async ([sort, shares], { skip }) => {
	const disk = mountDisk(sort)
	if ("why" in disk) return skip(disk.why)
	const live = join(disk.path, "live")
	const bytes = Buffer.alloc(BYTES, "the customer's bytes ")
	writeFileSync(live, bytes)
	run("sync", "-f", live)
	const host = createNodeHost()
	const layout = makeLayout(join(disk.path, "state"))
	await prepareStateFolder(host, layout.root)
	const { destination } = await inspect(host, layout.root, { destination: live, wanted: { kind: "absent" } }, "open")
	const manager = createStateManager(host, layout)
	const request = {
		run: "r",
		kind: "apply",
		pool: "p",
		module: { name: "m", version: "1.0.0", digest: "0".repeat(64) },
		destinations: [destination],
		unmakes: [],
		closure: [],
		timeoutSeconds: 1,
		redact: [],
	} as const
	const { manifest } = await manager.backup(
		{ ...request, destinations: [destination], unmakes: [], closure: [] },
		() => {},
	)
	expect(isShared(live)).toBe(shares)
	writeFileSync(live, "ours")
	expect(await manager.restore(manifest, new Set(), () => {})).toEqual([])
	expect(await manager.verify(manifest, new Set())).toEqual([])
	expect(readFileSync(live).equals(bytes)).toBe(true)
})
