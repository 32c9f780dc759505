import { expect, test } from "vitest"
import { type Told, typedFindings } from "../../../../../core/schema/document/typed-findings.ts"
import { sourceFindings } from "../../../../../core/schema/source-findings.ts"
import { targetsOf } from "../../../../../core/schema/targets.ts"

function indexOf(...targets: string[]): string {
	const operations = targets.map((target, index) => ({ target, destination: `/srv/${index}` }))
	const pools = [{ id: "one", operations, closure: ["test -s /srv/0"] }]
	return JSON.stringify({ metadata: { schema_version: "1.0.0" }, pools }, null, 2)
}
const none: Told = { text: indexOf("a"), findings: [], present: ["a", "b"] }
const rulesOf = (text: string, told = none) => typedFindings(text, told).map(({ rule, path }) => `${rule} ${path}`)

test("what an operation names and is not there, and what is there and not named", () => {
	expect(rulesOf(indexOf("a", "b"))).toEqual([])
	expect(rulesOf(indexOf("a", "c"))).toEqual(["source-unused $", "source-missing $.pools[0].operations[1].target"])
})

test("a target that is wrong in itself is told once", () => {
	expect(rulesOf(indexOf("a", "b", "../x"))).toEqual(["target-leaves-source $.pools[0].operations[2].target"])
})

test("what is wrong with a file itself goes along to where the file is named now", () => {
	const text = indexOf("a", "gone")
	const problem = {
		target: "gone",
		rule: "link-broken",
		message: "the link leads nowhere",
		remedy: "mend it",
		isRefused: true,
	}
	const findings = sourceFindings(targetsOf(text), ["a", "b"], [problem])
	const moved = indexOf("gone", "a", "b")
	const found = typedFindings(moved, { text, findings, present: ["a", "b"] })
	expect(found).toEqual(sourceFindings(targetsOf(moved), ["a", "b"], [problem]))
	expect(found.map(({ rule, path }) => `${rule} ${path}`)).toEqual(["link-broken $.pools[0].operations[0].target"])
})
