import { chmodSync, linkSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { FileStat, OpenFile } from "../../../../core/engine/host.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "old", 0o640)
	linkSync(bench.path("file"), bench.path("other-name"))
	utimesSync(bench.path("file"), 1_700_000_000, 1_700_000_000)
})
afterEach(() => bench.remove())

/** The power goes away while the closure runs. */
async function cutInClosure(): Promise<void> {
	const { host } = bench
	let isGone = false
	const fail = () => {
		if (isGone) throw new Error("gone")
	}
	bench.host = {
		...host,
		// No process has that pid: the next one finds the lock's holder dead.
		self: { ...host.self, pid: 2 ** 22 + 1 },
		disk: {
			...host.disk,
			lstat: async (path) => {
				fail()
				return host.disk.lstat(path)
			},
			open: async (...args) => {
				fail()
				const file = await host.disk.open(...args)
				const write = async (bytes: Uint8Array, at: number) => {
					fail()
					await file.write(bytes, at)
				}
				return { ...file, write }
			},
		},
	}
	const onEvent = ({ type }: { type: string }) => {
		if (type !== "command-started") return
		isGone = true
		writeFileSync(go, "")
	}
	const go = join(bench.folder, "go")
	const closure = [`until [ -e ${go} ]; do sleep 0.01; done`]
	await expect(
		bench.apply({ pools: [{ id: "p", files: { file: "new" }, closure }] }, {}, { run: "r", onEvent }),
	).rejects.toThrow()
	bench.host = host
}

/** The same machine after a boot: its disk has another device number. */
function boot(note: (step: string) => void = () => {}, bootId: string | undefined = "the next boot"): void {
	const { host } = bench
	const moved = (stat: FileStat): FileStat => ({ ...stat, device: stat.device + 1000n })
	const movedFile = (file: OpenFile, path: string): OpenFile => ({
		...file,
		stat: async () => moved(await file.stat()),
		sync: () => file.sync().finally(() => note(`sync ${path.split("/").at(-1)}`)),
	})
	bench.host = {
		...host,
		self: { ...host.self, bootId },
		disk: {
			...host.disk,
			lstat: async (path) => {
				const stat = await host.disk.lstat(path)
				return stat && moved(stat)
			},
			open: async (path, how, mode) => movedFile(await host.disk.open(path, how, mode), path),
			rename: (from, to) => host.disk.rename(from, to).finally(() => note(`rename ${from.split("/").at(-1)}`)),
		},
	}
}

test.each(["boot", "mount"])(
	"after a %s that numbers disks anew, a file with several names keeps them",
	async (how) => {
		const before = bench.tree()
		await cutInClosure()
		expect(bench.read("other-name")).toBe("new")
		boot(undefined, how === "boot" ? undefined : bench.host.self.bootId)
		expect(await recoverRuns(bench.host, bench.options)).toEqual([{ run: "r", outcome: "failed" }])
		expect(bench.tree()).toEqual(before)
		expect(statSync(bench.path("file")).ino).toBe(statSync(bench.path("other-name")).ino)
	},
)

test("where another file stands in its place by then, that one goes away, with the right times, synced before", async () => {
	await cutInClosure()
	bench.write("another", "another")
	renameSync(bench.path("another"), bench.path("file"))
	chmodSync(bench.path("file"), 0o600)
	const steps: string[] = []
	boot((step) => steps.push(step))
	expect(await recoverRuns(bench.host, bench.options)).toEqual([{ run: "r", outcome: "failed" }])
	expect(bench.read("file")).toBe("old")
	expect(statSync(bench.path("file"))).toMatchObject({ mtimeMs: 1_700_000_000_000 })
	expect(bench.read("other-name")).toBe("new")
	const renamed = steps.indexOf("rename .hotfix-r-0")
	expect(renamed).toBeGreaterThan(0)
	expect(steps.slice(0, renamed)).toContain("sync .hotfix-r-0")
})

test("disks are waited for before anything goes back", async () => {
	await cutInClosure()
	const told: [boolean, string][] = []
	const [recovered] = await recoverRuns(bench.host, bench.options, {
		awaitDisks: async (areThere) => void told.push([await areThere(), bench.read("file")]),
	})
	expect([told, recovered?.outcome, bench.read("file")]).toEqual([[[true, "new"]], "failed", "old"])
})
