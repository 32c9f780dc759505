import { linkSync, lstatSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Placement, writeOver } from "../../../../core/engine/phases/place-file.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "new")
	bench.write("others", "somebody else's")
	writeFileSync(join(bench.folder, "blob"), "old")
})
afterEach(() => bench.remove())

const OLD = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4"
const makePlacement = (): Placement => {
	const { uid, gid } = lstatSync(bench.path("file"))
	const names = { destination: bench.path("file"), path: bench.path("file"), temp: bench.path(".temp") }
	return { ...names, inPlace: false, from: join(bench.folder, "blob"), digest: OLD, uid, gid, mode: 0o600 }
}

test("a file without other names is written over", async () => {
	await writeOver(bench.host, makePlacement())
	expect(bench.read("file")).toBe("old")
})

test.each(["before it is looked at", "after it was looked at"])(
	"a link to another file, put there %s, is left alone",
	async (when) => {
		const swap = () => {
			linkSync(bench.path("others"), bench.path("link"))
			renameSync(bench.path("link"), bench.path("file"))
		}
		const { host } = bench
		if (when === "before it is looked at") swap()
		else {
			const lstat = async (path: string) => {
				const stat = await host.disk.lstat(path)
				if (path.endsWith("/file")) swap()
				return stat
			}
			bench.host = { ...host, disk: { ...host.disk, lstat } }
		}
		await expect(writeOver(bench.host, makePlacement())).rejects.toThrow(
			"no space is left on the disk for another file",
		)
		expect(readFileSync(bench.path("others"), "utf8")).toBe("somebody else's")
	},
)
