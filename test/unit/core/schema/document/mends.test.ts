import { describe, expect, test } from "vitest"
import { edit, openDocument } from "../../../../../core/schema/document/document.ts"
import { mendOf } from "../../../../../core/schema/document/mends.ts"
import { parsePath } from "../../../../../core/schema/document/parse-path.ts"
import {
	addPool,
	appendItem,
	duplicatePool,
	movePool,
	removePool,
	setOptional,
	setPoolEnabled,
	toPoolId,
} from "../../../../../core/schema/document/pool-edits.ts"
import { readValue } from "../../../../../core/schema/document/value.ts"
import { type JsonPath, printPath } from "../../../../../core/schema/json-text.ts"
import { findingsOf } from "../../../../../core/schema/module-index.ts"

const makeText = (pool: object = {}, more: object = {}) =>
	JSON.stringify(
		{
			metadata: { schema_version: "1.0.0" },
			pools: [
				{ id: "p", operations: [{ target: "a", destination: "/srv/a" }], closure: ["systemctl restart x"], ...pool },
			],
			...more,
		},
		null,
		2,
	)
const operation = (destination: string) => ({ operations: [{ target: "a", destination }] })

/** A text with one doubt, and what the click makes of the place. */
const rows: [rule: string, text: string, at: JsonPath, after: unknown][] = [
	["npm-build", makeText({ closure: ["cd /a && npm build"] }), ["pools", 0, "closure", 0], "cd /a && npm run build"],
	[
		"npm-build",
		makeText({ closure: ["sudo npm --prefix /a build"] }),
		["pools", 0, "closure", 0],
		"sudo npm --prefix /a run build",
	],
	[
		"npm-build",
		makeText({ closure: ["npm -C /a build -- --x"] }),
		["pools", 0, "closure", 0],
		"npm -C /a run build -- --x",
	],
	[
		"apt-asks",
		makeText({ closure: ["apt-get install nginx"] }),
		["pools", 0, "closure", 0],
		"apt-get install -y nginx",
	],
	["apt-asks", makeText({ closure: ["apt-get -o X=y upgrade"] }), ["pools", 0, "closure", 0], undefined],
	["cd-without-effect", makeText({ closure: ["ls /x", "cd /a"] }), ["pools", 0, "closure"], ["ls /x"]],
	["command-empty", makeText({ closure: ["ls /x", " "] }), ["pools", 0, "closure"], ["ls /x"]],
	[
		"daemon-reload-missing",
		makeText(operation("/etc/systemd/system/x.service")),
		["pools", 0, "closure"],
		["systemctl daemon-reload", "systemctl restart x"],
	],
	["confirm-seconds-missing", makeText(operation("/etc/ssh/sshd_config")), ["pools", 0, "confirmSeconds"], 60],
	["destination-not-absolute", makeText(operation("srv/a")), ["pools", 0, "operations", 0, "destination"], "/srv/a"],
	["destination-not-normal", makeText(operation("/srv//./a/")), ["pools", 0, "operations", 0, "destination"], "/srv/a"],
	["destination-not-normal", makeText(operation("/srv/../a")), ["pools", 0, "operations", 0, "destination"], undefined],
	[
		"version-not-semantic",
		makeText({}, { metadata: { schema_version: "v1.2" } }),
		["metadata", "schema_version"],
		"1.2.0",
	],
	[
		"version-not-semantic",
		makeText({}, { metadata: { schema_version: "latest" } }),
		["metadata", "schema_version"],
		undefined,
	],
	["pool-id-not-allowed", makeText({ id: "Größe der Töne!" }), ["pools", 0, "id"], "Gro-e-der-Tone-"],
	["unknown-key", makeText({ Timeout_Seconds: 5 }), ["pools", 0, "timeoutSeconds"], 5],
	["unknown-key", makeText({ has_run: true }), ["pools", 0, "has_run"], undefined],
	["redact-empty", makeText({ redact: ["$TOKEN", ""] }), ["pools", 0, "redact"], ["$TOKEN"]],
]

describe("one click", () => {
	test.each(rows)("%s: %s", (rule, text, at, after) => {
		const finding = findingsOf(text).find((one) => one.rule === rule)
		if (!finding) throw new Error(`it has no finding ${rule}: ${JSON.stringify(findingsOf(text))}`)
		const mend = mendOf(readValue(text), finding)
		if (after === undefined) return expect(mend).toBeUndefined()
		if (!mend) throw new Error("there is nothing to click")
		const mended = edit(openDocument(text), mend.edits, mend)
		const value = at.reduce<unknown>(
			(one, key) => (one as Record<string | number, unknown>)[key],
			JSON.parse(mended.text),
		)
		expect(value).toEqual(after)
		expect(findingsOf(mended.text).map((one) => one.rule)).not.toContain(rule)
	})

	test("two pools of one name", () => {
		const pool = { id: "fix", operations: [{ target: "a", destination: "/a" }], closure: ["ls /a"] }
		const text = JSON.stringify({
			metadata: { schema_version: "1.0.0" },
			pools: [pool, pool, { ...pool, id: "fix-2" }],
		})
		const finding = findingsOf(text).find(({ rule }) => rule === "pool-id-twice")
		const mend = finding && mendOf(readValue(text), finding)
		expect(mend?.edits).toEqual([{ kind: "set", path: ["pools", 1, "id"], value: "fix-3" }])
	})

	test("what nobody can know has none, nor has what is no finding of ours", () => {
		expect(mendOf({}, { rule: "closure-proves-nothing", path: "$.pools[0].closure", remedy: "" })).toBeUndefined()
		expect(mendOf({}, { rule: "toString", path: "$", remedy: "" })).toBeUndefined()
		expect(mendOf({}, { rule: "npm-build", path: "nowhere", remedy: "" })).toBeUndefined()
	})
})

describe("pools", () => {
	const text = makeText({ own: { b: 1, a: 2 } }, { finalClosure: [] })
	const apply = (action: { label: string; edits: Parameters<typeof edit>[1] }, from = text) =>
		edit(openDocument(from), action.edits, action).text
	const idsOf = (json: string) => JSON.parse(json).pools.map(({ id }: { id: string }) => id)

	test("added, duplicated, moved, deleted", () => {
		const added = apply(addPool(readValue(text)))
		expect(idsOf(added)).toEqual(["p", "pool"])
		const twice = apply(duplicatePool(readValue(added), 0), added)
		expect(idsOf(twice)).toEqual(["p", "p-2", "pool"])
		expect(JSON.stringify(JSON.parse(twice).pools[1].own)).toBe('{"b":1,"a":2}')
		expect(idsOf(apply(duplicatePool(readValue(twice), 2), twice))).toEqual(["p", "p-2", "pool", "pool-2"])
		const moved = apply(movePool(readValue(twice), 2, 0), twice)
		expect(idsOf(moved)).toEqual(["pool", "p", "p-2"])
		expect(idsOf(apply(removePool(readValue(moved), 1), moved))).toEqual(["pool", "p-2"])
	})

	test("disabled, and enabled to the very bytes", () => {
		const disabled = apply(setPoolEnabled(readValue(text), 0, false))
		expect(JSON.parse(disabled).pools[0].enabled).toBe(false)
		expect(apply(setPoolEnabled(readValue(disabled), 0, true), disabled)).toBe(text)
	})

	test("a list and a value that are not there yet", () => {
		const checked = apply(appendItem(readValue(text), ["pools", 0, "checks"], "true", "add a check"))
		expect(JSON.parse(checked).pools[0].checks).toEqual(["true"])
		const limited = apply(setOptional(["pools", 0, "timeoutSeconds"], 9, "limit"))
		expect(apply(setOptional(["pools", 0, "timeoutSeconds"], undefined, "limit"), limited)).toBe(text)
	})

	test.each([
		["  my fix ", "my-fix-"],
		["...", "pool"],
		["x".repeat(80), "x".repeat(64)],
		["東京", "pool"],
	])("%j may be called %j", (wanted, id) => expect(toPoolId(wanted)).toBe(id))
})

test.each([[["pools", 0, "id"]], [[]], [["a b", 'q"\\', "\u0001", 7]], [["x-1", "$y"]]])(
	"a printed path is read again: %j",
	(path) => {
		expect(parsePath(printPath(path))).toEqual(path)
	},
)

test.each(["pools", "$x", "$.", "$[", "$[-1]", '$["x]', '$["\\x"]'])("%j is no path", (text) => {
	expect(parsePath(text)).toBeUndefined()
})
