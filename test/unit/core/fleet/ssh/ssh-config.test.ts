import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { dirname, join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { createSshConfig, type Given, type SshSettings } from "../../../../../core/fleet/ssh/config/ssh-config.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"

const folder = mkdtempSync(join(tmpdir(), "ssh-config-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let homes = 0

/** A home with these files below `.ssh`, of which `config` is the configuration. */
function makeHome(files: Record<string, string>): string {
	const home = join(folder, `home${++homes}`)
	for (const [name, text] of Object.entries(files)) {
		const path = join(home, ".ssh", name)
		mkdirSync(dirname(path), { recursive: true })
		writeFileSync(path, text, { mode: 0o600 })
	}
	return home
}

async function settingsOf(files: Record<string, string> | string, alias: string, given?: Given): Promise<SshSettings> {
	const home = makeHome(typeof files === "string" ? { config: files } : files)
	const settings = (await createSshConfig({ home }).read())(alias, given)
	return JSON.parse(JSON.stringify(settings).replaceAll(home, "~"))
}

async function failureOf(files: Record<string, string> | string, alias = "web") {
	const error = await settingsOf(files, alias).catch((error) => error)
	if (!(error instanceof FailureError)) throw new Error(`it did not fail but gave ${JSON.stringify(error)}`)
	return error.failure
}

const DEFAULTS = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"]
const me = userInfo().username

/** Each row means the same to ssh itself, see below. */
const TABLE: [what: string, config: string, alias: string, settings: Partial<SshSettings>][] = [
	["nothing about the host", "Host other\n User x", "web", { hostName: "web" }],
	[
		"an alias",
		"Host web\n HostName 10.0.0.5\n User owner\n Port 2222",
		"web",
		{ hostName: "10.0.0.5", user: "owner", port: 2222 },
	],
	["keywords in any case, with = and tabs", "HOST web\n\thostname=10.0.0.5\n pOrT = 24", "web", { port: 24 }],
	["what stands above all hosts", "User first\nHost web\n User second", "web", { user: "first" }],
	["the first of several", "Host web\n User one\nHost w*\n User two\n Port 7", "web", { user: "one", port: 7 }],
	["one character", "Host we?\n User x", "web", { user: "x" }],
	["a host that is excepted", "Host * !web\n User x", "web", {}],
	["only exceptions match nothing", "Host !other\n User x", "web", {}],
	["several names", 'Host a web "b c"\n User x', "web", { user: "x" }],
	["%h in HostName", "Host web\n HostName %h.example.org", "web", { hostName: "web.example.org" }],
	["comments and empty lines", "# a\n\nHost web # b\n  # c\n User x\n", "web", { user: "x" }],
	["lines as Windows ends them", "Host web\r\n User x\r\n", "web", { user: "x" }],
	["Match host", "Host web\n HostName db\nMatch host db\n User x", "web", { user: "x" }],
	["Match host before HostName is known", "Match host db\n User x\nHost web\n HostName db", "web", {}],
	["Match originalhost", "Match originalhost web,x\n User x", "web", { user: "x" }],
	["Match with an exception in its list", "Match originalhost *,!web\n User x", "web", {}],
	["Match negated", "Match !originalhost other\n User x", "web", { user: "x" }],
	["Match negated, two criteria", "Match originalhost w* !originalhost web\n User x", "web", {}],
	["Match localuser", `Match localuser ${me}\n Port 7`, "web", { port: 7 }],
	["Match user, from the configuration", "User x\nMatch user x\n Port 7", "web", { user: "x", port: 7 }],
	["Match user, by default one's own", `Match user ${me}\n Port 7`, "web", { port: 7 }],
	["Match all", "Match all\n Port 7", "web", { port: 7 }],
	[
		"Match final sees the real name, and Host then too",
		"Match final host db\n Port 7\nHost db\n User x\nHost web\n HostName db",
		"web",
		{ hostName: "db", port: 7, user: "x" },
	],
	[
		"the usual way through a jump host",
		"Host web\n HostName web.example.org\nMatch final host *.example.org !host jump.example.org\n ProxyJump jump",
		"web",
		{ jump: "jump" },
	],
	["ProxyJump, several", "Host web\n ProxyJump a@b:24,c", "web", { jump: "a@b:24,c" }],
	["ProxyJump none", "Host web\n ProxyJump none\nHost *\n ProxyJump j", "web", {}],
	["ProxyCommand none", "Host web\n ProxyCommand none\nHost *\n ProxyJump j", "web", {}],
	[
		"several keys, each once",
		"Host web\n IdentityFile /k/a\nHost *\n IdentityFile /k/b\n IdentityFile /k/a",
		"web",
		{ identityFiles: ["/k/a", "/k/b"] },
	],
	["no key", "IdentityFile none", "web", { identityFiles: [] }],
	["only these keys", "IdentitiesOnly yes", "web", { identitiesOnly: true }],
	["a key with blanks", 'IdentityFile "/k/my key"', "web", { identityFiles: ["/k/my key"] }],
	[
		"tokens in a key",
		"Host web\n HostName db\n User ann\n Port 7\n IdentityFile /k/%h-%n-%r-%p-%u-%%",
		"web",
		{ hostName: "db", user: "ann", port: 7, identityFiles: [`/k/db-web-ann-7-${me}-%`] },
	],
	[
		"several known_hosts",
		'UserKnownHostsFile /k/one "/k/the other"',
		"web",
		{ knownHostsFiles: ["/k/one", "/k/the other"] },
	],
]

describe("an SSH configuration", () => {
	test.each(TABLE)("%s", async (_, config, alias, settings) => {
		const found = await settingsOf(config, alias)
		expect(found).toMatchObject({ identitiesOnly: false, identityFiles: DEFAULTS, ...settings })
		for (const key of ["user", "port", "jump", "knownHostsFiles"] as const) expect(found[key]).toEqual(settings[key])
	})

	const hasSsh = spawnSync("ssh", ["-V"]).status === 0
	if (!hasSsh) console.warn("SKIPPED what ssh itself makes of a configuration: ssh is not there")
	test.skipIf(!hasSsh).each(TABLE)("ssh itself understands the same: %s", async (_, config, alias, settings) => {
		const file = join(makeHome({ config }), ".ssh", "config")
		const told = execFileSync("ssh", ["-G", "-F", file, alias], { encoding: "utf8" }).split("\n")
		const valuesOf = (keyword: string) =>
			told.filter((line) => line.startsWith(`${keyword} `)).map((line) => line.slice(keyword.length + 1))
		expect(valuesOf("user")).toEqual([settings.user ?? me])
		expect(valuesOf("port")).toEqual([String(settings.port ?? 22)])
		expect(valuesOf("proxyjump").filter((jump) => jump !== "none")).toEqual(settings.jump ? [settings.jump] : [])
		expect(valuesOf("identitiesonly")).toEqual([settings.identitiesOnly ? "yes" : "no"])
		if (settings.hostName) expect(valuesOf("hostname")).toEqual([settings.hostName])
		if (settings.knownHostsFiles) expect(valuesOf("userknownhostsfile")).toEqual([settings.knownHostsFiles.join(" ")])
		// `ssh -G` shows tokens as they were written.
		if (settings.identityFiles?.length && !config.includes("%h-"))
			expect(valuesOf("identityfile")).toEqual(settings.identityFiles)
	})

	test("what was asked for goes before it", async () => {
		const config = "Host web\n User x\n Port 7\n ProxyJump j\nMatch user me\n IdentityFile /k/me"
		expect(await settingsOf(config, "web", { user: "me", port: 9, jump: "none" })).toMatchObject({
			user: "me",
			port: 9,
			jump: "none",
			identityFiles: ["/k/me"],
		})
	})

	test("home, and variables of the environment", async () => {
		process.env.HOTFIX_TEST_KEYS = "/keys"
		// biome-ignore lint/suspicious/noTemplateCurlyInString: as ssh writes a variable
		const config = "IdentityFile ~/.ssh/a\nIdentityFile %d/b\nIdentityFile ${HOTFIX_TEST_KEYS}/c"
		expect((await settingsOf(config, "web")).identityFiles).toEqual(["~/.ssh/a", "~/b", "/keys/c"])
	})

	test("none at all, and none wanted", async () => {
		const home = makeHome({ "other/x": "" })
		expect((await createSshConfig({ home }).read())("web")).toMatchObject({ hostName: "web" })
		const wrong = makeHome({ config: 'User "x' })
		expect((await createSshConfig({ home: wrong, file: null }).read())("web")).not.toHaveProperty("user")
		await expect(createSshConfig({ home, file: join(home, "absent") }).read()).rejects.toMatchObject({
			failure: { code: "ssh-config-unreadable", data: { reason: "it is not there" } },
		})
	})

	test("it is read anew each time", async () => {
		const home = makeHome({ config: "User one" })
		const config = createSshConfig({ home })
		expect((await config.read())("web").user).toBe("one")
		writeFileSync(join(home, ".ssh/config"), "User two")
		expect((await config.read())("web").user).toBe("two")
	})

	describe("Include", () => {
		test("patterns, in the order of names, relative to ~/.ssh", async () => {
			const files = {
				config: "Include conf.d/*.conf absent /absent/*\n",
				"conf.d/b.conf": "User b\nPort 7",
				"conf.d/a.conf": "User a",
				"conf.d/.hidden.conf": "IdentitiesOnly yes",
				"conf.d/c.txt": "IdentitiesOnly yes",
			}
			expect(await settingsOf(files, "web")).toMatchObject({ user: "a", port: 7, identitiesOnly: false })
		})

		test("counts where it stands, and its own blocks end with it", async () => {
			const config = "Host web\n Include inner\n Port 7\nHost other\n Include inner\n"
			const files = { config, inner: "User x\nHost nothing\n IdentitiesOnly yes\n" }
			expect(await settingsOf(files, "web")).toMatchObject({ user: "x", port: 7, identitiesOnly: false })
			expect(await settingsOf(files, "third")).not.toHaveProperty("user")
			const opened = { config: "Host other\n Include inner\n", inner: "Host web\n User x\n" }
			expect(await settingsOf(opened, "web")).not.toHaveProperty("user")
		})

		test.each([
			["in a circle", { config: "Include a", a: "Include config" }, "goes deeper than 16 files"],
			["that doubles each time", { config: "Include config config" }, "deeper than 16|more than 256"],
			[
				"of very many",
				{ config: "Include d/*", ...Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`d/${n}`, ""])) },
				"names more than 256 files",
			],
		])("%s ends", async (_, files, reason) => {
			const failure = await failureOf(files)
			expect(failure.code).toBe("ssh-config-unreadable")
			expect(failure.data.reason).toMatch(new RegExp(reason))
		})
	})

	describe("what cannot be used is said with its place", () => {
		test.each([
			["an open quotation mark", 'Port 7\nUser "x', 2, "it ends inside quotation marks"],
			["Host without a name", "\nHost\n", 2, "a value is missing"],
			["a keyword without a value", "User", 1, "User has no value"],
			["a port that is none", "Port ssh", 1, "Port is no number from 1 to 65535"],
			["a criterion without a value", "Match host", 1, "a value is missing"],
			["a token that nobody knows", "IdentityFile /%C", 1, "%C is not understood here"],
			["a HostName that is none", 'HostName "a b"', 1, "HostName is no host name or address"],
			["ProxyCommand", "Host *\n ProxyCommand nc %h %p", 2, "ProxyCommand starts a program"],
		])("%s", async (_, config, line, reason) => {
			const failure = await failureOf(config)
			expect(failure).toMatchObject({ code: "ssh-config-unreadable", data: { line } })
			expect(failure.data.path).toContain("/.ssh/config")
			expect(failure.data.reason).toMatch(new RegExp(reason))
		})

		test("a folder, a device, a pipe, a file of many megabytes, one that others may write to", async () => {
			const home = makeHome({ config: "" })
			const pipe = join(home, "pipe")
			execFileSync("mkfifo", [pipe])
			const large = join(home, "large")
			writeFileSync(large, "#".repeat(2 * 1024 * 1024))
			const reasons = [home, "/dev/zero", pipe, large].map((file) => reasonOf({ home, file }))
			chmodSync(join(home, ".ssh/config"), 0o666)
			expect(await Promise.all([...reasons, reasonOf({ home })])).toEqual([
				"it is no regular file",
				"it is no regular file",
				"it is no regular file",
				"it is larger than 1048576 bytes",
				"others may write to it, chmod 600 is needed",
			])
		})

		async function reasonOf(options: Parameters<typeof createSshConfig>[0]): Promise<unknown> {
			const error = await createSshConfig(options)
				.read()
				.catch((error) => error)
			return error.failure?.data.reason ?? error
		}
	})

	test("no program is ever started", async () => {
		const trace = join(folder, "ran")
		const config = [
			`Match exec "touch ${trace}"`,
			" User x",
			`Match !exec "touch ${trace}; false"`,
			" User y",
			"Host *",
			" CanonicalizeHostname yes",
			" CanonicalDomains example.org",
			` LocalCommand touch ${trace}`,
			` KnownHostsCommand /bin/touch ${trace}`,
			" PermitLocalCommand yes",
			" Port 7",
		].join("\n")
		const path = process.env.PATH
		const bin = join(makeHome({ "x/y": "" }), "bin")
		mkdirSync(bin)
		writeFileSync(join(bin, "nslookup"), `#!/bin/sh\ntouch ${trace}\n`, { mode: 0o755 })
		process.env.PATH = `${bin}:${path}`
		try {
			expect(await settingsOf(config, "web")).toMatchObject({ port: 7 })
			expect(await settingsOf(config, "web")).not.toHaveProperty("user")
		} finally {
			process.env.PATH = path
		}
		expect(existsSync(trace)).toBe(false)
	})

	test("hostile patterns take no time", async () => {
		const pattern = `${"*a".repeat(400)}b`
		const begun = performance.now()
		await settingsOf(`Host ${pattern}\n User x\nMatch host ${pattern}\n User x`, "a".repeat(250))
		expect(performance.now() - begun).toBeLessThan(2000)
	})

	test("any text is settings or a failure with a place", async () => {
		const word = fc.oneof(
			fc.constantFrom(
				"Host",
				"Match",
				"Include",
				"host",
				"final",
				"all",
				"User",
				"*",
				"!",
				'"',
				"=",
				"#",
				"%h",
				"\\",
				"\n",
			),
			fc.string({ maxLength: 8 }),
		)
		await fc.assert(
			fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => {
				const text = words.join(" ").replaceAll("/", "")
				const error = await settingsOf(text, "web").catch((error) => error)
				if (error instanceof Error) expect(error).toBeInstanceOf(FailureError)
			}),
			{ numRuns: 300 },
		)
	})
})
