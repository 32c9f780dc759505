import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createPageState } from "../../../../../core/fleet/services/page-state-service.ts"

let folder: string
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "hotfix-page-state-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test("what was kept is there at the next start; what is not named stays", async () => {
	const first = createPageState(folder, () => {})
	expect(first.read()).toEqual({})
	void first.keep({ view: "#/history" })
	void first.keep({ colorScheme: "dark" })
	void first.keep({ view: "#/modules" })
	await first.close()
	expect(createPageState(folder, () => {}).read()).toEqual({ view: "#/modules", colorScheme: "dark" })
	expect(await readdir(folder)).toEqual(["page.json"])
})

test.each(["", "{", "[]", '{"view":7}', '{"colorScheme":"red"}', '{"tour":{"state":"going","step":-1}}'])(
	"a file that says %j is as if there were none, and that is logged",
	async (text) => {
		await writeFile(join(folder, "page.json"), text)
		const log = vi.fn()
		const state = createPageState(folder, log)
		expect(state.read()).toEqual({})
		expect(log).toHaveBeenCalledOnce()
		await state.keep({ notifies: true })
		expect(JSON.parse(await readFile(join(folder, "page.json"), "utf8"))).toEqual({ notifies: true })
	},
)

test("what cannot be written is said, and the next is written all the same", async () => {
	const state = createPageState(join(folder, "gone"), () => {})
	await expect(state.keep({ view: "#/run" })).rejects.toThrow("ENOENT")
	await state.close()
	await mkdir(join(folder, "gone"))
	await state.keep({ notifies: true })
	expect(JSON.parse(await readFile(join(folder, "gone/page.json"), "utf8"))).toEqual({
		view: "#/run",
		notifies: true,
	})
})
