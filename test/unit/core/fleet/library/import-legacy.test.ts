import { execFileSync } from "node:child_process"
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { readLegacyModule, writeConverted } from "../../../../../core/fleet/library/import-legacy.ts"
import { readModuleFolder } from "../../../../../core/folder/read-module-folder.ts"
import type { Conversion } from "../../../../../core/schema/legacy/conversion.ts"
import { projectFolder } from "../../../../support/appliances/paths.ts"
import { callHotfix } from "../../../../support/in-process.ts"

let base: string
let from: string
let to: string
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), "hotfix-legacy-"))
	from = join(base, "old")
	to = join(base, "new")
	use("operations")
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const use = (variant: string) => {
	rmSync(from, { recursive: true, force: true })
	cpSync(join(projectFolder, "test/fixtures/legacy", variant), from, { recursive: true })
}
const putIndex = (value: unknown) =>
	writeFileSync(join(from, "index.json"), typeof value === "string" ? value : JSON.stringify(value))
const importFrom = async () => {
	const legacy = await readLegacyModule(from)
	return writeConverted(legacy, legacy.conversion as Conversion, to)
}
const filesIn = (folder: string) =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.sort()
/** What lies beside: a draft that was left there would show. */
const beside = () => readdirSync(base).sort()

describe.each(["operations", "targets", "pools"])("the example with %s", (variant) => {
	test("is a module that can be published, and says where it comes from", async () => {
		use(variant)
		const before = readFileSync(join(from, "index.json"), "utf8")
		expect(await importFrom()).toBe(to)
		const { manifest, findings } = await readModuleFolder(to)
		expect(findings.filter(({ severity }) => severity === "fault")).toEqual([])
		expect(manifest?.sources.length).toBeGreaterThan(0)
		expect(readFileSync(join(to, "legacy/index.json"), "utf8")).toBe(before)
		expect(readFileSync(join(from, "index.json"), "utf8")).toBe(before)
		expect(beside()).toEqual(["new", "old"])
	})
})

test("files keep their content and permissions; what no pool uses is kept aside", async () => {
	chmodSync(join(from, "src/homeserver-tool"), 0o755)
	const bytes = Buffer.from([0, 255, 10, 13, 10])
	writeFileSync(join(from, "src/auth.py"), bytes)
	await importFrom()
	expect(filesIn(to)).toEqual([
		"index.json",
		"legacy/index.json",
		"legacy/report.txt",
		"legacy/src/security.conf",
		"src/auth.py",
		"src/homeserver-tool",
		"src/repair.sh",
	])
	expect(readFileSync(join(to, "src/auth.py"))).toEqual(bytes)
	expect(statSync(join(to, "src/homeserver-tool")).mode & 0o777).toBe(0o755)
	expect(statSync(join(to, "src/auth.py")).mode & 0o777).toBe(0o644)
	const report = readFileSync(join(to, "legacy/report.txt"), "utf8")
	expect(report).toMatch(/^one failure put all operations back/)
	expect(report).toMatch(/\$\.operations\[1\]: operation "security_headers" \("append"\): not converted: /)
})

describe("a folder that is there already is never written over", () => {
	const rows: [name: string, make: () => void, kept: string][] = [
		["a folder", () => mkdirSync(to), "new"],
		["a module", () => cpSync(from, to, { recursive: true }), "new/index.json"],
		["a file", () => writeFileSync(to, "the customer's"), "new"],
		["a link to nothing", () => symlinkSync("nowhere", to), "new"],
	]
	test.each(rows)("%s", async (_, make, kept) => {
		make()
		const look = () =>
			execFileSync("find", [base, "-printf", "%P %y %s %l %T@\n"], { encoding: "utf8" }).split("\n").sort()
		const before = look().filter((line) => line.startsWith(kept))
		await expect(importFrom()).rejects.toMatchObject({ failure: { code: "name-taken", data: { path: to } } })
		expect(look().filter((line) => line.startsWith(kept))).toEqual(before)
		expect(beside()).toEqual(["new", "old"])
	})
})

test("made by somebody else meanwhile: theirs stays, ours goes", async () => {
	const legacy = await readLegacyModule(from)
	const writing = writeConverted(legacy, legacy.conversion as Conversion, to)
	mkdirSync(to)
	writeFileSync(join(to, "theirs"), "")
	await expect(writing).rejects.toMatchObject({ failure: { code: "name-taken" } })
	expect(filesIn(to)).toEqual(["theirs"])
	expect(beside()).toEqual(["new", "old"])
})

test("a source that goes meanwhile: nothing is left behind", async () => {
	const legacy = await readLegacyModule(from)
	rmSync(join(from, "src/repair.sh"))
	const writing = writeConverted(legacy, legacy.conversion as Conversion, to)
	await expect(writing).rejects.toMatchObject({ failure: { code: "module-unreadable", data: { reason: "missing" } } })
	expect(beside()).toEqual(["old"])
})

test("what leads out of src/ is neither read nor written", async () => {
	writeFileSync(join(base, "secret"), "s3cret")
	rmSync(join(from, "src/auth.py"))
	symlinkSync("../../secret", join(from, "src/auth.py"))
	await importFrom()
	expect(filesIn(to)).not.toContain("src/auth.py")
	const texts = filesIn(to).map((file) => readFileSync(join(to, file), "utf8"))
	expect(texts.filter((text) => text.includes("s3cret"))).toEqual([])
})

describe("hotfix import-legacy", () => {
	const call = (...more: string[]) => callHotfix(["import-legacy", from, "--to", to, ...more])
	const lines = (text: string) => text.trim().split("\n")

	test("tells each part, then the sum; exit 0 though an append is left out", async () => {
		const { exit, stdout, stderr } = await call()
		expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" })
		expect(stdout).toMatch(
			/^index\.json:25:9: \$\.operations\[1\]: operation "security_headers" \("append"\): not converted: .*: fetch /m,
		)
		expect(stdout).toMatch(/converted: 7, with a note: 7, not converted: 1/)
		expect(stdout).toContain(`written to ${to}`)
	})

	test("--json: one object a line, the sum last", async () => {
		const { exit, stdout } = await call("--json")
		const told = lines(stdout).map((line) => JSON.parse(line))
		expect(exit).toBe(0)
		expect(told.filter(({ kind }) => kind === "operation").map(({ path, outcome }) => [path, outcome])).toEqual([
			["$.operations[0]", "converted"],
			["$.operations[1]", "not-converted"],
			["$.operations[2]", "noted"],
			["$.operations[3]", "noted"],
		])
		expect(told.at(-1)).toMatchObject({ from, to, pools: 2, files: 3, converted: 7, noted: 7, "not-converted": 1 })
	})

	test("--strict: exit 2 and nothing is written when something is left out", async () => {
		const { exit, stderr } = await call("--strict")
		expect({ exit, written: existsSync(to) }).toEqual({ exit: 2, written: false })
		expect(stderr).toMatch(/with --strict nothing was written/)
	})

	test("--strict: written when everything is converted", async () => {
		use("pools")
		expect(await call("--strict")).toMatchObject({ exit: 0, stderr: "" })
		expect(existsSync(to)).toBe(true)
	})

	const refused: [name: string, make: () => void, stderr: RegExp][] = [
		[
			"faults, all at once",
			() => putIndex({ operations: [{ id: 1 }] }),
			/\$\.metadata: (.|\n)*\$\.operations\[0\]\.type: (.|\n)*\$\.operations\[0\]\.id: a number/,
		],
		[
			"no UTF-8",
			() => writeFileSync(join(from, "index.json"), Buffer.from([0x7b, 0xff])),
			/index\.json:1:2: \$: the file is no UTF-8/,
		],
		[
			"nothing can be a pool",
			() => putIndex({ metadata: { schema_version: "1.0.0" }, operations: [] }),
			/nothing of this module can be a pool/,
		],
		["no index", () => rmSync(join(from, "index.json")), /cannot be read: it is not there/],
		[
			"no folder to write into",
			() => (to = join(base, "none/new")),
			/There is no such folder to write into: .*none\.\n/,
		],
		["a name too long", () => (to = join(base, "n".repeat(300))), /the name of the new folder is too long/],
		["there already", () => mkdirSync(to), /new is taken/],
	]
	test.each(refused)("exit 2: %s", async (_, make, stderr) => {
		make()
		const result = await call()
		expect(result).toMatchObject({ exit: 2, stderr: expect.stringMatching(stderr) })
		expect(beside().filter((name) => name.startsWith("."))).toEqual([])
	})

	test("exit 2 without --to", async () => {
		expect(await callHotfix(["import-legacy", from])).toMatchObject({ exit: 2, stderr: expect.stringMatching(/--to/) })
	})
})
