import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findingSchema } from "../../../../core/schema/finding.ts"
import { parseJsonText, plainValue } from "../../../../core/schema/json-text.ts"
import { normalTarget } from "../../../../core/schema/manifest.ts"
import { type Module, moduleSchema, poolIdPattern } from "../../../../core/schema/module.ts"
import { findingsOf, readIndex, readLintedIndex } from "../../../../core/schema/module-index.ts"
import { targetsOf } from "../../../../core/schema/targets.ts"

const words = [
	"metadata",
	"schema_version",
	"pools",
	"id",
	"operations",
	"target",
	"destination",
	"closure",
	"checks",
	"permissions",
]
const someText = fc.constantFrom(
	"1.0.0",
	"a",
	"src/a",
	"../a",
	"/etc/a",
	"/etc//a",
	"/proc/x",
	"",
	" ",
	"\0",
	"\ud800",
	"0644",
	"p",
	"npm build",
)
/** JSON that looks like a module often enough to reach every rule. */
const moduleLike = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 5 },
		someText,
		fc.constantFrom(0, 1, -1, true, null),
		fc.array(tie("value"), { maxLength: 3 }),
		fc.dictionary(fc.constantFrom(...words, "__proto__", "constructor", "other"), tie("value")),
	),
})).value
/** Mostly right, so that whole modules come out sound often enough, and sometimes wrong in every way. */
const mostly = <T>(right: T[], ...wrong: fc.Arbitrary<T>[]) =>
	fc.oneof(
		{ weight: 12, arbitrary: fc.constantFrom(...right) },
		...wrong.map((arbitrary) => ({ weight: 1, arbitrary })),
	)
const operation = fc.record(
	{
		target: mostly(["a", "src/a", "b/c", "ä"], someText),
		destination: mostly(
			["/etc/a", "/etc/b", "/srv/a/b", "/srv/c", "/opt/ä"],
			someText,
			fc.string().map((text) => `/${text}`),
		),
		permissions: fc.dictionary(fc.constantFrom("mode", "owner"), mostly(["0644", "755"], someText)),
	},
	{ requiredKeys: ["target", "destination"] },
)
const pool = fc.record(
	{
		id: mostly(["p", "q", "r.s-t_u"], someText, fc.string()),
		operations: fc.array(operation, { minLength: 1, maxLength: 3 }),
		closure: fc.array(mostly(["make", "cd /"], someText), { minLength: 1, maxLength: 2 }),
		timeoutSeconds: mostly([1, 300], fc.constantFrom(0, -1, 1e9)),
		checks: fc.array(mostly(["ls"], someText), { maxLength: 1 }),
	},
	{ requiredKeys: ["id", "operations", "closure"] },
)
const nearModule = fc.record({
	metadata: fc.record({ schema_version: mostly(["1.0.0", "1.2.3-rc.1"], fc.constant("1.0")) }),
	pools: fc.array(pool, { maxLength: 2 }),
	finalClosure: fc.array(mostly(["ls"], someText), { maxLength: 1 }),
})
/** JSON text with a few characters changed, so that it mostly is none any more. */
const brokenText = fc
	.tuple(
		fc.oneof(nearModule, fc.jsonValue()),
		fc.array(
			fc.tuple(
				fc.nat(),
				fc.constantFrom(
					",",
					"}",
					"]",
					"{",
					'"',
					"/",
					"*",
					"\\",
					"\ufeff",
					"\n",
					"-",
					"0",
					"'",
					"\0",
					"e",
					".",
					"\u00a0",
				),
				fc.boolean(),
			),
		),
	)
	.map(([value, changes]) =>
		changes.reduce((text, [at, character, replaces]) => {
			const index = at % (text.length + 1)
			return text.slice(0, index) + character + text.slice(index + (replaces ? 1 : 0))
		}, JSON.stringify(value)),
	)
const anyText = fc.oneof(
	fc.string({ unit: "binary" }),
	brokenText,
	fc.oneof(moduleLike, nearModule).map((value) => JSON.stringify(value) ?? ""),
)

function isJson(text: string): boolean {
	try {
		JSON.parse(text)
		return true
	} catch {
		return false
	}
}

describe("any text", () => {
	test("is read without an exception: a module, or a fault that says why not", () => {
		fc.assert(
			fc.property(anyText, (text) => {
				const { module, findings } = readLintedIndex(text)
				expect(module === undefined).toBe(findings.some(({ severity }) => severity === "fault"))
				const lines = text.split(/\r\n|\n|\r/)
				for (const finding of findings) {
					expect(findingSchema.safeParse(finding).success).toBe(true)
					expect(finding.column - 1).toBeLessThanOrEqual(lines[finding.line - 1]?.length ?? -1)
					expect(finding.message + finding.remedy + finding.path).not.toMatch(/undefined|\n|\0/)
				}
				expect(findings).toEqual(findings.toSorted((a, b) => a.line - b.line || a.column - b.column))
				expect(() => targetsOf(text)).not.toThrow()
			}),
			{ numRuns: 300 },
		)
	})

	test("counts as JSON exactly when JSON.parse takes it, with the same value; except for keys that stand twice", () => {
		fc.assert(
			fc.property(anyText, (text) => {
				const { root, faults } = parseJsonText(text)
				const isClean = faults.every(({ rule }) => rule === "duplicate-key")
				expect(isClean).toBe(isJson(text))
				if (isClean && root) expect(plainValue(root)).toEqual(JSON.parse(text))
			}),
			{ numRuns: 600 },
		)
	})
})

describe("a module without fault", () => {
	test("keeps every rule of the design", () => {
		let sound = 0
		fc.assert(
			fc.property(nearModule, (value) => {
				const { module } = readIndex(JSON.stringify(value))
				if (!module) return
				sound += 1
				expectRules(module)
				expect(module).toEqual(moduleSchema.parse(JSON.parse(JSON.stringify(value))))
			}),
			{ numRuns: 500 },
		)
		expect(sound).toBeGreaterThan(20)
	})

	test("has findings that do not depend on the document's spacing", () => {
		fc.assert(
			fc.property(nearModule, (value) => {
				const rules = (text: string) => findingsOf(text).map(({ rule, path }) => `${rule} ${path}`)
				expect(rules(JSON.stringify(value, null, "\t"))).toEqual(rules(JSON.stringify(value)))
			}),
		)
	})
})

function expectRules(module: Module) {
	const ids = module.pools.map(({ id }) => id)
	expect(module.metadata.schema_version).toMatch(/^\d+\.\d+\.\d+/)
	expect(new Set(ids).size).toBe(ids.length)
	expect(ids.every((id) => poolIdPattern.test(id))).toBe(true)
	expect(module.pools.length).toBeGreaterThan(0)
	for (const { operations, closure, checks, timeoutSeconds } of module.pools) {
		const destinations = operations.map(({ destination }) => destination)
		expect(Math.min(operations.length, closure.length)).toBeGreaterThan(0)
		expect(new Set(destinations).size).toBe(destinations.length)
		expect(timeoutSeconds).toBeGreaterThan(0)
		for (const command of [...closure, ...checks, ...module.finalClosure]) expect(command.trim()).not.toMatch(/^$|\0/)
		for (const { target, destination } of operations) {
			expect(normalTarget(target)).not.toMatch(/^$|^\/|\0|(^|\/)\.\.(\/|$)/)
			expect(destination).toMatch(/^(\/[^/\0]+)+$/)
			expect(destination).not.toMatch(/^\/(proc|sys|dev|var\/lib\/hotfix)(\/|$)|\/\.{1,2}(\/|$)/)
		}
	}
}
