import { expect, test } from "vitest"
import type { FolderEntry } from "../../../core/schema/appliance-files.ts"
import { crumbsOf } from "../../../renderer/views/editor/appliance/breadcrumbs.tsx"
import {
	addFetched,
	cleanPath,
	isFetchable,
	joinPath,
	keyOfFile,
	parentOf,
	poolsByFile,
} from "../../../renderer/views/editor/appliance/entries.ts"
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

test.each([
	[" /etc//x.conf ", "/etc/x.conf"],
	["/etc/nginx/", "/etc/nginx"],
	["/", "/"],
	["  ", ""],
])("the typed path %j is %j", (typed, path) => expect(cleanPath(typed)).toBe(path))

test("the pools that bring a source to a destination, also in a module with faults", () => {
	const operation = (target: unknown) => ({ target, destination: "/etc/x" })
	const value = {
		pools: [
			{ id: "a", operations: [operation("src/x"), operation("y"), operation(1)] },
			{ operations: [operation("x")] },
			{ id: "c", operations: "none" },
			null,
		],
	}
	const found = poolsByFile(value)
	expect(found.get(keyOfFile({ target: "x", destination: "/etc/x" }))).toEqual(["a", "pool 2"])
	expect(found.get(keyOfFile({ target: "y", destination: "/etc/x" }))).toEqual(["a"])
	expect(found.size).toBe(2)
})
