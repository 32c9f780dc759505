import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { freezeModule } from "../../../../../core/fleet/rollout/freeze-module.ts"
import { writeModule } from "../../../../support/module-folder.ts"

let folder: string
let module: string
beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-freeze-"))
	module = join(folder, "fix")
	await writeModule(module, [{ id: "p", files: { "/etc/a": "as it was" }, closure: ["true"] }])
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test("what becomes of the folder afterwards is no matter", async () => {
	const frozen = await freezeModule(module, join(folder, "frozen"))
	appendFileSync(join(module, "src/p/0"), ", and more")
	rmSync(join(module, "index.json"))
	expect(frozen.folder).toBe(join(folder, "frozen/fix"))
	expect(readFileSync(join(frozen.folder, "src/p/0"), "utf8")).toBe("as it was")
	const again = await freezeModule(frozen.folder, join(folder, "again"))
	expect(again.manifest.digest).toBe(frozen.manifest.digest)
})

test("a module that cannot run is not copied", async () => {
	rmSync(join(module, "src/p/0"))
	await expect(freezeModule(module, join(folder, "frozen"))).rejects.toMatchObject({
		failure: { code: "module-faulty" },
	})
	expect(existsSync(join(folder, "frozen"))).toBe(false)
})

test("an unknown pool is refused", async () => {
	await expect(freezeModule(module, join(folder, "frozen"), { pools: ["q"] })).rejects.toMatchObject({
		failure: { code: "unknown-pool" },
	})
})

test("another module than the one that was looked at is not copied", async () => {
	const { manifest } = await freezeModule(module, join(folder, "looked-at"))
	appendFileSync(join(module, "src/p/0"), ", and more")
	const again = freezeModule(module, join(folder, "frozen"), { digest: manifest.digest })
	await expect(again).rejects.toMatchObject({ failure: { code: "changed-meanwhile" } })
	expect(existsSync(join(folder, "frozen"))).toBe(false)
})
