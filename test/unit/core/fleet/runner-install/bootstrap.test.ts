import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { makeBootstrapCommand, quoteWord } from "../../../../../core/fleet/runner-install/bootstrap.ts"

const SHELLS = [
	"/bin/sh",
	"/bin/dash",
	"/bin/bash",
	"/usr/bin/zsh",
	"/usr/bin/fish",
	"/usr/bin/tcsh",
	"/bin/busybox",
].filter(existsSync)
const inShell = (shell: string, command: string, options = {}) =>
	spawnSync(shell, [...(shell.endsWith("busybox") ? ["sh"] : []), "-c", command], { encoding: "utf8", ...options })

describe.each(SHELLS)("a word in %s", (shell) => {
	test.each([
		"plain",
		"",
		"two words",
		"it's",
		"''",
		'say "so"',
		"$HOME `id` $(id)",
		"a\\b\\",
		"!history!",
		"*?[a-z]{1,2}",
		"#no;comment&|<>",
		"~root",
		"-n",
		"tab\there",
		"ümläut 日本 🔧",
	])("comes through as it is: %s", (word) => {
		expect(inShell(shell, `printf %s ${quoteWord(word)}`).stdout).toBe(word)
	})
})

test.each(["a\nb", "a\rb", "a\0b"])("a line break or NUL is refused: %j", (word) => {
	expect(() => quoteWord(word)).toThrow("cannot put a line break")
})

describe("the bootstrap", () => {
	const nonce = "n0nce"
	const runner = Buffer.from('console.log("RUNNER " + JSON.stringify(process.argv.slice(2)))\n')
	const digest = createHash("sha256").update(runner).digest("hex")
	const packed = gzipSync(runner)
	let folder: string
	let state: string
	let stored: string

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "bootstrap-"))
		state = join(folder, "it's a state")
		stored = join(state, "runners", `${digest}.cjs`)
	})
	afterEach(() => rmSync(folder, { recursive: true, force: true }))

	const command = (changes: Partial<Parameters<typeof makeBootstrapCommand>[0]> = {}) =>
		makeBootstrapCommand({
			nonce,
			stateFolder: state,
			digest,
			size: packed.length,
			runtimes: [process.execPath],
			...changes,
		})
	const start = (changes = {}, input: Buffer = packed, env = {}) => {
		const ran = inShell("/bin/sh", command(changes), { input, env: { PATH: process.env.PATH, ...env } })
		const words = ran.stdout
			.split("\n")
			.filter((line) => line.startsWith(`${nonce} `))
			.map((line) => line.slice(nonce.length + 1))
		return { ...ran, words }
	}

	test.each(SHELLS)("installs and starts the runner from %s, and the second time only starts it", (shell) => {
		const first = inShell(shell, command(), { input: packed })
		expect(first.stdout).toContain(
			`${nonce} NEED\n\n${nonce} HAVE\nRUNNER ["serve","--state",${JSON.stringify(state)},"--nonce","n0nce"]`,
		)
		const second = inShell(shell, command(), { input: "" })
		expect(second.stdout).not.toContain("NEED")
		expect(second.stdout).toContain("RUNNER")
		expect([statSync(state).mode & 0o777, statSync(join(state, "runners")).mode & 0o777]).toEqual([0o700, 0o700])
		expect(readdirSync(join(state, "runners"))).toEqual([`${digest}.cjs`])
	})

	test("leaves everything after the runner to the runner", () => {
		const reads = Buffer.from("process.stdin.pipe(process.stdout)\n")
		const content = gzipSync(reads)
		const changes = { digest: createHash("sha256").update(reads).digest("hex"), size: content.length }
		expect(start(changes, Buffer.concat([content, Buffer.from("after it")])).stdout).toContain("HAVE\nafter it")
	})

	test("sends a runner anew whose file was changed", () => {
		start()
		writeFileSync(stored, "console.log('not ours')")
		const again = start()
		expect(again.words).toEqual(["NEED", "HAVE"])
		expect(again.stdout).toContain("RUNNER")
		expect(readFileSync(stored)).toEqual(runner)
	})

	test.each([
		[
			"damaged on the way",
			Buffer.concat([gzipSync(Buffer.from("console.log('other')")), Buffer.alloc(100)]),
			/FAIL (damaged|write)/,
		],
		["cut off", packed.subarray(0, packed.length - 9), /FAIL write/],
	])("never starts a runner that was %s, and leaves nothing behind", (_, input, word) => {
		const ran = start({}, input)
		expect(ran.words.join(" ")).toMatch(word)
		expect([ran.status, ran.stdout.includes("HAVE")]).toEqual([65, false])
		expect(readdirSync(join(state, "runners"))).toEqual([])
	})

	test("a whole runner with another digest is damaged", () => {
		const other = gzipSync(Buffer.from("console.log('other')"))
		expect(start({ size: other.length }, other).words).toEqual(["NEED", "FAIL damaged"])
	})

	test.each([0o777, 0o770, 0o702])("a state folder that others may write to (%o) is unsafe", (mode) => {
		mkdirSync(state)
		chmodSync(state, mode)
		expect(start().words).toEqual(["FAIL unsafe"])
	})

	test.runIf(process.getuid?.() === 0)("a state folder of another user is unsafe", () => {
		mkdirSync(state, { mode: 0o700 })
		execFileSync("chown", ["1234", state])
		expect(start().words).toEqual(["FAIL unsafe"])
	})

	test("a folder of runners that others may write to is unsafe", () => {
		start()
		chmodSync(join(state, "runners"), 0o777)
		expect(start().words).toEqual(["FAIL unsafe"])
	})

	test("a file in the folder's place fails at it", () => {
		writeFileSync(state, "")
		const ran = start()
		expect([ran.words, ran.stderr]).toEqual([["FAIL folder"], expect.stringMatching(/Not a directory|File exists/)])
	})

	test.each([
		["no Node", [], /^NORUNTIME \S+ ?$/],
		["one too old", ["v12.22.9"], /^NORUNTIME \S+ v12\.22\.9$/],
		["one that is no Node", ["Python 3.11"], /^NORUNTIME \S+ ?$/],
	])("%s is no runtime", (_, versions, words) => {
		expect(start({ runtimes: versions.map(fakeNode) }).words.join(" ")).toMatch(words)
	})

	test("the first that is new enough is taken", () => {
		const runtimes = [join(folder, "missing"), fakeNode("v16.1.0"), fakeNode("v18.0.0"), process.execPath]
		expect(start({ runtimes }).stdout).toContain("fake v18.0.0 ran")
	})

	test("an appliance names its own state folder and root, unless one is given", () => {
		const own = join(folder, "own")
		const env = { HOTFIX_STATE: own, HOTFIX_ROOT: folder }
		expect(start({ stateFolder: undefined }, packed, env).stdout).toContain(
			JSON.stringify(["serve", "--state", own, "--nonce", nonce, "--root", folder]),
		)
		expect(start({}, packed, env).stdout).toContain(`"--state",${JSON.stringify(state)}`)
	})

	test("through sudo it is the same, with the prompt as given and never a password in the command", () => {
		const fake = join(folder, "sudo")
		writeFileSync(
			fake,
			`#!/bin/sh\necho "sudo: $1 $2 $3 $4" >&2\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n`,
			{ mode: 0o755 },
		)
		// Root is taken for another user, so that sudo is used.
		writeFileSync(join(folder, "id"), "#!/bin/sh\necho 4711\n", { mode: 0o755 })
		const env = { PATH: `${folder}:${process.env.PATH}` }
		const plain = inShell("/bin/sh", command({ sudo: {} }), { input: packed, env })
		expect(plain.stderr).toContain("sudo: -n --")
		const asking = inShell("/bin/sh", command({ sudo: { prompt: "p r'ompt:" } }), { input: packed, env })
		expect(asking.stderr).toContain("sudo: -S -k -p p r'ompt:")
	})

	let fakes = 0
	function fakeNode(version: string): string {
		const path = join(folder, `node-${fakes++}`)
		writeFileSync(
			path,
			`#!/bin/sh\nif [ "$1" = --version ]; then echo "${version}"; else echo "fake ${version} ran"; fi\n`,
			{ mode: 0o755 },
		)
		return path
	}
})
