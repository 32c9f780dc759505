import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import type { Command } from "commander"
import { expect, test } from "vitest"
import { makeProgram } from "../../core/cli/command-line.ts"
import { HELP } from "../../core/runner/text/help.ts"
import { sectionOf } from "../../renderer/views/help/section-of.ts"

const root = join(import.meta.dirname, "../..")
const texts = new Map(
	["README.md", ...globSync("docs/**/*.md", { cwd: root })].map((path) => [
		path,
		readFileSync(join(root, path), "utf8"),
	]),
)
const program = makeProgram(() => undefined)
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

test("every link of a document leads to a file, and to a section that is there", () => {
	const lost = [...texts].flatMap(([path, text]) =>
		[...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].flatMap(([, link = ""]) =>
			leadsSomewhere(path, link) ? [] : [`${path}: ${link}`],
		),
	)
	expect(lost).toEqual([])
})

function leadsSomewhere(from: string, link: string): boolean {
	const [file = "", section] = link.split("#")
	const path = file === "" ? from : normalize(join(dirname(from), file))
	if (!existsSync(join(root, path))) return false
	return section === undefined || sectionsOf(texts.get(path) ?? "").includes(section)
}

function sectionsOf(text: string): string[] {
	const prose = text.replace(/^```.*?^```/gms, "")
	return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => sectionOf(heading))
}

test("every document is in the README's list, but what is made from the code", () => {
	const pages = [...texts.keys()].filter((path) => path.startsWith("docs/") && !path.startsWith("docs/reference/"))
	expect(pages.filter((path) => !texts.get("README.md")?.includes(`](${path})`))).toEqual([])
})

test("every picture is shown, and every picture that is shown is there", () => {
	const shown = [...texts].flatMap(([path, text]) =>
		[...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, link = ""]) => normalize(join(dirname(path), link))),
	)
	expect(globSync("docs/pictures/*", { cwd: root }).sort()).toEqual(shown.sort())
})

test("paths of the project that documents name are there", () => {
	const named = spans(/^((?:core|electron|renderer|test|build|docs)\/[\w./-]*)$/)
	expect(named.length).toBeGreaterThan(20)
	expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test("every npm script that documents name is one", () => {
	const named = spans(/^npm run ([\w-]+)/)
	expect(named.length).toBeGreaterThan(5)
	expect(named.filter((script) => !(script in scripts))).toEqual([])
})

test("hotfix and its options are as documents name them", () => {
	const named = spans(/^hotfix ([a-z].*)$/)
	expect(named.length).toBeGreaterThan(20)
	expect(named.filter((line) => !isCommand(line))).toEqual([])
})

/** Whether there is such a command, and it has these options. */
function isCommand(line: string): boolean {
	const words = line.split(/\s+/)
	let command: Command = program
	for (let next = command; next; ) {
		command = next
		const found = command.commands.find((one) => one.name() === words[0])
		if (!found) break
		next = found
		words.shift()
	}
	const flags = command.options.flatMap((option) => [option.short, option.long])
	const wanted = words.filter((word) => word.startsWith("--"))
	return command.parent !== null && command.commands.length === 0 && wanted.every((word) => flags.includes(word))
}

test("hotfix-runner's commands and options are as documents name them", () => {
	const named = spans(/^(?:hotfix-runner|node runners\/DIGEST\.cjs) ([a-z].*)$/)
	expect(named.length).toBeGreaterThan(5)
	const unknown = named.filter((line) =>
		line.split(/\s+/).some((word, index) => (index === 0 || word.startsWith("--")) && !HELP.includes(word)),
	)
	expect(unknown).toEqual([])
})

/** What of the code in all documents, inline and in blocks, fits the pattern: its group, once each. */
function spans(pattern: RegExp): string[] {
	const found = [...texts.values()].flatMap((text) => [
		...[...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code = ""]) => code),
		...[...text.matchAll(/^```\w*\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n")),
	])
	return [...new Set(found)].flatMap((code) => pattern.exec(code)?.[1] ?? [])
}
