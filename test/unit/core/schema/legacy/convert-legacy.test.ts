import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import type { Conversion, ConversionItem, LegacyFiles } from "../../../../../core/schema/legacy/conversion.ts"
import { convertLegacy } from "../../../../../core/schema/legacy/convert-legacy.ts"
import { readIndex } from "../../../../../core/schema/module-index.ts"
import { projectFolder } from "../../../../support/appliances/paths.ts"

type Json = Record<string, unknown>

const present = ["a", "b", "fix.sh", "deep/c", "x.sh", "y.sh"]
const metadata = { schema_version: "1.0.0" }
const copy = (more: Json = {}): Json => ({
	id: "a",
	type: "copy",
	source: "a",
	target: "/etc/a",
	enabled: true,
	...more,
})
const script = (more: Json = {}): Json => ({ id: "fix", type: "execute", source: "fix.sh", enabled: true, ...more })
const target = (more: Json = {}): Json => ({ id: "x", version_check: { type: "always", value: true }, ...more })
const operations = (...list: Json[]): Json => ({ metadata, operations: list })

function convert(
	value: unknown,
	files: Partial<LegacyFiles> = {},
): Conversion & { module: ReturnType<typeof readIndex>["module"] } {
	const { conversion, findings } = convertLegacy(JSON.stringify(value), { present, problems: [], ...files })
	expect(findings).toEqual([])
	if (!conversion) throw new Error("no conversion")
	return { ...conversion, module: readIndex(conversion.index).module }
}

/** `fix_auth+repair: a b | closure`, with `-` before a pool that is switched off. */
function outline({ module }: ReturnType<typeof convert>): string[] {
	return (module?.pools ?? []).map(
		({ id, operations, enabled }) =>
			`${enabled ? "" : "-"}${id}: ${operations.map(({ target, destination }) => `${target}>${destination}`).join(" ")}`,
	)
}

function itemAt({ items }: Conversion, path: string): ConversionItem {
	const found = items.filter((item) => item.path === path)
	expect(found, path).toHaveLength(1)
	return found[0] as ConversionItem
}

describe("how operations become pools", () => {
	const installed = "fix.sh>/usr/local/lib/hotfix/fix/fix.sh"
	const off = { config: { rollback_on_failure: false } }
	const rows: [name: string, index: Json, pools: string[]][] = [
		["one", operations(copy()), ["a: a>/etc/a"]],
		[
			"several are one pool",
			operations(copy(), copy({ id: "b", source: "b", target: "/etc/b" })),
			["a-b: a>/etc/a b>/etc/b"],
		],
		["src/ before a source", operations(copy({ source: "src/deep/c" })), ["a: deep/c>/etc/a"]],
		[
			"disabled: alone, off",
			operations(copy(), copy({ id: "b", target: "/etc/b", enabled: false })),
			["a: a>/etc/a", "-b: a>/etc/b"],
		],
		["without a word: off, as the old program had it", operations(copy({ enabled: undefined })), ["-a: a>/etc/a"]],
		["a script", operations(script()), [`fix: ${installed}`]],
		["a file and a script", operations(copy(), script()), [`a-fix: a>/etc/a ${installed}`]],
		["a link is the file", operations(copy({ type: "symlink" })), ["a: a>/etc/a"]],
		["rollback off: each alone", { ...operations(copy(), script()), ...off }, ["a: a>/etc/a", `fix: ${installed}`]],
		[
			"rollback disabled: each alone",
			{ ...operations(copy(), script()), rollback: { enabled: false } },
			["a: a>/etc/a", `fix: ${installed}`],
		],
		["two for one target: the later", operations(copy(), copy({ id: "b", source: "b" })), ["a-b: b>/etc/a"]],
		[
			"a part that cannot be: the rest is off",
			operations(copy(), copy({ id: "b", type: "append", target: "/etc/b" })),
			["-a-b: a>/etc/a"],
		],
		[
			"an enabled one is not hurt by a disabled append",
			operations(copy(), copy({ id: "b", type: "append", enabled: false })),
			["a: a>/etc/a"],
		],
		["ids are made valid", operations(copy({ id: "Ä fix/1 " })), ["A-fix-1: a>/etc/a"]],
		["an id of nothing valid", operations(copy({ id: "///" })), ["pool: a>/etc/a"]],
		[
			"ids are made unique",
			{ ...operations(copy(), copy({ target: "/b" }), copy({ target: "/c" })), ...off },
			["a: a>/etc/a", "a-2: a>/b", "a-3: a>/c"],
		],
		[
			"a made id meets a given one",
			{ ...operations(copy({ id: "a-2" }), copy({ target: "/b" }), copy({ target: "/c" })), ...off },
			["a-2: a>/etc/a", "a: a>/b", "a-3: a>/c"],
		],
	]
	test.each(rows)("%s", (_, index, pools) => expect(outline(convert(index))).toEqual(pools))

	test("many long ids give one that fits", () => {
		const many = Array.from({ length: 9 }, (_, index) =>
			copy({ id: `operation-number-${index}`, target: `/etc/${index}` }),
		)
		expect(convert(operations(...many)).module?.pools[0]?.id).toBe("operation-number-0-and-8-more")
	})
})

describe("what becomes of one operation", () => {
	const rows: [name: string, operation: Json, outcome: ConversionItem["outcome"], message: RegExp][] = [
		["copy, proved by nothing", copy(), "noted", /copies "src\/a" to "\/etc\/a"; nothing in the old file proves it/],
		["disabled", copy({ enabled: false }), "noted", /pool "a", switched off, copies/],
		[
			"no word whether enabled",
			copy({ enabled: undefined }),
			"noted",
			/the old program ran only what says "enabled": true/,
		],
		["symlink", copy({ type: "symlink" }), "noted", /the file itself stands there instead of a link/],
		["append", copy({ type: "append" }), "not-converted", /only the appliance knows what else stands in "\/etc\/a"/],
		["a type nobody knows", copy({ type: "delete" }), "not-converted", /"delete" is no type of operation/],
		["no such file", copy({ source: "none" }), "not-converted", /there is no file "none" in src/],
		["a source outside", copy({ source: "../a" }), "not-converted", /"..\/a" leaves src/],
		["a relative target", copy({ target: "etc/a" }), "not-converted", /"etc\/a" is no absolute path/],
		["a target nobody may write", copy({ target: "/proc/a" }), "not-converted", /where no module may write/],
		["a folder as target", copy({ target: "/etc/" }), "not-converted", /no normal path/],
		["a mode that is none", copy({ permissions: { mode: "rw" } }), "not-converted", /"rw" is no octal mode/],
		[
			"an owner that is none",
			copy({ permissions: { user: "a:b" } }),
			"not-converted",
			/cannot be the name of an owner/,
		],
		[
			"execute",
			script(),
			"noted",
			/installs the script at "\/usr\/local\/lib\/hotfix\/fix\/fix.sh".*not put back.*its own folder/,
		],
		["execute and remove", script({ cleanup_after: true, working_dir: "/tmp" }), "noted", /not removed after the run/],
		["execute nobody knows where", script({ working_dir: "tmp" }), "not-converted", /working_dir is no absolute path/],
	]
	test.each(rows)("%s", (_, operation, outcome, message) => {
		const item = itemAt(convert(operations(operation)), "$.operations[0]")
		expect(item).toMatchObject({ kind: "operation", outcome, message: expect.stringMatching(message) })
		if (outcome === "not-converted") expect(item.remedy).toBeTruthy()
	})

	test("a proved copy is converted without a word more", () => {
		const validation = { post_checks: [{ command: "true", expected_exit_code: 0 }] }
		expect(itemAt(convert({ ...operations(copy()), validation }), "$.operations[0]")).toMatchObject({
			outcome: "converted",
			message: 'pool "a" copies "src/a" to "/etc/a"',
		})
	})

	test("the one that is overwritten says by which", () => {
		const result = convert(operations(copy({ id: "first" }), copy({ id: "second" })))
		expect(itemAt(result, "$.operations[0]")).toMatchObject({
			outcome: "noted",
			message: expect.stringMatching(/^"second" writes the same/),
		})
	})

	test("a target below another one is refused, and its pool is off", () => {
		const result = convert(operations(copy(), copy({ id: "b", target: "/etc/a/b" })))
		expect(itemAt(result, "$.operations[1]")).toMatchObject({
			outcome: "not-converted",
			message: expect.stringMatching(/"\/etc\/a" a file.*switched off until it is complete/),
		})
		expect(outline(result)).toEqual(["-a-b: a>/etc/a"])
	})

	test("a script before a file says that it now comes after it", () => {
		const result = convert(operations(script(), copy()))
		expect(itemAt(result, "$.operations[0]").message).toMatch(/also those that came after it/)
		expect(itemAt(convert(operations(copy(), script())), "$.operations[1]").message).not.toMatch(/came after/)
	})

	test("a file that cannot be a source says why", () => {
		const problems = [{ target: "link", message: "it is a link that leaves src/", remedy: "put a copy there" }]
		const result = convert(operations(copy({ source: "link" })), { problems })
		expect(itemAt(result, "$.operations[0]")).toMatchObject({
			outcome: "not-converted",
			message: '"src/link": it is a link that leaves src/',
			remedy: "put a copy there",
		})
	})
})

test("permissions: user becomes owner, 0o644 an octal mode, what is not given stays so", () => {
	const permitted = (permissions: Json) =>
		convert(operations(copy({ permissions }))).module?.pools[0]?.operations[0]?.permissions
	expect(permitted({ user: "www-data", group: "adm", mode: "0o644" })).toEqual({
		owner: "www-data",
		group: "adm",
		mode: "0644",
	})
	expect(permitted({ mode: "755" })).toEqual({ mode: "755" })
	expect(permitted({})).toBeUndefined()
})

describe("checks", () => {
	const validation = {
		pre_checks: [{ command: "test -d /etc", expected_exit_code: 0 }],
		post_checks: [{ command: "id", expected_exit_code: 0 }],
	}
	const two = operations(copy(), copy({ id: "b", target: "/etc/b" }))

	test("with rollback: checks and closure of every pool, after the scripts", () => {
		const { module } = convert({
			...operations(copy(), script(), copy({ id: "off", target: "/b", enabled: false })),
			validation,
		})
		expect(module?.finalClosure).toEqual([])
		expect(
			module?.pools.map(({ checks, closure }) => ({ checks, closure: closure.map((line) => line.slice(0, 4)) })),
		).toEqual([
			{ checks: ["test -d /etc"], closure: ["if [", "id"] },
			{ checks: ["test -d /etc"], closure: ["id"] },
		])
	})

	test("without rollback: post checks are the final closure", () => {
		const { module } = convert({ ...two, validation, config: { rollback_on_failure: false } })
		expect(module?.finalClosure).toEqual(["id"])
		expect(module?.pools.map(({ checks, closure }) => [checks, closure])).toEqual([
			[["test -d /etc"], ["test -f /etc/a"]],
			[["test -d /etc"], ["test -f /etc/b"]],
		])
	})

	const rows: [name: string, list: string, check: Json, outcome: ConversionItem["outcome"], message: RegExp][] = [
		[
			"before",
			"pre_checks",
			{ command: "id", expected_exit_code: 0 },
			"noted",
			/a check of each pool; it runs again after the closure/,
		],
		[
			"before, and it changes something",
			"pre_checks",
			{ command: "systemctl restart a" },
			"not-converted",
			/changes the appliance/,
		],
		["after", "post_checks", { command: "id", expected_exit_code: 0 }, "converted", /each pool's closure/],
		[
			"after, and it changes something",
			"post_checks",
			{ command: "systemctl restart a", expected_exit_code: 0 },
			"converted",
			/closure/,
		],
		["nothing expected", "post_checks", { command: "id" }, "noted", /its exit status must be 0/],
		["what no command can hold", "post_checks", { command: "id", expected: "a\0" }, "not-converted", /NUL/],
	]
	test.each(rows)("%s", (_, list, check, outcome, message) => {
		const item = itemAt(convert({ ...two, validation: { [list]: [check] } }), `$.validation.${list}[0]`)
		expect(item).toMatchObject({ kind: "check", outcome, message: expect.stringMatching(message) })
	})
})

describe("time limits", () => {
	const validation = { post_checks: [{ command: "id" }] }
	const limited = (seconds: number | undefined, ...list: Json[]) =>
		convert({ ...operations(...list), validation, ...(seconds && { config: { validation_timeout: seconds } }) })
	test.each([
		["the checks'", limited(30, copy()), 30, "converted"],
		["a script's default", limited(30, script()), 300, "noted"],
		["a script's own", limited(30, script({ timeout: 20 })), 30, "converted"],
		["the longest script's", limited(30, script({ timeout: 40 }), script({ id: "b", timeout: 900 })), 900, "noted"],
	] as const)("%s", (_, result, seconds, outcome) => {
		expect(result.module?.pools[0]?.timeoutSeconds).toBe(seconds)
		expect(itemAt(result, "$.config.validation_timeout").outcome).toBe(outcome)
	})
	test("none given: ours", () => expect(limited(undefined, copy()).module?.pools[0]?.timeoutSeconds).toBe(300))
	test("a script that got more time says so", () => {
		const result = limited(30, script({ timeout: 40 }), script({ id: "b", timeout: 900 }))
		expect(itemAt(result, "$.operations[0]").message).toMatch(/it may take 900 seconds there instead of 40/)
		expect(itemAt(result, "$.operations[1]").message).not.toMatch(/may take/)
	})
	test("a limit without a check limits nothing", () => {
		const result = convert({ ...operations(copy()), config: { validation_timeout: 30 } })
		expect(result.module?.pools[0]?.timeoutSeconds).toBe(300)
		expect(itemAt(result, "$.config.validation_timeout").message).toMatch(/no check/)
	})
})

test("each setting is told once, with what is different here", () => {
	const config = { backup_dir: "/b", log_file: "/l", validation_timeout: 30, rollback_on_failure: false }
	const rollback = { enabled: false, preserve_backups: false, rollback_order: "forward" }
	const result = convert({ ...operations(copy()), config, rollback })
	const settings = result.items.filter(({ kind }) => kind === "setting")
	expect(settings.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
		"config.backup_dir noted",
		"config.log_file noted",
		"config.validation_timeout noted",
		"config.rollback_on_failure noted",
		"rollback.enabled noted",
		"rollback.preserve_backups noted",
		"rollback.rollback_order noted",
	])
})

test("unknown keys are told where they stand; those of metadata are kept", () => {
	const text = JSON.stringify(
		{
			metadata: { ...metadata, created: "2024", enabled: false },
			operations: [copy({ phase: 1, permissions: { owner: "x" } })],
			extra: 1,
		},
		null,
		2,
	)
	const { conversion } = convertLegacy(text, { present, problems: [] })
	const keys = conversion?.items.filter(({ kind }) => kind === "key") ?? []
	expect(keys.map(({ path, outcome, line, column }) => [path, outcome, `${line}:${column}`])).toEqual([
		["$.operations[0].phase", "not-converted", "14:7"],
		["$.operations[0].permissions.owner", "not-converted", "16:9"],
		["$.extra", "not-converted", "20:3"],
	])
	expect(JSON.parse(conversion?.index ?? "").metadata).toEqual({ ...metadata, created: "2024", enabled: false })
})

describe("targets", () => {
	const targets = (...list: Json[]) => ({ metadata, targets: list })
	const check = (version_check: Json) => target({ version_check })
	const rows: [name: string, target: Json, pools: string[], test: string, condition: ConversionItem["outcome"]][] = [
		["always", target(), ["x"], "", "converted"],
		[
			"a file is there",
			check({ type: "file_exists", path: "/etc/it's" }),
			["x"],
			" && [ -e '/etc/it'\\''s' ]",
			"converted",
		],
		[
			"no file is there",
			check({ type: "file_exists", path: "/etc/a", invert: true }),
			["x"],
			" && [ ! -e /etc/a ]",
			"converted",
		],
		["a file, and which?", check({ type: "file_exists" }), ["-x"], "", "not-converted"],
		["never", check({ type: "always", value: false }), ["-x"], "", "not-converted"],
		["by hand", check({ type: "manual" }), ["-x"], "", "not-converted"],
		[
			"a module's version",
			check({ type: "module_schema", module: "gogs", max_version: "0.1.7" }),
			["-x"],
			"",
			"not-converted",
		],
		["a program's version", check({ type: "binary_version", binary: "/usr/bin/git" }), ["-x"], "", "not-converted"],
		["a type like a word of JavaScript", check({ type: "constructor" }), ["-x"], "", "not-converted"],
		["has run", target({ has_run: true }), ["-x"], "", "converted"],
		["has not run", target({ has_run: false }), ["x"], "", "converted"],
	]
	test.each(rows)("%s", (_, given, pools, condition, outcome) => {
		const result = convert(targets(given))
		expect(outline(result).map((line) => line.split(":")[0])).toEqual(pools)
		const path = "/usr/local/lib/hotfix/x/x.sh"
		expect(result.module?.pools[0]?.closure).toEqual([
			`if [ -e ${path} ]${condition}; then (cd /usr/local/lib/hotfix/x && ${path}); fi`,
		])
		expect(itemAt(result, "$.targets[0].version_check")).toMatchObject({ kind: "condition", outcome })
		expect(itemAt(result, "$.targets[0]")).toMatchObject({ kind: "target", outcome: "noted" })
	})

	test("one whose script is not there is not converted, the others are", () => {
		const result = convert(targets(target({ id: "none" }), target({ id: "y" })))
		expect(outline(result)).toEqual(["y: y.sh>/usr/local/lib/hotfix/y/y.sh"])
		expect(itemAt(result, "$.targets[0]")).toMatchObject({
			outcome: "not-converted",
			message: 'there is no file "none.sh" in src/',
		})
	})

	test("an id that leaves src/ names no script", () => {
		expect(itemAt(convert(targets(target({ id: "../x" }))), "$.targets[0]")).toMatchObject({
			outcome: "not-converted",
			message: expect.stringMatching(/leaves src/),
		})
	})
})

describe("files", () => {
	test("what a pool uses, and the rest aside", () => {
		const { sources, aside, items } = convert(operations(copy()), { present: ["a", "b", "c"] })
		expect({ sources, aside }).toEqual({ sources: ["a"], aside: ["b", "c"] })
		expect(items.filter(({ kind }) => kind === "file").map(({ name }) => name)).toEqual(['"src/b"', '"src/c"'])
	})
	test("many are told as a number", () => {
		const { items } = convert(operations(copy()), {
			present: ["a", ...Array.from({ length: 50 }, (_, index) => `f${index}`)],
		})
		expect(
			items
				.filter(({ kind }) => kind === "file")
				.map(({ name }) => name)
				.at(-1),
		).toBe("30 further ones")
	})
	test("a name that would take the terminal over is made plain", () => {
		const { items } = convert(operations(copy()), { present: ["a", "\x1b[2J"] })
		expect(items.find(({ kind }) => kind === "file")?.name).toBe('"src/"')
	})
})

test("where nothing can be a pool the new index says that it has none", () => {
	const { module, findings, pools } = convert(operations(copy({ type: "append" })))
	expect(module).toBeUndefined()
	expect(pools).toBe(0)
	expect(findings.filter(({ severity }) => severity === "fault")).toMatchObject([{ rule: "no-pools" }])
})

describe("every fault of the legacy file, at once, at its place", () => {
	const faultsOf = (value: unknown) =>
		convertLegacy(typeof value === "string" ? value : JSON.stringify(value, null, 1), {
			present,
			problems: [],
		}).findings.map(({ path, line, column, rule }) => `${line}:${column} ${path} ${rule}`)
	const rows: [name: string, value: unknown, faults: string[]][] = [
		["no JSON", "{", ["1:2 $ syntax"]],
		["nothing", "", ["1:1 $ empty-file"]],
		["a list", "[]", ["1:1 $ no-legacy-module"]],
		["no module", { metadata }, ["1:1 $ no-legacy-module"]],
		["two formats", { metadata, operations: [], targets: [] }, ["6:13 $.targets two-formats"]],
		["no list", { metadata, operations: {} }, ["5:16 $.operations wrong-type"]],
		[
			"a version that is none",
			{ metadata: { schema_version: "1.0" }, operations: [copy()] },
			["3:21 $.metadata.schema_version value-not-allowed"],
		],
		[
			"several in one operation",
			operations({ type: "copy", source: 1, timeout: 0, enabled: "yes" }),
			[
				"6:3 $.operations[0].id missing",
				"6:3 $.operations[0].target missing",
				"8:14 $.operations[0].source wrong-type",
				"9:15 $.operations[0].timeout seconds-out-of-range",
				"10:15 $.operations[0].enabled wrong-type",
			],
		],
		[
			"checks",
			{
				...operations(copy()),
				validation: {
					pre_checks: [{ command: " " }],
					post_checks: [{ expected: 200, command: "id", expected_exit_code: 256 }],
				},
			},
			[
				"17:16 $.validation.pre_checks[0].command value-not-allowed",
				"22:17 $.validation.post_checks[0].expected wrong-type",
				"24:27 $.validation.post_checks[0].expected_exit_code exit-code-out-of-range",
			],
		],
		[
			"a limit",
			{ ...operations(copy()), config: { validation_timeout: -1 } },
			["15:25 $.config.validation_timeout seconds-out-of-range"],
		],
		["a target without condition", { metadata, targets: [{ id: "x" }] }, ["6:3 $.targets[0].version_check missing"]],
		[
			"pools: the present rules and has_run",
			{ metadata, pools: [{ id: "a b", operations: [], closure: ["true"], has_run: 1 }] },
			[
				"7:10 $.pools[0].id pool-id-not-allowed",
				"8:18 $.pools[0].operations no-operations",
				"12:15 $.pools[0].has_run wrong-type",
			],
		],
	]
	test.each(rows)("%s", (_, value, faults) => expect(faultsOf(value).sort()).toEqual(faults.sort()))

	test("more checks than can go into every pool", () => {
		const many = <T>(count: number, item: T) => Array.from({ length: count }, () => item)
		const index = { ...operations(...many(300, copy())), validation: { pre_checks: many(200, { command: "id" }) } }
		expect(faultsOf(index)).toEqual([expect.stringMatching(/\$\.validation too-many-checks$/)])
	})
})

describe.each(["operations", "targets", "pools"])("the example with %s", (variant) => {
	const folder = join(projectFolder, "test/fixtures/legacy", variant)
	const text = readFileSync(join(folder, "index.json"), "utf8")

	test("becomes this module, and nothing of it is left untold", () => {
		const files = {
			present: [
				"auth.py",
				"security.conf",
				"homeserver-tool",
				"repair.sh",
				"logrotate.sh",
				"service_links.sh",
				"repository_fix.sh",
				"example.sh",
				"app.conf",
			],
			problems: [],
		}
		const { conversion, findings } = convertLegacy(text, files)
		expect(findings).toEqual([])
		expect(JSON.parse(conversion?.index ?? "")).toEqual(JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")))
		expect(conversion?.findings.filter(({ severity }) => severity === "fault")).toEqual([])
	})
})
