import { chmod, chown, lchown, lstat, mkdir, mkdtemp, rm, symlink } from "node:fs/promises"
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

const BOB = 65534
const isRoot = process.geteuid?.() === 0

/** Who can rename the folder can put one of theirs in its place, with a journal that has root write what they like. */
test.skipIf(!isRoot).each<[string, (base: string) => Promise<unknown>, boolean]>([
	["a user owns the folder above it", (base) => chown(base, BOB, BOB), false],
	["everybody may write to the folder above it", (base) => chmod(base, 0o777), false],
	["so they may, but it is sticky, as /tmp is", (base) => chmod(base, 0o1777), true],
	["a folder further up is a user's", (base) => mkdir(join(base, "a")).then(() => chown(base, BOB, BOB)), false],
	["a user's link leads there", (base) => linkOf(base, BOB), false],
	["root's link leads there", (base) => linkOf(base, 0), true],
])("where %s (needs root)", async (_, prepare, isSafe) => {
	const base = await mkdtemp(join(tmpdir(), "hotfix-state-folder-"))
	try {
		await prepare(base)
		const preparing = prepareStateFolder(createNodeHost(), join(base, "a/state"))
		const made = () => lstat(join(base, "a/state"))
		if (isSafe) await expect(preparing.then(made)).resolves.toBeDefined()
		else {
			await expect(preparing).rejects.toMatchObject({ failure: { code: "state-unsafe" } })
			await expect(made()).rejects.toThrow("ENOENT")
		}
	} finally {
		await rm(base, { recursive: true, force: true })
	}
})

async function linkOf(base: string, owner: number): Promise<void> {
	await mkdir(join(base, "b"))
	await symlink("b", join(base, "a"))
	await lchown(join(base, "a"), owner, owner)
}
