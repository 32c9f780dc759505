import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { expect, test, vi } from "vitest"
import { printUnexpected } from "../../../core/cli/print-failure.ts"

/** Something that nobody waits for fails, as soon as the program is there. */
const FAULT = {
	"a rejection": 'Promise.reject(new Error("bang"))',
	"an exception": 'throw new Error("bang")',
}
/** Both programs listen for the end of their readers, last of all before they begin. */
const when = (fault: string) => `
	const timer = setInterval(() => {
		if (process.stdout.listeners("error").length === 0) return
		clearInterval(timer)
		${fault}
	}, 1)`

async function run(program: string, fault: string, env: Record<string, string> = {}) {
	const preload = `data:text/javascript,${encodeURIComponent(when(fault))}`
	const child = spawn(process.execPath, ["--import", preload, program, "--help"], {
		env: { ...process.env, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	})
	const [stderr, [exit]] = await Promise.all([text(child.stderr), once(child, "close"), text(child.stdout)])
	return { stderr, exit }
}

test.each(
	["core/cli/main.ts", "core/runner/main.ts"].flatMap((program) =>
		Object.entries(FAULT).map(([name, fault]) => [program, name, fault] as const),
	),
)("%s: %s that nobody waits for is a sentence and exit 3, no stack trace", async (program, _name, fault) => {
	const { stderr, exit } = await run(program, fault)
	expect(exit).toBe(3)
	expect(stderr).toContain("an unexpected fault: bang")
	expect(stderr).not.toMatch(/\n\s+at /)
})

test("what a fault quotes cannot reach the terminal", () => {
	const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
	printUnexpected(new Error("bang \x1b]0;owned\x07 \u202ereversed"))
	const said = write.mock.calls.join("")
	write.mockRestore()
	expect(said).toContain("bang")
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
	expect(said).not.toMatch(/[\x1b\x07\u202e]/)
})

test("the trace goes into the file that HOTFIX_TRACE names, and one that cannot be written is said", async () => {
	const file = join(mkdtempSync(join(tmpdir(), "hotfix-trace-")), "trace")
	await run("core/cli/main.ts", FAULT["an exception"], { HOTFIX_TRACE: file })
	expect(readFileSync(file, "utf8")).toMatch(/Error: bang\n\s+at /)
	const nowhere = `${file}/x`
	const { stderr, exit } = await run("core/cli/main.ts", FAULT["an exception"], { HOTFIX_TRACE: nowhere })
	expect(existsSync(nowhere)).toBe(false)
	expect([exit, stderr]).toEqual([3, expect.stringContaining(`cannot write ${nowhere}`)])
	expect(stderr).not.toMatch(/\n\s+at /)
})
