import { expect, test } from "vitest"
import type { FolderEntry } from "../../../core/schema/appliance-files.ts"
import { crumbsOf } from "../../../renderer/views/editor/appliance/breadcrumbs.tsx"
import { addFetched, isFetchable, joinPath, parentOf } from "../../../renderer/views/editor/appliance/entries.ts"
import { wordsOf } from "../../../renderer/views/editor/appliance/variant-words.ts"
import { findPool, markPool } from "../../../renderer/views/editor/pools/pool-mark.ts"

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

const pools = (...ids: (string | undefined)[]) => ({ pools: ids.map((id) => (id === undefined ? {} : { id })) })

test.each([
	["stays where it is", pools("a", "b"), 1, pools("a", "b"), 1],
	["is moved", pools("a", "b"), 1, pools("b", "a"), 0],
	["is behind one that is gone", pools("a", "b"), 1, pools("b"), 0],
	["is gone", pools("a", "b"), 1, pools("a", "c"), -1],
	["has the id of another one", pools("a", "a"), 1, pools("a", "a"), 1],
	["has no id", pools("a", undefined), 1, pools("a", undefined), 1],
	["has no id, and another one is in its place", pools(undefined, "a"), 0, pools("a"), -1],
	["has no id, and is the last one that is gone", pools("a", undefined), 1, pools("a"), -1],
])("a pool that %s is found again", (_, before, index, after, expected) => {
	expect(findPool(after, markPool(before, index))).toBe(expected)
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

const [one, other] = ["1".repeat(64), "2".repeat(64)]

test.each<[string, { digest?: string; size?: number; isOurs?: boolean; applied: (string | undefined)[] }]>([
	["the same as our source", { digest: one, isOurs: true, applied: [one] }],
	["differs from our source, as it was applied last, 5 B", { digest: one, applied: [one, one] }],
	["differs from our source, as it was applied last on 2 of 3, 5 B", { digest: one, applied: [one, undefined, one] }],
	["differs from our source, changed since it was applied, 5 B", { digest: one, applied: [other] }],
	["differs from our source, changed since it was applied on 1 of 3, 5 B", { digest: one, applied: [one, other, one] }],
	[
		"differs from our source, changed since it was applied on 1 of 2, 5 B",
		{ digest: one, applied: [other, undefined] },
	],
	["differs from our source, never applied by us, 5 B", { digest: one, applied: [undefined, undefined] }],
	["too large to be compared by content, 200 MiB", { size: 200 * 1024 * 1024, applied: [one] }],
	["not compared by content, there was too much to read, 5 B", { applied: [one] }],
])("a variant is told as %s", (words, { digest, size = 5, isOurs = false, applied }) => {
	const facts = { size, mode: 0o644, uid: 0, gid: 0, modified: "", realPath: "/x" }
	const record = { module: "m", pool: "p", version: "1", run: "r", isKept: true }
	const appliances = applied.map((recorded, index) => ({
		id: `${index}`,
		...(recorded && { applied: { ...record, digest: recorded } }),
	}))
	expect(wordsOf({ now: { state: "file", ...facts, ...(digest && { digest }) }, isOurs, appliances })).toBe(words)
})
