import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { transformSync } from "esbuild"
import { afterEach, beforeEach, expect, test } from "vitest"
import { collectOutput } from "../../../support/appliances/command.ts"

// The start of the command line, as one finds it who has an older Node: with a stand-in for the one that npm brings.

let folder: string
let start: string
const name = `node-${process.platform}-${process.arch}`

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-%20start-"))
	start = join(folder, "dist/cli/hotfix.mjs")
	const source = readFileSync(join(import.meta.dirname, "../../../../core/cli/start.ts"), "utf8")
	const needsNewer = source.replace("NEEDED = 24", "NEEDED = 999")
	expect(needsNewer).not.toBe(source)
	// What Node 20.0 to 20.10 has not.
	const define = { "import.meta.dirname": "undefined", "import.meta.filename": "undefined" }
	mkdirSync(join(folder, "dist/cli"), { recursive: true })
	writeFileSync(start, transformSync(needsNewer, { loader: "ts", format: "esm", target: "node20", define }).code)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function bring(script: string, mode = 0o755): string {
	const node = join(folder, "node_modules", name, "bin/node")
	mkdirSync(join(folder, "node_modules", name, "bin"), { recursive: true })
	writeFileSync(node, script, { mode })
	return node
}

const begin = (...args: string[]) => spawn(process.execPath, [start, ...args], { stdio: ["ignore", "pipe", "pipe"] })

test("the Node that npm brought gets the arguments, and its exit code is the program's", async () => {
	bring(`#!/bin/sh\nprintf '<%s>' "$@"\nexit 7\n`)
	const { status, stdout, stderr } = await collectOutput(begin("run", "a module", "--json"))
	expect([status, stdout, stderr]).toEqual([7, `<${start}><run><a module><--json>`, ""])
})

test("where npm brought none, one sentence says what is needed, and nothing began", async () => {
	const { status, stdout, stderr } = await collectOutput(begin("validate"))
	const sentence = `hotfix needs Node 999, and this is ${process.versions.node}: get it from https://nodejs.org\n`
	expect([status, stdout, stderr]).toEqual([2, "", sentence])
})

test.each([
	["not executable", () => "#!/bin/sh\n", 0o644, "EACCES"],
	["for another C library, whose loader is not here", () => "#!/nowhere/ld-linux.so.2\n", 0o755, "ENOENT"],
	["started by itself, without end", (node: string) => `#!${node}\n`, 0o755, "ELOOP"],
])("one that cannot be started (%s) is named in one sentence, and nothing began", async (_why, script, mode, code) => {
	const node = bring(script(join(folder, "node_modules", name, "bin/node")), mode)
	const { status, stdout, stderr } = await collectOutput(begin("validate"))
	expect(stderr).toMatch(/^[^\n]+\n$/)
	expect(stderr).toContain(`the one at ${node} cannot be started (spawn`)
	expect(stderr).toContain(code)
	expect([status, stdout]).toEqual([2, ""])
})

test("a signal ends both, or what the program makes of it is told", async () => {
	bring("#!/bin/sh\necho up\nexec sleep 60\n")
	const ended = begin()
	await once(ended.stdout, "data")
	ended.kill("SIGTERM")
	// Its output ends only when the program, too, is gone.
	expect(await collectOutput(ended)).toMatchObject({ status: null, signal: "SIGTERM" })

	bring("#!/bin/sh\ntrap 'exit 5' TERM\necho up\nwhile :; do sleep 0.05; done\n")
	const decided = begin()
	await once(decided.stdout, "data")
	decided.kill("SIGTERM")
	expect(await collectOutput(decided)).toMatchObject({ status: 5, signal: null })
})
