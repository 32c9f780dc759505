import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { prepareStateFolder } from "../../../../core/engine/state/state-folder.ts"

test("several that need the state folder at once make it together", async () => {
	const base = await mkdtemp(join(tmpdir(), "hotfix-state-folder-"))
	try {
		for (let round = 0; round < 40; round++) {
			const folder = join(base, String(round), "state")
			const made = Array.from({ length: 6 }, () => prepareStateFolder(createNodeHost(), folder))
			expect((await Promise.allSettled(made)).map(({ status }) => status)).toEqual(made.map(() => "fulfilled"))
		}
	} finally {
		await rm(base, { recursive: true, force: true })
	}
})

test.each(["/dev/null/state", `/tmp/${"long".repeat(100)}`])("a state folder that cannot be: %s", async (folder) => {
	const preparing = prepareStateFolder(createNodeHost(), folder)
	await expect(preparing).rejects.toMatchObject({ failure: { code: "state-unsafe", data: { path: folder } } })
})
