import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { makeReferences } from "../../../build/references.mjs"
import { failureCodeSchema } from "../../../core/schema/failure.ts"

const root = join(import.meta.dirname, "../../..")
const pages = new Map(makeReferences())
const read = (path: string) => readFileSync(join(root, path), "utf8")

test.each([...pages])("%s says what the code does; else: npm run references", (path, text) => {
	expect(read(path)).toBe(text)
})

/** Where rules have their names. */
const RULES = [
	"module-rules",
	"module-checks",
	"lint",
	"json-syntax",
	"json-text",
	"draft",
	"source-findings",
	"source-notes",
]

test("no failure and no finding is without its message", () => {
	const messages = pages.get("docs/reference/messages.md")
	for (const code of failureCodeSchema.options) expect(messages).toContain(`### \`${code}\`\n`)
	const rules = RULES.flatMap((name) => namesOfRules(read(`core/schema/${name}.ts`)))
	expect(rules.length).toBeGreaterThan(55)
	expect(rules.filter((rule) => !messages?.includes(`| \`${rule}\` |`))).toEqual([])
})

function namesOfRules(source: string): string[] {
	const asKey = [...source.matchAll(/\brule: "([a-z0-9-]+)"/g)]
	const asArgument = [...source.matchAll(/(?:faultAt|warningAt)\([^"]*?, *\n?\t*"([a-z0-9-]+)"/g)]
	return [...asKey, ...asArgument].map(([, name = ""]) => name)
}
