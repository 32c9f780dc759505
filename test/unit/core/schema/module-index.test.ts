import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { MAX_FINDINGS } from "../../../../core/schema/draft.ts"
import { printFinding } from "../../../../core/schema/finding.ts"
import { findingsOf, readIndex, readLintedIndex } from "../../../../core/schema/module-index.ts"

const specification = readFileSync(new URL("../../../fixtures/modules/spec/index.json", import.meta.url), "utf8")

type Json = Record<string, unknown>
const operation = { target: "src/a", destination: "/etc/a" }
const pool = { id: "p", operations: [operation], closure: ["true"] }
const valid = { metadata: { schema_version: "1.0.0" }, pools: [pool] }

const withMetadata = (metadata: Json) => ({ ...valid, metadata: { ...valid.metadata, ...metadata } })
const withPool = (change: Json) => ({ ...valid, pools: [{ ...pool, ...change }] })
const withOperation = (change: Json) => withPool({ operations: [{ ...operation, ...change }] })
const withTarget = (target: unknown) => withOperation({ target })
const withDestination = (destination: unknown) => withOperation({ destination })
const withDestinations = (...destinations: string[]) =>
	withPool({ operations: destinations.map((destination) => ({ target: "a", destination })) })
const without = (object: Json, key: string) =>
	Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))

/** Rule and path of each fault, in the order of the file. */
function faultsOf(value: unknown): string[] {
	const { findings, module } = readIndex(JSON.stringify(value, null, 2))
	const faults = findings.filter((finding) => finding.severity === "fault")
	expect(module === undefined).toBe(faults.length > 0)
	for (const fault of faults) expect(printFinding(fault)).toMatch(/^index\.json:\d+:\d+: \$.*: .+: .+$/)
	return faults.map((fault) => `${fault.rule} ${fault.path}`)
}

const target = "$.pools[0].operations[0].target"
const destination = "$.pools[0].operations[0].destination"
const permissions = "$.pools[0].operations[0].permissions"

describe("the specification's example", () => {
	test("stands byte for byte in the fixture and has no fault", () => {
		const { module, findings } = readIndex(specification)
		expect(findings).toEqual([])
		expect(module?.pools.map((pool) => pool.id)).toEqual(["website_security_patch", "backend_config_fix"])
		expect(module?.pools[0]).toMatchObject({ timeoutSeconds: 300, enabled: true, checks: [] })
		expect(module?.finalClosure).toHaveLength(2)
	})

	test("gets one advice only: npm build", () => {
		expect(findingsOf(specification).map(printFinding)).toEqual([
			'index.json:26:9: $.pools[0].closure[1]: "npm build" is no npm command: write "npm run build"',
		])
		expect(readLintedIndex(specification).module).toEqual(readIndex(specification).module)
	})
})

describe("one mistake, one fault at its place", () => {
	const rows: [name: string, value: unknown, ...faults: string[]][] = [
		["nothing wrong", valid],
		["no object", [], "wrong-type $"],
		["null", null, "wrong-type $"],
		["empty object", {}, "missing $.metadata", "missing $.pools"],
		["no metadata", without(valid, "metadata"), "missing $.metadata"],
		["no pools", without(valid, "pools"), "missing $.pools"],
		["pools empty", { ...valid, pools: [] }, "no-pools $.pools"],
		["pools an object", { ...valid, pools: {} }, "wrong-type $.pools"],
		["pool a text", { ...valid, pools: ["p"] }, "wrong-type $.pools[0]"],
		["no version", { ...valid, metadata: {} }, "missing $.metadata.schema_version"],
		["version a number", withMetadata({ schema_version: 1 }), "wrong-type $.metadata.schema_version"],
		...["v1.0.0", "1.0", "1.0.0.0", " 1.0.0", "01.0.0", "", "latest"].map((version): [string, unknown, string] => [
			`version ${JSON.stringify(version)}`,
			withMetadata({ schema_version: version }),
			"version-not-semantic $.metadata.schema_version",
		]),
		...["1.0.0-rc.1", "1.0.0+build.5", "0.0.1", "10.20.30-a+b"].map((version): [string, unknown] => [
			`version ${version}`,
			withMetadata({ schema_version: version }),
		]),
		["enabled a text", withMetadata({ enabled: "yes" }), "wrong-type $.metadata.enabled"],
		["priority text", withMetadata({ priority: "high" })],
		["priority number", withMetadata({ priority: 3 })],
		["priority list", withMetadata({ priority: [] }), "wrong-type $.metadata.priority"],
		["redact", withPool({ redact: ["$TOKEN", "$$ecret", "hunter22", "Grüße"] })],
		["redact a text", withPool({ redact: "$TOKEN" }), "wrong-type $.pools[0].redact"],
		["redact empty", withPool({ redact: ["", "$A"] }), "redact-empty $.pools[0].redact[0]"],
		...["$", "$1", "$A-B", "\u0024{A}", "$A B"].map((entry): [string, unknown, string] => [
			`redact ${entry}`,
			withPool({ redact: [entry] }),
			"redact-no-name $.pools[0].redact[0]",
		]),
		...["a", "abc", "$$a", " a b "].map((entry): [string, unknown, string] => [
			`redact ${entry}`,
			withPool({ redact: [entry] }),
			"redact-too-short $.pools[0].redact[0]",
		]),
		["redact long", withPool({ redact: ["x".repeat(1025)] }), "redact-too-long $.pools[0].redact[0]"],
		["redact NUL", withPool({ redact: ["a\0bcd"] }), "secret-with-nul $.pools[0].redact[0]"],
		["redact many", withPool({ redact: Array(101).fill("$A") }), "redact-too-many $.pools[0].redact"],
		["finalClosure a text", { ...valid, finalClosure: "true" }, "wrong-type $.finalClosure"],
		["final command empty", { ...valid, finalClosure: ["true", " "] }, "command-empty $.finalClosure[1]"],

		["no id", { ...valid, pools: [without(pool, "id")] }, "missing $.pools[0].id"],
		...["", "-a", ".a", "a b", "a/b", "ä", "a".repeat(65), "a\n"].map((id): [string, unknown, string] => [
			`id ${JSON.stringify(id)}`,
			withPool({ id }),
			"pool-id-not-allowed $.pools[0].id",
		]),
		["longest id", withPool({ id: `a${"._-9".repeat(15)}xyz` })],
		[
			"id twice",
			{ ...valid, pools: [pool, { ...pool, operations: [{ target: "b", destination: "/b" }] }] },
			"pool-id-twice $.pools[1].id",
		],
		["no operations", withPool({ operations: [] }), "no-operations $.pools[0].operations"],
		["operations missing", { ...valid, pools: [without(pool, "operations")] }, "missing $.pools[0].operations"],
		["no closure", withPool({ closure: [] }), "no-closure $.pools[0].closure"],
		["closure missing", { ...valid, pools: [without(pool, "closure")] }, "missing $.pools[0].closure"],
		["command a number", withPool({ closure: [1] }), "wrong-type $.pools[0].closure[0]"],
		["command empty", withPool({ closure: [""] }), "command-empty $.pools[0].closure[0]"],
		["command of spaces", withPool({ closure: ["true", "\t \n"] }), "command-empty $.pools[0].closure[1]"],
		["command with NUL", withPool({ closure: ["a\0b"] }), "command-with-nul $.pools[0].closure[0]"],
		["command half a character", withPool({ closure: ["echo \ud800"] }), "command-not-unicode $.pools[0].closure[0]"],
		["check empty", withPool({ checks: [""] }), "command-empty $.pools[0].checks[0]"],
		["checks", withPool({ checks: ["systemctl is-active x"] })],
		...[0, -1, 604_801].flatMap((seconds): [string, unknown, string][] => [
			[
				`timeoutSeconds ${seconds}`,
				withPool({ timeoutSeconds: seconds }),
				"seconds-out-of-range $.pools[0].timeoutSeconds",
			],
			[
				`confirmSeconds ${seconds}`,
				withPool({ confirmSeconds: seconds }),
				"seconds-out-of-range $.pools[0].confirmSeconds",
			],
		]),
		["timeoutSeconds a text", withPool({ timeoutSeconds: "5" }), "wrong-type $.pools[0].timeoutSeconds"],
		["seconds", withPool({ timeoutSeconds: 0.5, confirmSeconds: 604_800 })],
		["null for a default", withPool({ checks: null }), "wrong-type $.pools[0].checks"],

		["no target", withPool({ operations: [without(operation, "target")] }), `missing ${target}`],
		["target empty", withTarget(""), `target-empty ${target}`],
		...["/etc/passwd", "C:\\x", "\\\\server\\x"].map((path): [string, unknown, string] => [
			`target ${path}`,
			withTarget(path),
			`target-absolute ${target}`,
		]),
		...["../a", "src/../a", "a/../../b", "src/..", "a\\..\\b", ".."].map((path): [string, unknown, string] => [
			`target ${path}`,
			withTarget(path),
			`target-leaves-source ${target}`,
		]),
		...["src/", "a/", "./", ".", "src/.", "a/."].map((path): [string, unknown, string] => [
			`target ${path}`,
			withTarget(path),
			`target-is-folder ${target}`,
		]),
		["target with NUL", withTarget("a\0"), `target-with-nul ${target}`],
		["target half a character", withTarget("\udc00"), `target-not-unicode ${target}`],
		["target too long", withTarget("x".repeat(256)), `target-too-long ${target}`],
		...["a", "src/a", "src/src/a", "./a", "a//b", "..a", "a..", "ä ö\n.txt", "src"].map((path): [string, unknown] => [
			`target ${JSON.stringify(path)} is right`,
			withTarget(path),
		]),

		["no destination", withPool({ operations: [without(operation, "destination")] }), `missing ${destination}`],
		["destination empty", withDestination(""), `destination-empty ${destination}`],
		...["a/b", "~/x", "etc"].map((path): [string, unknown, string] => [
			`destination ${path}`,
			withDestination(path),
			`destination-not-absolute ${destination}`,
		]),
		...["/", "/etc/", "//etc", "/etc//a", "/./a", "/etc/.", "/etc/../a", "/.."].map(
			(path): [string, unknown, string] => [
				`destination ${path}`,
				withDestination(path),
				`destination-not-normal ${destination}`,
			],
		),
		...["/proc/x", "/proc", "/sys/a/b", "/dev/null", "/var/lib/hotfix", "/var/lib/hotfix/runs/1"].map(
			(path): [string, unknown, string] => [
				`destination ${path}`,
				withDestination(path),
				`destination-reserved ${destination}`,
			],
		),
		["destination with NUL", withDestination("/a\0"), `destination-with-nul ${destination}`],
		["destination half a character", withDestination("/\ud800"), `destination-not-unicode ${destination}`],
		["destination too long", withDestination(`/${"a/".repeat(2048)}b`), `destination-too-long ${destination}`],
		...["/procs", "/var/lib/hotfixes/a", "/a", "/..a/b.", "/etc/ä\n"].map((path): [string, unknown] => [
			`destination ${JSON.stringify(path)} is right`,
			withDestination(path),
		]),
		["destination twice", withDestinations("/a", "/b", "/a"), "destination-twice $.pools[0].operations[2].destination"],
		["destination in a file", withDestinations("/a/b/c", "/a", "/ab"), `destination-inside-another ${destination}`],

		...["644", "0644", "4755", "04755", "000"].map((mode): [string, unknown] => [
			`mode ${mode}`,
			withOperation({ permissions: { mode } }),
		]),
		...["64", "0888", "rwx", "", "00644x", "100644", "-644"].map((mode): [string, unknown, string] => [
			`mode ${JSON.stringify(mode)}`,
			withOperation({ permissions: { mode } }),
			`mode-not-octal ${permissions}.mode`,
		]),
		["mode a number", withOperation({ permissions: { mode: 644 } }), `wrong-type ${permissions}.mode`],
		["owner", withOperation({ permissions: { owner: "www-data", group: "33" } })],
		...["", " ", "a:b", "a b", "-x", "a\n"].flatMap((name): [string, unknown, string][] => [
			[
				`owner ${JSON.stringify(name)}`,
				withOperation({ permissions: { owner: name } }),
				`owner-not-allowed ${permissions}.owner`,
			],
			[
				`group ${JSON.stringify(name)}`,
				withOperation({ permissions: { group: name } }),
				`group-not-allowed ${permissions}.group`,
			],
		]),
		["permissions a text", withOperation({ permissions: "0644" }), `wrong-type ${permissions}`],
	]
	test.each(rows)("%s", (_, value, ...faults) => expect(faultsOf(value)).toEqual(faults))
})

test("the state folder is the caller's to name", () => {
	const text = JSON.stringify(withDestination("/srv/state/x"))
	expect(readIndex(text).findings).toEqual([])
	expect(readIndex(text, { stateFolder: "/srv/state" }).findings).toMatchObject([{ rule: "destination-reserved" }])
})

test("a destination that two pools share is a warning that names the other pool", () => {
	const { module, findings } = readIndex(JSON.stringify({ ...valid, pools: [pool, { ...pool, id: "q" }] }))
	expect(module?.pools).toHaveLength(2)
	expect(findings).toMatchObject([
		{ severity: "warning", rule: "destination-shared", path: "$.pools[1].operations[0].destination" },
	])
	expect(findings[0]?.message).toContain('"p"')
})

test("unknown keys anywhere are warnings, with the known key that may be meant", () => {
	const value = {
		...valid,
		final_closure: [],
		metadata: { ...valid.metadata, created: "2025" },
		pools: [{ ...pool, has_run: true, operations: [{ ...operation, "odd key\u202e": 1, permissions: { user: "x" } }] }],
	}
	const { module, findings } = readIndex(JSON.stringify(value))
	expect(module).toBeDefined()
	expect(findings.map(({ severity, rule, path }) => `${severity} ${rule} ${path}`)).toEqual([
		"warning unknown-key $.metadata.created",
		'warning unknown-key $.pools[0].operations[0]["odd key\\u202e"]',
		"warning unknown-key $.pools[0].operations[0].permissions.user",
		"warning unknown-key $.pools[0].has_run",
		"warning unknown-key $.final_closure",
	])
	expect(findings.find(({ path }) => path === "$.final_closure")?.remedy).toContain('"finalClosure"')
})

test("every fault of a file is reported at once, in order, with line and column", () => {
	const text = `{
	"metadata": {"schema_version": "1.0"},
	"pools": [
		{"id": "a b", "operations": [{"target": "../x", "destination": "etc"}], "closure": []},
		{"id": 7, "operations": "none", "closure": [""], "timeoutSeconds": 0}
	],
	"pools2": 1
}
`
	expect(readIndex(text).findings.map(({ line, column, rule }) => `${line}:${column} ${rule}`)).toEqual([
		"2:33 version-not-semantic",
		"4:10 pool-id-not-allowed",
		"4:43 target-leaves-source",
		"4:66 destination-not-absolute",
		"4:86 no-closure",
		"5:10 wrong-type",
		"5:27 wrong-type",
		"5:47 command-empty",
		"5:70 seconds-out-of-range",
		"7:2 unknown-key",
	])
})

describe("text that is no strict JSON", () => {
	const rows: [name: string, text: string, ...faults: string[]][] = [
		["empty", "", "1:1 empty-file"],
		["spaces", " \n\t", "1:1 empty-file"],
		[
			"comments",
			'// one\n{"metadata": {"schema_version": "1.0.0"}, /* two */ "pools": []}',
			"1:1 comment",
			"2:43 comment",
			"2:62 no-pools",
		],
		[
			"trailing comma in a list",
			'{"metadata": {"schema_version": "1.0.0"}, "pools": [1,\n]}',
			"1:53 wrong-type",
			"1:54 trailing-comma",
		],
		[
			"trailing comma in an object",
			'{"metadata": {"schema_version": "1.0.0",}, "pools": []}',
			"1:40 trailing-comma",
			"1:53 no-pools",
		],
		["byte order mark", '\ufeff{"metadata": {"schema_version": "1.0.0"}}', "1:1 byte-order-mark", "1:2 missing"],
		[
			"duplicate key",
			'{"metadata": 1,\r\n"metadata": {"schema_version": "x"}, "pools": []}',
			"2:1 duplicate-key",
			"2:32 version-not-semantic",
			"2:47 no-pools",
		],
		["missing comma", '{"metadata": {"schema_version": "1.0.0"}\n"pools": []}', "2:1 syntax", "2:10 no-pools"],
		["single quotes", "{'metadata': 1}", "1:2 syntax"],
		["cut short", '{"metadata": {"schema_version": "1.', "1:33 syntax"],
		["cut after a comma", '{"pools": [', "1:12 syntax"],
		["something after", '{"metadata": {}, "pools": []}}', "1:14 missing", "1:27 no-pools", "1:30 syntax"],
		["line end in a string", '{"metadata": {"schema_version": "1\n.0.0"}}', "1:33 syntax"],
		["unknown escape", '{"metadata": {"schema_version": "1.0.0\\q"}, "pools": []}', "1:33 syntax", "1:54 no-pools"],
		["nested beyond reason", "[".repeat(1_000_000), "1:101 too-deep"],
		["more values than can be checked", `[${"1,".repeat(100_001)}1]`, "1:200003 too-many-values"],
		["old Macintosh line ends", '\r\r{"metadata": {}, "pools": 1}', "3:14 missing", "3:27 wrong-type"],
		["no JSON at all", "hello", "1:1 syntax"],
	]
	test.each(rows)("%s", (_, text, ...faults) => {
		const { module, findings } = readIndex(text)
		expect(module).toBeUndefined()
		expect(findings.map(({ line, column, rule }) => `${line}:${column} ${rule}`)).toEqual(faults)
	})
})

test("a key called __proto__ is a key like any other", () => {
	const text = JSON.stringify(valid).replace("{", '{"__proto__": {"finalClosure": ["x"]}, ')
	const { module, findings } = readIndex(text)
	expect(module?.finalClosure).toEqual([])
	expect(findings).toMatchObject([{ rule: "unknown-key", path: "$.__proto__" }])
})

test("brackets in strings and long lists are no depth", () => {
	const closure = Array.from({ length: 300 }, () => 'echo "[[[[{{{{"')
	expect(readIndex(JSON.stringify(withPool({ closure }))).findings).toEqual([])
})

test("a hostile index cannot make more findings than a person can read, and no fault hides behind warnings", () => {
	const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 0]))
	const { module, findings } = readIndex(JSON.stringify({ ...keys, ...valid, pools: [] }))
	expect(module).toBeUndefined()
	expect(findings).toHaveLength(MAX_FINDINGS + 1)
	expect(findings.filter(({ severity }) => severity === "fault")).toMatchObject([{ rule: "no-pools" }])
	expect(findings.at(-1)).toMatchObject({ rule: "findings-left-out", message: "4001 further findings are left out" })
})

test("a fault that comes after a thousand warnings is told all the same", () => {
	const operations = Array.from({ length: 1500 }, (_, index) => ({ target: "a", destination: `/d/${index}` }))
	const pools = [
		{ ...pool, operations },
		{ ...pool, id: "q", operations: [...operations, { target: "a", destination: "/d/7" }] },
	]
	const { module, findings } = readIndex(JSON.stringify({ ...valid, pools }))
	expect(module).toBeUndefined()
	expect(findings.filter(({ severity }) => severity === "fault")).toMatchObject([{ rule: "destination-twice" }])
})

test("hostile text in a message cannot reach the terminal", () => {
	const [finding] = readIndex(JSON.stringify(withPool({ id: "\x1b[2Jx\u202e\n" }))).findings
	expect(finding?.message).toBe('"x\\u{202e}\\n" cannot be a pool\'s id')
})
