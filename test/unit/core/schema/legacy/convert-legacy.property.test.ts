import fc from "fast-check"
import { expect, test } from "vitest"
import {
	type Conversion,
	conversionItemSchema,
	type LegacyFiles,
	printItem,
} from "../../../../../core/schema/legacy/conversion.ts"
import { convertLegacy } from "../../../../../core/schema/legacy/convert-legacy.ts"
import { readIndex } from "../../../../../core/schema/module-index.ts"

const files: LegacyFiles = {
	present: ["a", "b/c", "ä.sh", "x.sh", "it's"],
	problems: [{ target: "link", message: "it is a link that leaves src/", remedy: "put a copy there" }],
}
/** Mostly right, and sometimes anything. */
const mostly = (...right: string[]) =>
	fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: fc.string({ unit: "binary" }) })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const seconds = fc.constantFrom(0.5, 1, 30, 300, 604_800)
const metadata = fc.record(
	{ schema_version: fc.constantFrom("1.0.0", "0.1.2-a"), description: fc.string(), created: fc.string() },
	{ requiredKeys: ["schema_version"] },
)
const operation = fc.record(
	{
		id: mostly("a", "a-2", "fix", "Ä/1", "..", "x".repeat(90)),
		type: mostly("copy", "append", "symlink", "execute", "constructor"),
		source: mostly("a", "src/b/c", "ä.sh", "it's", "link", "none", "../a", "b"),
		target: mostly("/etc/a", "/etc/a/b", "/etc/ä", "/etc//a", "/proc/a", "etc/a", "/it's"),
		description: fc.string(),
		backup: fc.boolean(),
		permissions: fc.record(
			{ user: mostly("root", "a:b"), group: mostly("adm", ""), mode: mostly("644", "0o755", "rw") },
			{ requiredKeys: [] },
		),
		enabled: optional(fc.boolean()),
		marker: fc.string(),
		working_dir: mostly("/tmp", "tmp", "/it's"),
		timeout: seconds,
		cleanup_after: fc.boolean(),
		phase: fc.nat(),
	},
	{ requiredKeys: ["id", "type", "source", "target"] },
)
const check = fc.record(
	{
		command: mostly("id", "systemctl restart x", "echo 'a", "cd /x", "a) b (")
			.map((command) => command.replaceAll(/\0|\p{Surrogate}/gu, "") || "id")
			.map((command) => (command.trim() === "" ? "id" : command)),
		expected: mostly("active", "it's", "\0"),
		expected_exit_code: fc.constantFrom(0, 1, 255, -9),
		description: fc.string(),
	},
	{ requiredKeys: ["command"] },
)
const operationsModule = fc.record(
	{
		metadata,
		operations: fc.array(operation, { maxLength: 8 }),
		config: fc.record(
			{ backup_dir: fc.string(), validation_timeout: seconds, rollback_on_failure: fc.boolean() },
			{ requiredKeys: [] },
		),
		validation: fc.record(
			{ pre_checks: fc.array(check, { maxLength: 3 }), post_checks: fc.array(check, { maxLength: 3 }) },
			{ requiredKeys: [] },
		),
		rollback: fc.record(
			{ enabled: fc.boolean(), preserve_backups: fc.boolean(), rollback_order: fc.string() },
			{ requiredKeys: [] },
		),
		__proto__: fc.constant(1),
	},
	{ requiredKeys: ["metadata", "operations"] },
)
const targetsModule = fc.record({
	metadata,
	targets: fc.array(
		fc.record(
			{
				id: mostly("a", "x", "ä", "it's", "../x", ""),
				description: fc.string(),
				version_check: fc.record(
					{
						type: mostly("always", "file_exists", "manual", "module_schema", "toString"),
						path: mostly("/etc/a", "a", "/it's\0"),
						invert: fc.boolean(),
						value: fc.boolean(),
					},
					{ requiredKeys: ["type"] },
				),
				has_run: fc.boolean(),
			},
			{ requiredKeys: ["id", "version_check"] },
		),
		{ maxLength: 8 },
	),
})
const poolsModule = fc.record({
	metadata,
	pools: fc.uniqueArray(
		fc.record(
			{
				id: fc.constantFrom("a", "b", "c"),
				operations: fc.constant([{ target: "a", destination: "/etc/a" }]),
				closure: fc.constant(["true"]),
				has_run: fc.boolean(),
				target_schema_version: fc.string(),
				__proto__: fc.constant("kept"),
			},
			{ requiredKeys: ["id", "operations", "closure"] },
		),
		{ selector: ({ id }) => id, minLength: 1 },
	),
})

function convert(value: unknown): Conversion {
	const { conversion, findings } = convertLegacy(JSON.stringify(value), files)
	expect(findings).toEqual([])
	return conversion as Conversion
}

/** What holds of every conversion. */
function expectSound({ index, items, findings, pools, sources }: Conversion): void {
	JSON.parse(index)
	const { module } = readIndex(index)
	const faults = findings.filter(({ severity }) => severity === "fault").map(({ rule, path }) => `${rule} ${path}`)
	expect(faults).toEqual(pools === 0 ? ["no-pools $.pools"] : [])
	expect(module?.pools.length ?? 0).toBe(pools)
	const named = (module?.pools ?? []).flatMap(({ operations }) => operations.map(({ target }) => target))
	expect(new Set(sources)).toEqual(new Set(named))
	for (const item of items) {
		expect(conversionItemSchema.parse(item)).toEqual(item)
		expect(printItem(item)).not.toMatch(/[\p{Cc}]/u)
	}
}

/** Each of a list once in the report. */
function expectEachOnce({ items }: Conversion, list: string, kind: string, count: number): void {
	const paths = items.filter((item) => item.kind === kind).map(({ path }) => path)
	expect(paths.sort()).toEqual(Array.from({ length: count }, (_, index) => `$.${list}[${index}]`).sort())
}

test("whatever operations there are, each is told once and the result is sound", () => {
	fc.assert(
		fc.property(operationsModule, (value) => {
			const conversion = convert(value)
			expectSound(conversion)
			expectEachOnce(conversion, "operations", "operation", value.operations.length)
			const checks = (value.validation?.pre_checks?.length ?? 0) + (value.validation?.post_checks?.length ?? 0)
			expect(conversion.items.filter(({ kind }) => kind === "check")).toHaveLength(checks)
			expectNothingSwitchedOn(conversion, value.operations)
		}),
		{ numRuns: 400 },
	)
})

/** What the old program would not have run, a run of the new module does not either. */
function expectNothingSwitchedOn(
	{ index }: Conversion,
	operations: { enabled?: boolean | undefined; source: string; target: string; type: string }[],
): void {
	for (const pool of readIndex(index).module?.pools ?? []) {
		if (!pool.enabled) continue
		for (const { destination } of pool.operations) {
			if (destination.startsWith("/usr/local/lib/hotfix/")) continue
			expect(operations.some(({ enabled, target }) => enabled === true && target === destination)).toBe(true)
		}
	}
}

test("whatever targets there are, each is told once and the result is sound", () => {
	fc.assert(
		fc.property(targetsModule, (value) => {
			const conversion = convert(value)
			expectSound(conversion)
			expectEachOnce(conversion, "targets", "target", value.targets.length)
			expectEachOnce(
				{
					...conversion,
					items: conversion.items.map((item) => ({ ...item, path: item.path.replace(/\.version_check$/, "") })),
				},
				"targets",
				"condition",
				value.targets.length,
			)
		}),
		{ numRuns: 300 },
	)
})

test("pools stay as they are but for two keys", () => {
	fc.assert(
		fc.property(poolsModule, (value) => {
			const conversion = convert(value)
			expectSound(conversion)
			expectEachOnce(conversion, "pools", "pool", value.pools.length)
			const plain = JSON.parse(JSON.stringify(value))
			for (const pool of plain.pools) {
				if (pool.has_run) pool.enabled = false
				delete pool.has_run
				delete pool.target_schema_version
			}
			expect(JSON.parse(conversion.index)).toEqual(plain)
		}),
	)
})

test("no text at all makes it throw, and it converts or says faults", () => {
	const key = fc.constantFrom(
		"metadata",
		"operations",
		"targets",
		"pools",
		"validation",
		"pre_checks",
		"command",
		"id",
		"type",
		"permissions",
		"version_check",
		"__proto__",
		"schema_version",
	)
	const like = fc.letrec<{ value: unknown }>((tie) => ({
		value: fc.oneof(
			{ maxDepth: 5 },
			fc.constantFrom("1.0.0", "copy", "", 1, true, null),
			fc.array(tie("value"), { maxLength: 3 }),
			fc.dictionary(key, tie("value")),
		),
	})).value
	const text = fc.oneof(
		fc.string(),
		like.map((value) => JSON.stringify(value)),
		operationsModule.map((value) => JSON.stringify(value).slice(0, -3)),
	)
	fc.assert(
		fc.property(text, (given) => {
			const { conversion, findings } = convertLegacy(given, files)
			expect(conversion === undefined).toBe(findings.length > 0)
			if (conversion) expectSound(conversion)
		}),
		{ numRuns: 1000 },
	)
})

test("a hostile file costs seconds", () => {
	const operations = Array.from({ length: 12_000 }, () => ({
		id: "a",
		type: "copy",
		source: "a",
		target: "/etc/a",
		enabled: true,
		x: 1,
	}))
	const before = process.cpuUsage()
	const conversion = convert({
		metadata: { schema_version: "1.0.0" },
		operations,
		config: { rollback_on_failure: false },
	})
	expect(conversion.pools).toBe(12_000)
	expectEachOnce(conversion, "operations", "operation", 12_000)
	// Of the processor: the machine may be busy with other tests.
	expect(process.cpuUsage(before).user).toBeLessThan(15_000_000)
}, 180_000)
