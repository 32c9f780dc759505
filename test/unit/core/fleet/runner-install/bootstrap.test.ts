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
	utimesSync,
	writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { makeBootstrapCommand, quoteWord } from "../../../../../core/fleet/runner-install/bootstrap.ts"

// Many small programs one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

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
	/** Programs that stand before the machine's own, where a test says so. */
	let bin: string

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "bootstrap-"))
		state = join(folder, "it's a state")
		bin = join(folder, "bin")
		mkdirSync(bin)
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
		return { ...ran, words: wordsOf(ran.stdout) }
	}
	const wordsOf = (stdout: string) =>
		stdout
			.split("\n")
			.filter((line) => line.startsWith(`${nonce} `))
			.map((line) => line.slice(nonce.length + 1))

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

	/** The script's own shell is /bin/sh; these are what that is on one appliance or another. */
	const INTERPRETERS = ["/bin/dash", "/bin/bash", "/bin/busybox sh"].filter((shell) =>
		existsSync(shell.split(" ")[0] ?? ""),
	)
	test.each(INTERPRETERS)("is understood by %s", (shell) => {
		fake("uname", "echo x86_64")
		fake("getconf", '[ "$1" = LONG_BIT ] && echo 64 || echo "glibc 2.36"')
		const runtime = gzipSync(readFileSync(fakeNode("v24.0.0")))
		const name = `node-v24.0.0-x64-${createHash("sha256").update(gunzipSync(runtime)).digest("hex")}`
		const carried = [{ architecture: "x64" as const, name, size: 1 }]
		const text = command({ runtimes: [], carried }).replace("exec /bin/sh -c", `exec ${shell} -c`)
		// Else bash takes the test's socket for sshd's, and reads what a login would.
		const env = { PATH: `${bin}:${process.env.PATH}`, SHLVL: "2" }
		const input = Buffer.concat([Buffer.from(`${runtime.length}\n`), runtime, packed])
		const first = inShell("/bin/sh", text, { input, env })
		expect([first.stderr, wordsOf(first.stdout)]).toEqual(["", [`NEED ${name}`, "NEED", "HAVE"]])
		expect(inShell("/bin/sh", text, { input: "", env }).stdout).toContain("HAVE\nfake v24.0.0 ran")
		writeFileSync(join(state, "runtimes", name), "changed")
		expect(wordsOf(inShell("/bin/sh", text, { input: "", env }).stdout)).toEqual([`NEED ${name}`, "FAIL write"])
		expect(readdirSync(join(state, "runtimes"))).toEqual([])
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

	test.runIf(process.getuid?.() === 0).each<[string, () => unknown, boolean]>([
		["is another user's", () => execFileSync("chown", ["1234", folder]), false],
		["may be written to by everybody", () => chmodSync(folder, 0o707), false],
		[
			"may be written to by a group",
			() => execFileSync("sh", ["-c", `chgrp 1234 ${folder}; chmod 770 ${folder}`]),
			false,
		],
		["may be written to by root's group", () => chmodSync(folder, 0o770), true],
		["is sticky, as /tmp is", () => chmodSync(folder, 0o1777), true],
	])("a state folder below one that %s", (_, prepare, isSafe) => {
		prepare()
		const { words } = start()
		expect(words).toEqual(isSafe ? ["NEED", "HAVE"] : [`FAIL unsafe ${folder}`])
	})

	test("what a login sets for the appliance's own Node programs does not reach the runner", () => {
		const code = Buffer.from('console.log("ENV " + Object.keys(process.env).filter((name) => /^NODE_/.test(name)))\n')
		const content = gzipSync(code)
		const changes = { digest: createHash("sha256").update(code).digest("hex"), size: content.length }
		const env = { NODE_OPTIONS: "--require /tmp/planted.cjs", NODE_PATH: "/tmp", NODE_COMPILE_CACHE: "/tmp" }
		expect(start(changes, content, env).stdout).toMatch(/^ENV $/m)
	})

	test("a file in the folder's place fails at it", () => {
		writeFileSync(state, "")
		const ran = start()
		expect([ran.words, ran.stderr]).toEqual([["FAIL folder"], expect.stringMatching(/Not a directory|File exists/)])
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

	test("through sudo or doas it is the same, with the prompt as given and never a password in the command", () => {
		for (const name of ["sudo", "doas"])
			fake(name, `echo "${name}: $1 $2 $3 $4" >&2; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`)
		// Root is taken for another user, so that it has to become root.
		fake("id", "echo 4711")
		const env = { PATH: `${bin}:${process.env.PATH}` }
		const said = (become: Parameters<typeof command>[0]) =>
			inShell("/bin/sh", command(become), { input: packed, env }).stderr
		expect(said({ become: { program: "sudo" } })).toContain("sudo: -n -- /bin/sh -c")
		expect(said({ become: { program: "doas" } })).toContain("doas: -n -- /bin/sh -c")
		expect(said({ become: { program: "sudo", prompt: "p r'ompt:" } })).toContain("sudo: -S -k -p p r'ompt:")
	})

	describe("on an appliance without Node", () => {
		const program = (version: string) =>
			Buffer.from(`#!/bin/sh\nif [ "$1" = --version ]; then ${version}; else echo "brought ran $1 $2"; fi\n`)
		const carry = (bytes: Buffer, size = bytes.length) => {
			const name = `node-v24.0.0-x64-${createHash("sha256").update(bytes).digest("hex")}`
			const content = gzipSync(bytes)
			const sent = Buffer.concat([Buffer.from(`${content.length}\n`), content])
			return { name, sent, options: { runtimes: [], carried: [{ architecture: "x64" as const, name, size }] } }
		}
		const good = carry(program("echo v24.0.0"))
		const both = Buffer.concat([good.sent, packed])
		const glibc = (version: string) => fake("getconf", `[ "$1" = LONG_BIT ] && echo 64 || echo "glibc ${version}"`)
		const none = () => fake("getconf", "exit 1")
		const withFakes = () => ({ PATH: `${bin}:${process.env.PATH}` })
		beforeEach(() => {
			fake("uname", "echo x86_64")
			glibc("2.36")
		})

		test.each(SHELLS)("brings a runtime from %s, once, and the runner is started by it", (shell) => {
			const options = { env: withFakes() }
			const first = inShell(shell, command(good.options), { ...options, input: both })
			expect(wordsOf(first.stdout)).toEqual([`NEED ${good.name}`, "NEED", "HAVE"])
			expect(first.stdout).toContain(`brought ran ${stored} serve`)
			const second = inShell(shell, command(good.options), { ...options, input: "" })
			expect(wordsOf(second.stdout)).toEqual(["HAVE"])
			expect(second.stdout).toContain("brought ran")
			expect(readdirSync(join(state, "runtimes"))).toEqual([good.name])
			expect(statSync(join(state, "runtimes", good.name)).mode & 0o777).toBe(0o700)
		})

		test("one that was changed there is never started, and brought anew", () => {
			start(good.options, both, withFakes())
			const evil = program(`echo v24.0.0; touch ${join(folder, "evil")}`)
			writeFileSync(join(state, "runtimes", good.name), evil)
			expect(start(good.options, good.sent, withFakes()).words).toEqual([`NEED ${good.name}`, "HAVE"])
			expect(existsSync(join(folder, "evil"))).toBe(false)
		})

		test.each([
			["is another one", carry(program("echo v24.0.1")).sent, "FAIL damaged"],
			["was cut off", good.sent.subarray(0, -9), "FAIL write"],
			["never came", Buffer.alloc(0), "FAIL write"],
		])("what %s is not kept", (_, input, word) => {
			expect(start(good.options, input, withFakes()).words).toEqual([`NEED ${good.name}`, word])
			expect(readdirSync(join(state, "runtimes"))).toEqual([])
		})

		test("one that does not start is not kept, and what it said is told", () => {
			const broken = carry(program("echo libstdc++.so.6: cannot open >&2; exit 127"))
			const ran = start(broken.options, broken.sent, withFakes())
			expect([ran.words, ran.stderr]).toEqual([[`NEED ${broken.name}`, "NOSTART"], "libstdc++.so.6: cannot open\n"])
			expect(readdirSync(join(state, "runtimes"))).toEqual([])
		})

		test("a folder of runtimes that others may write to is unsafe", () => {
			start(good.options, both, withFakes())
			chmodSync(join(state, "runtimes"), 0o777)
			expect(start(good.options, both, withFakes()).words).toEqual(["FAIL unsafe"])
		})

		test("what does not fit is not sent for", () => {
			const huge = carry(program("echo v24.0.0"), 2 ** 60)
			expect(start(huge.options, both, withFakes()).words.join()).toMatch(/^NOROOM 1125899906842624 \d+$/)
			expect(readdirSync(join(state, "runtimes"))).toEqual([])
		})

		test("a place that tells no numbers of its room may have enough", () => {
			fake("df", "echo no such thing")
			expect(start(good.options, both, withFakes()).words).toEqual([`NEED ${good.name}`, "NEED", "HAVE"])
		})

		test("what died an hour ago half-way is removed, what may still be going on is not", () => {
			mkdirSync(join(state, "runtimes"), { recursive: true, mode: 0o700 })
			chmodSync(state, 0o700)
			for (const name of [".dead.1", ".alive.2", "node-old"]) writeFileSync(join(state, "runtimes", name), "")
			utimesSync(join(state, "runtimes", ".dead.1"), 1, 1)
			utimesSync(join(state, "runtimes", "node-old"), 1, 1)
			start(good.options, both, withFakes())
			expect(readdirSync(join(state, "runtimes")).sort()).toEqual([".alive.2", "node-old", good.name])
		})

		test.skipIf(process.getuid?.() !== 0)("a folder without exec is told before anything is sent", () => {
			mkdirSync(state, { mode: 0o700 })
			execFileSync("mount", ["-t", "tmpfs", "-o", "noexec,mode=700", "tmpfs", state])
			try {
				expect(start(good.options, both, withFakes()).words).toEqual(["NOEXEC"])
				expect(readdirSync(join(state, "runtimes"))).toEqual([])
				execFileSync("mount", ["-o", "remount,exec", state])
				expect(start(good.options, both, withFakes()).words).toContain("HAVE")
				execFileSync("mount", ["-o", "remount,noexec", state])
				expect(start(good.options, both, withFakes()).words).toEqual(["NOEXEC"])
			} finally {
				execFileSync("umount", ["-l", state])
			}
		})

		// No such machines can be had: what their tools say is written down from the tools' own sources.
		const SYSTEMS: [what: string, arrange: () => void, words: string][] = [
			["an ARM of 32 bits", () => fake("uname", "echo armv7l"), "NORUNTIME 32-bit armv7l"],
			["an x86 of 32 bits", () => fake("uname", "echo i686"), "NORUNTIME 32-bit i686"],
			[
				"a 64-bit kernel with a 32-bit system",
				() => fake("getconf", "[ $1 = LONG_BIT ] && echo 32"),
				"NORUNTIME 32-bit x86_64",
			],
			["another architecture", () => fake("uname", "echo riscv64"), "NORUNTIME architecture riscv64"],
			["one that this build has none for", () => fake("uname", "echo aarch64"), "NORUNTIME not-carried aarch64"],
			["an old glibc", () => glibc("2.17"), "NORUNTIME old-libc x86_64"],
			["a very old glibc", () => glibc("2.5"), "NORUNTIME old-libc x86_64"],
			["a glibc one too old", () => glibc("2.27"), "NORUNTIME old-libc x86_64"],
			["the oldest glibc that will do", () => glibc("2.28"), `NEED ${good.name}`],
			["a glibc of next year", () => glibc("2.100"), `NEED ${good.name}`],
			[
				"an old glibc that only ldd tells",
				() => {
					none()
					fake("ldd", "echo 'ldd (Ubuntu GLIBC 2.27-3ubuntu1.6) 2.27'; echo Copyright")
				},
				"NORUNTIME old-libc x86_64",
			],
			[
				"a glibc that only ldd tells",
				() => {
					none()
					fake("ldd", "echo 'ldd (GNU libc) 2.34'")
				},
				`NEED ${good.name}`,
			],
			[
				"musl",
				() => {
					none()
					fake("ldd", "echo 'musl libc (x86_64)' >&2; echo Version 1.2.4 >&2; exit 1")
				},
				"NORUNTIME musl x86_64",
			],
			[
				"a system that tells nothing of its libc",
				() => {
					none()
					fake("ldd", "exit 127")
				},
				`NEED ${good.name}`,
			],
		]
		test.each(SYSTEMS)("%s", (_, arrange, words) => {
			arrange()
			const ran = start(good.options, Buffer.alloc(0), withFakes())
			expect(ran.words[0]?.trim()).toBe(words)
			// Whatever cannot work leaves nothing there.
			if (words.startsWith("NORUNTIME")) expect(existsSync(state)).toBe(false)
		})

		test("the architecture is what decides which one", () => {
			fake("uname", "echo aarch64")
			const name = good.name.replace("x64", "arm64")
			const carried = [...good.options.carried, { architecture: "arm64" as const, name, size: 1 }]
			expect(start({ ...good.options, carried }, Buffer.alloc(0), withFakes()).words[0]).toBe(`NEED ${name}`)
		})

		test.each([
			["one too old", "v12.22.9", / v12\.22\.9$/],
			["one that is no Node", "Python 3.11", / x86_64 ?$/],
		])("%s is no runtime", (_, version, words) => {
			fake("getconf", "echo 32")
			expect(start({ ...good.options, runtimes: [fakeNode(version)] }, both, withFakes()).words[0]).toMatch(words)
		})
	})

	function fake(name: string, script: string): void {
		writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
	}

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
