import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fleetYaml } from "../../../../../core/fleet/fleet-import/fleet-yaml.ts"
import { parseImport, type TextFormat } from "../../../../../core/fleet/fleet-import/parse-import.ts"
import { planImport } from "../../../../../core/fleet/fleet-import/plan-import.ts"
import { splitCsv } from "../../../../../core/fleet/fleet-import/split-csv.ts"
import type { Appliance } from "../../../../../core/schema/appliance.ts"
import { applianceSchema } from "../../../../../core/schema/appliance.ts"
import { fleetCsv } from "../../../../../core/schema/fleet-csv.ts"
import { changesOf, importedSchema, importPreviewSchema } from "../../../../../core/schema/fleet-import.ts"
import { makeAppliance } from "../make.ts"

const plan = (text: string, fleet: Appliance[] = [], format: TextFormat = "csv") =>
	planImport(parseImport(text, format), format, fleet)

const alpha = makeAppliance({ id: "a", name: "Alpha", host: "alpha.test", tags: ["own"], notes: "by hand" })
const beta = makeAppliance({ id: "b", name: "Beta", host: "beta.test", port: 2222 })

describe("against the fleet", () => {
	test.each([
		["another address and name", "name,host\nGamma,gamma.test", "new"],
		["the same address, in other letters", "name,host\nAlpha,ALPHA.test", "changed"],
		["the same in all that is said", "name,host\nAlpha,alpha.test", "same"],
		["the same address under another name", "name,host\nOther,alpha.test", "changed"],
		["the same name at another address", "name,host\nAlpha,10.0.0.9", "changed"],
		["another port is another appliance", "name,host,port\nOther,alpha.test,2200", "new"],
		["behind a jump host it may be the known one", "name,host,jump\nAlpha,alpha.test,gate", "changed"],
	])("%s", (_, text, standing) => expect(plan(text, [alpha, beta]).rows).toMatchObject([{ standing }]))

	test("what is not said stays, what is said is shown as a change", () => {
		const [row] = plan("name,host,port,user\nAlpha,alpha.test,2200,support", [
			makeAppliance({ ...alpha, port: 2200, jump: "gate" }),
		]).rows
		expect(row).toMatchObject({ standing: "changed", appliance: { tags: ["own"], notes: "by hand", jump: "gate" } })
		expect(row && changesOf(row)).toEqual([{ field: "user", from: "root", to: "support" }])
	})

	test("an empty cell takes away what was there, and is shown", () => {
		const [row] = plan("name,host,tags\nAlpha,alpha.test,", [alpha]).rows
		expect(row && changesOf(row)).toEqual([{ field: "tags", from: "own", to: "" }])
	})

	test("groups of an inventory are added to the tags of a person", () => {
		const [row] = plan("[web]\nAlpha ansible_host=alpha.test", [alpha], "ansible-ini").rows
		expect(row && changesOf(row)).toEqual([{ field: "tags", from: "own", to: "own, web" }])
	})

	test.each([
		["the same name twice", "name,host\nX,a\nX,b", '3: "X" has the name or the address of line 2'],
		["the same address twice", "name,host\nX,a\nY,A", '3: "Y" has the name or the address of line 2'],
		["two rows that mean one appliance", "name,host\nBeta,alpha.test\nAlpha,x", '2: the fleet has another "Beta"'],
		["a name that another one has", "name,host\nBeta,new.test\nBeta,beta.test", '2: the fleet has another "Beta"'],
		["marks that reorder", "name,host\nA\u202eb,a", "2: name is not one"],
		["a host that is a pattern", "host\n*.example", "2: host is not one"],
		["two ports", "host\nweb:1:22", "2: host is not one: a host name or address, its port apart"],
		["an account before the host", "host\nroot@a:22", "2: host is not one"],
		["brackets", "host\n[a", "2: host is not one"],
		["a semicolon", 'host,name\n"a;b",x', "2: host is not one"],
		["an escape sequence", "name,host\nA\u001b[2J,a", "2: name is not one"],
		["a port too high", "host,port\na,70000", "2: port is not one: a number from 1 to 65535"],
	])("%s is told and not imported", (_, text, problem) => {
		const preview = plan(text, [alpha, makeAppliance({ ...beta, host: "elsewhere.test" })])
		if (/another "Beta"/.test(problem) && /Beta,new/.test(text))
			return expect(preview.rows).toMatchObject([{ standing: "changed" }])
		expect(preview.problems.map(({ line, text }) => `${line}: ${text}`)).toEqual([expect.stringContaining(problem)])
		expect(preview.rows.filter(({ line }) => problem.startsWith(`${line}:`))).toEqual([])
	})

	test("a place that another one has is told, not shown as a change that is refused", () => {
		const support = makeAppliance({ ...alpha, id: "a2", name: "Support", user: "support" })
		expect(plan("name,host,user\nAlpha,alpha.test,support", [alpha, support])).toMatchObject({
			rows: [],
			problems: [{ line: 2, text: 'the fleet has "Support" at "support@alpha.test" already' }],
		})
	})

	test("a note of a source stays one, once", () => {
		const hosts = [1, 2, 3].map((n) => `h${n} ansible_ssh_common_args='-o StrictHostKeyChecking=no'`)
		const { rows, problems } = plan(hosts.join("\n"), [], "ansible-ini")
		expect(rows).toHaveLength(3)
		expect(problems).toEqual([{ line: 1, isNote: true, text: expect.stringContaining("host keys are checked here") }])
	})

	describe("behind another jump host the same address is another machine", () => {
		const near = makeAppliance({ id: "c1", name: "cust1", host: "10.0.0.5" })
		const far = makeAppliance({ ...near, jump: "bast1" })
		const straight = makeAppliance({ ...near, jump: "none" })
		test.each([
			["only the row names one, another name", near, "cust2,10.0.0.5,bast2", "new"],
			["only the row names one, the same name", near, "cust1,10.0.0.5,bast2", "changed"],
			["only the fleet names one, another name", far, "cust2,10.0.0.5,", "new"],
			["only the fleet names one, the row says none", far, "cust2,10.0.0.5,none", "new"],
			["both name the same one", far, "cust2,10.0.0.5,bast1", "changed"],
			["each names its own, another name", far, "cust2,10.0.0.5,bast2", "new"],
			["none is no jump host: the fleet's", straight, "cust2,10.0.0.5,", "changed"],
			["none is no jump host: the row's", near, "cust2,10.0.0.5,NONE", "changed"],
			["none is no jump host: one goes through another", straight, "cust2,10.0.0.5,bast2", "new"],
		])("%s", (_, known, row, standing) =>
			expect(plan(`name,host,jump\n${row}`, [known])).toMatchObject({ rows: [{ standing }], problems: [] }),
		)

		test("a source that says nothing of jump hosts, and has another name: told, never guessed", () => {
			const { rows, problems } = plan("name,host\ncust2,10.0.0.5", [far])
			expect(rows).toEqual([])
			expect(problems).toEqual([
				{ line: 2, text: expect.stringContaining('the fleet has "cust1" at this address behind "bast1"') },
			])
			expect(plan("name,host\ncust1,10.0.0.5", [far]).rows).toMatchObject([{ standing: "same" }])
		})

		test("none and nothing are one place: there cannot be two at it", () => {
			const { problems } = plan("name,host,jump\nX,a,none\nY,a,", [])
			expect(problems).toEqual([{ line: 3, text: '"Y" has the name or the address of line 2' }])
		})
	})

	test("two of the fleet at one address are told apart by name, else by user, else not at all", () => {
		const twins = [alpha, makeAppliance({ ...alpha, id: "a2", name: "Alpha, support", user: "support" })]
		expect(plan('name,host\n"Alpha, support",alpha.test', twins).rows).toMatchObject([{ standing: "same" }])
		expect(plan("name,host,user\nNew,alpha.test,support", twins).rows).toMatchObject([{ was: { id: "a2" } }])
		expect(plan("name,host\nNew,alpha.test", twins)).toMatchObject({
			rows: [],
			problems: [{ line: 2, text: 'the fleet has 2 appliances with the address "alpha.test"' }],
		})
	})
})

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
const isSound = (part: keyof typeof importedSchema.shape) => (value: unknown) =>
	importedSchema.shape[part].safeParse(value).success
const formula = fc.constantFrom("", "=", "+", "-", "@", "'", "'=", "''@", "\t=", " -", ";", ",", '"', "＝")
const name = fc
	.tuple(formula, word)
	.map((parts) => parts.join("").trim())
	.filter(isSound("name"))
const appliance: fc.Arbitrary<Omit<Appliance, "id" | "host">> = fc.record(
	{
		name,
		port: fc.integer({ min: 1, max: 65_535 }),
		user: word.map((text) => text.trim()).filter((text) => text !== "" && isSound("user")(text)),
		signIn: fc.oneof(
			fc.constantFrom({ method: "agent" as const }, { method: "password" as const }),
			word.map((path) => ({ method: "key" as const, path })).filter((signIn) => isSound("signIn")(signIn)),
		),
		become: fc.constantFrom("none" as const, "sudo" as const, "doas" as const),
		jump: fc.constantFrom("gate", "u@gate:24,inner", "none", "[::1]:22", "o'b@x", `a"\\\\b@x`),
		tags: fc.uniqueArray(fc.oneof(name, fc.constantFrom("a b", "a_b", "a-b", "all", "__proto__", "{{ x }}")), {
			maxLength: 4,
		}),
		notes: fc
			.array(fc.oneof(word, fc.constantFrom("\r\n", "\n", "=cmd|' /c calc'!A0", '"', "\t")), { maxLength: 6 })
			.map((parts) => parts.join(""))
			.filter(isSound("notes")),
	},
	{ requiredKeys: ["name", "port", "user", "signIn", "become", "tags", "notes"] },
)
const fleet = fc.uniqueArray(appliance, { selector: ({ name }) => name, maxLength: 8 }).map((some) =>
	some.map((one, index) =>
		applianceSchema.parse({
			...one,
			id: `id-${index}`,
			host: index % 2 ? `2001:db8::${index}` : `host-${index}.example`,
		}),
	),
)

test("a fleet that was exported as CSV is read back exactly, and no cell of it is a formula", () => {
	fc.assert(
		fc.property(fleet, (appliances) => {
			const text = fleetCsv(appliances)
			const fresh = plan(text)
			expect(fresh.problems).toEqual([])
			expect(fresh.rows.map(({ appliance }) => appliance)).toEqual(appliances.map(({ id, ...rest }) => rest))
			expect(plan(text, appliances).rows.every(({ standing }) => standing === "same")).toBe(true)
			for (const { cells } of splitCsv(text, ","))
				for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/)
		}),
		{ numRuns: 400 },
	)
})

test("a fleet that was exported as an inventory is read back, to its last tag and note", () => {
	fc.assert(
		fc.property(fleet, (appliances) => {
			const text = fleetYaml(appliances)
			const { rows, problems } = plan(text, [], "ansible-yaml")
			expect(problems).toEqual([])
			const sorted = (some: Omit<Appliance, "id">[]) =>
				some.map((one) => ({ ...one, tags: one.tags.toSorted() })).sort((a, b) => (a.name < b.name ? -1 : 1))
			expect(sorted(rows.map(({ appliance }) => appliance))).toEqual(sorted(appliances.map(({ id, ...rest }) => rest)))
			expect(plan(text, appliances, "ansible-yaml").rows.every(({ standing }) => standing === "same")).toBe(true)
		}),
		{ numRuns: 400 },
	)
})

describe.each([
	["CSV", "csv", fleetCsv],
	["an inventory", "ansible-yaml", fleetYaml],
] as const)("notes that no import takes over take no appliance with them: %s", (_, format, write) => {
	test.each([
		["longer than there may be", "x".repeat(10_001)],
		["an end of text within", "a\u0000b"],
		["marks that reorder", "a\u202eb"],
	])("%s", (_, notes) => {
		const [one, other] = [makeAppliance({ ...alpha, notes }), beta]
		const fresh = plan(write([one, other]), [], format)
		expect(fresh.rows).toMatchObject([
			{ standing: "new", appliance: { name: "Alpha", host: "alpha.test", tags: ["own"], notes: "" } },
			{ standing: "new", appliance: { name: "Beta" } },
		])
		expect(fresh.problems).toEqual([
			{ line: expect.any(Number), text: expect.stringContaining('"Alpha": its notes are left out') },
		])
		expect(plan(write([one]), [alpha], format).rows).toMatchObject([{ standing: "same" }])
	})
})

test.each([
	["a template", "'{{ x }}'"],
	["in a vault", "!vault x"],
	["no text", "[x]"],
])("notes that are %s are told, and the host is the same without", (what, value) => {
	const { rows, problems } = plan(`all: {hosts: {a: {hotfix_notes: ${value}}}}`, [], "ansible-yaml")
	expect(rows).toMatchObject([{ appliance: { name: "a", notes: "" } }])
	expect(problems).toEqual([{ line: 1, text: `"a": its notes are left out: hotfix_notes is ${what}` }])
})

test("whatever a text holds, it is read without a throw and the preview keeps its schema", () => {
	const pieces = fc.constantFrom(
		..."[]{}:&*!|>%@`'\"\\,;=#-? \n\t\r".split(""),
		...[
			"all",
			"hosts",
			"children",
			"vars",
			"host",
			"name",
			"<<",
			"__proto__",
			"&a",
			"*a",
			"ansible_host",
			"[1:9]",
			"\u202e",
		],
		...[":\n  ", "name,host\n", "[web]\n", "[web:vars]\n", "[web:children]\n", "!vault ", "--- ", "{{ x }}"],
	)
	const text = fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(""))
	fc.assert(
		fc.property(text, fc.constantFrom<TextFormat>("csv", "ansible-ini", "ansible-yaml"), (text, format) => {
			const preview = plan(text, [alpha], format)
			expect(importPreviewSchema.safeParse(preview).success).toBe(true)
		}),
		{ numRuns: 3000 },
	)
	expect({}).not.toHaveProperty("polluted")
})
