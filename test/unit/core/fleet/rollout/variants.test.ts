import { expect, test } from "vitest"
import { createStoodFiles, mapVariants } from "../../../../../core/fleet/rollout/variants.ts"
import type { SeenDestination } from "../../../../../core/schema/appliance-files.ts"

const FILE = { destination: "/srv/auth.tsx", target: "auth.tsx", pools: ["web"] }
const digestOf = (letter: string) => letter.repeat(64)
const known = {
	module: "fix",
	ours: new Map([["auth.tsx", digestOf("a")]]),
	published: new Map([["/srv/auth.tsx", new Map([[digestOf("b"), "1.0.0"]])]]),
}
const DEBIAN = "Debian 12"
const OLD = "Debian 11"

/** `c` a file of this content, `-` none, `/` a folder, `?` too large to be read; `c<d@2`: where we wrote `d` last, of version 2. */
function stand(said: string): SeenDestination {
	const [now = "", wrote] = said.split("<")
	const facts = { size: 9, mode: 0o644, uid: 0, gid: 0, modified: "", realPath: FILE.destination }
	const [digest = "", version = "3.1.0"] = wrote?.split("@") ?? []
	const applied = { module: "other", pool: "web", version, run: "r", isKept: true }
	return {
		destination: FILE.destination,
		now:
			now === "-"
				? { state: "absent" }
				: now === "/"
					? { state: "refused", failure: { code: "file-unreadable", data: { reason: "a-folder" } } }
					: { state: "file", ...facts, ...(now !== "?" && { digest: digestOf(now) }) },
		...(wrote && { applied: { ...applied, digest: digestOf(digest) } }),
	}
}

/** Each variant as `kind: places`, of appliances `os/content`. */
function variantsOf(...fleet: string[]) {
	const stood = createStoodFiles()
	const looked = fleet.map((said, place) => {
		const [os, content = ""] = said.includes("|") ? said.split("|") : [DEBIAN, said]
		return { place, os: String(os), seen: [stood(stand(content), place)], applies: new Set(["web"]) }
	})
	return mapVariants([FILE], looked, known)[0]?.variants ?? []
}
const told = (...fleet: string[]) =>
	variantsOf(...fleet).map(({ origin, places }) => `${origin.kind}: ${places.join(" ")}`)

test.each<[string, string[], string[]]>([
	["our own bytes, whoever wrote them", ["a", "a<a", "a<x"], ["ours: 0 1 2"]],
	["a published version, by its digest", ["b"], ["version: 0"]],
	["what another module wrote, by the appliance's record", ["x<x"], ["version: 0"]],
	["one record does not speak for the others: a version", ["c", "c", "c<c", "d"], ["factory: 0 1 2", "own: 3"]],
	["nor do two that differ", ["c<c", "c<c@9"], ["unknown: 0 1"]],
	["but what most say does", ["c<c", "c<c", "c<c@9"], ["version: 0 1 2"]],
	["nor one for files that were taken away", ["-", "-<b", "-"], ["missing: 0 1 2"]],
	["nor for changed ones", ["c", "c", "d", "d", "d<b", "e"], ["unknown: 2 3 4", "unknown: 0 1", "unknown: 5"]],
	["changed since we wrote it", ["c<b", "d<b"], ["changed: 0", "changed: 1"]],
	["the most frequent one is the factory's", ["c", "c", "d"], ["factory: 0 1", "own: 2"]],
	[
		"each OS release has a factory's of its own",
		["c", "c", `${OLD}|d`, `${OLD}|d`, `${OLD}|c`],
		["factory: 0 1 4", "factory: 2 3"],
	],
	["what stands where we wrote counts for no factory", ["c<b", "c<b", "d", "d"], ["changed: 0 1", "factory: 2 3"]],
	["nobody can tell which of two is", ["c", "c", "d", "d"], ["unknown: 0 1", "unknown: 2 3"]],
	["nor from one alone", ["c"], ["unknown: 0"]],
	["one that went back to the factory's is not theirs", ["c", "c", "c<b"], ["factory: 0 1 2"]],
	["none, and one that was taken away", ["-", "-"], ["missing: 0 1"]],
	["taken away since we wrote it", ["-<b"], ["removed: 0"]],
	[
		"a folder, and too large a file for each its own",
		["/", "/", "?", "?"],
		["refused: 0 1", "unknown: 2", "unknown: 3"],
	],
])("%s", (_, fleet, variants) => {
	expect(told(...fleet)).toEqual(variants)
})

test("which version it is, and how many of a variant have changed what we wrote", () => {
	expect(variantsOf("b")[0]?.origin).toEqual({ kind: "version", module: "fix", version: "1.0.0" })
	expect(variantsOf("x<x")[0]?.origin).toEqual({ kind: "version", module: "other", version: "3.1.0" })
	expect(variantsOf("c", "c", "c<b").map(({ changed }) => changed)).toEqual([1])
	expect(variantsOf("-<b", "-").map(({ changed }) => changed)).toEqual([1])
})

test("on how many of a variant a run would write", () => {
	const stood = createStoodFiles()
	const looked = [["web"], [], ["other"]].map((applies, place) => {
		return { place, os: DEBIAN, seen: [stood(stand("c"), place)], applies: new Set(applies) }
	})
	expect(mapVariants([FILE], looked, known)[0]?.variants[0]).toMatchObject({ places: [0, 1, 2], written: 1 })
})

test("what an appliance says of a file is kept in bounds", () => {
	const long = "x".repeat(4000)
	const failure = {
		code: "file-unreadable" as const,
		data: { reason: long, path: "/a", other: [long] },
		findings: [long],
	}
	const { applied } = stand("x<x")
	const said: SeenDestination = {
		destination: FILE.destination,
		now: { state: "refused", failure },
		...(applied && { applied: { ...applied, module: long, version: long } }),
	}
	const file = createStoodFiles()(said, 0)
	expect(JSON.stringify(file).length).toBeLessThan(3000)
	expect(file.now).toMatchObject({ failure: { data: { path: "/a", reason: expect.stringMatching(/^x+…$/) } } })
})

test("equal answers of thousands take the room of one", () => {
	const stood = createStoodFiles()
	expect(stood(stand("c"), 1)).toBe(stood(stand("c"), 2))
	expect(stood(stand("?"), 1)).not.toBe(stood(stand("?"), 2))
})
