import { expect, test } from "vitest"
import type { FolderEntry } from "../../../core/schema/appliance-files.ts"
import { crumbsOf } from "../../../renderer/views/editor/appliance/breadcrumbs.tsx"
import { wordsOf } from "../../../renderer/views/editor/appliance/compared-file.tsx"
import { addFetched, isFetchable, joinPath, parentOf } from "../../../renderer/views/editor/appliance/entries.ts"

const fetched = (destination: string) => ({
	path: destination,
	result: { state: "done" as const, target: destination.slice(1) },
	operation: { target: destination.slice(1), destination, permissions: { mode: "0644" } },
})

test("fetched files come behind a pool's own, once, as one step", () => {
	const value = { pools: [{ operations: [{ target: "a", destination: "/a" }] }] }
	const action = addFetched(value, 0, [fetched("/a"), fetched("/b"), fetched("/c")])
	expect(action?.edits).toEqual([
		{ kind: "set", path: ["pools", 0, "operations", 1], value: fetched("/b").operation },
		{ kind: "set", path: ["pools", 0, "operations", 2], value: fetched("/c").operation },
	])
	expect(addFetched(value, 0, [fetched("/a")])).toBeUndefined()
	const { operation: _, ...failed } = fetched("/d")
	expect(addFetched(value, 0, [failed])).toBeUndefined()
})

test.each<[Partial<FolderEntry>, boolean]>([
	[{ kind: "file" }, true],
	[{ kind: "file", isNameSound: false }, false],
	[{ kind: "folder" }, false],
	[{ kind: "other" }, false],
	[{ kind: "link", link: { target: "x", kind: "file" } }, true],
	[{ kind: "link", link: { target: "x" } }, false],
	[{}, false],
])("%j can be fetched: %s", (entry, can) => {
	expect(isFetchable({ name: "n", isNameSound: true, ...entry })).toBe(can)
})

test("paths up and down", () => {
	expect([parentOf("/"), parentOf("/etc"), parentOf("/etc/x")]).toEqual(["/", "/", "/etc"])
	expect([joinPath("/", "etc"), joinPath("/etc", "x")]).toEqual(["/etc", "/etc/x"])
	expect(crumbsOf("/etc/nginx").map(({ path }) => path)).toEqual(["/", "/etc", "/etc/nginx"])
})

test("a variant says how it stands to our source and to what was applied", () => {
	const [one, other] = ["1".repeat(64), "2".repeat(64)]
	const facts = { size: 5, mode: 0o644, uid: 0, gid: 0, modified: "", realPath: "/x" }
	const applied = (digest: string) => ({ digest, module: "m", pool: "p", version: "1", run: "r", isKept: true })
	const words = (digests: (string | undefined)[], isOurs = false) =>
		wordsOf({
			now: { state: "file", digest: one, ...facts },
			isOurs,
			appliances: digests.map((digest, id) => ({ id: `${id}`, ...(digest && { applied: applied(digest) }) })),
		})
	expect(words([one], true)).toBe("the same as our source")
	expect(words([one, one])).toContain("as it was applied last")
	expect(words([other])).toContain("changed since it was applied")
	expect(words([undefined])).toContain("never applied by us")
})
