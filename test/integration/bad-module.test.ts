import { execFileSync, spawn } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type CommandResult, collectOutput } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { hotfix } from "../support/hotfix.ts"
import { type Called, callHotfix, callRunner } from "../support/in-process.ts"
import { wholeTree } from "../support/whole-tree.ts"

const runner = join(projectFolder, "dist/runner/hotfix-runner.cjs")
const isRoot = process.getuid?.() === 0
const NOBODY = 65534

/** Holds the module, the appliance's files, and nothing else: a state folder or a log would show. */
let base: string
/** The desktop's own data lie elsewhere: it may write there. */
let data: string
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), "hotfix-bad-module-"))
	data = mkdtempSync(join(tmpdir(), "hotfix-data-"))
	chmodSync(base, 0o755)
	for (const folder of ["module/src", "appliance"]) mkdirSync(join(base, folder), { recursive: true })
	put("appliance/a", "the customer's")
	put("module/src/a", "ours")
})
afterEach(() => {
	for (const folder of [base, data]) rmSync(folder, { recursive: true, force: true })
})

const put = (path: string, text: string | Buffer) => {
	mkdirSync(dirname(join(base, path)), { recursive: true })
	writeFileSync(join(base, path), text)
}
const places = () => {
	return ["--module", join(base, "module"), "--state", join(base, "state"), "--log", join(base, "update.log")]
}
const run = (command: string, options: { uid?: number } = {}): Promise<CommandResult> =>
	collectOutput(spawn(process.execPath, [runner, command, ...places()], { cwd: base, ...options }))
const onDesktop = (command: string) =>
	hotfix([command, join(base, "module"), ...(command === "validate" ? [] : ["--on", "root@127.0.0.1:1"])], data)
/** The built programs: every command in a process of its own. */
const inPrograms = async (command: string): Promise<Called> => {
	const desktops = command === "validate" ? command : command.match(/^hotfix (.+)/)?.[1]
	const { status, ...printed } = await (desktops === undefined ? run(command) : onDesktop(desktops))
	return { exit: status ?? -1, ...printed }
}
/** The same command lines in this process: many rows, none of which the building of the programs could change. */
const inProcess = (command: string): Promise<Called> =>
	command === "validate" ? callHotfix([command, join(base, "module")]) : callRunner([command, ...places()])

type Permissions = { owner?: unknown; group?: unknown; mode?: unknown }
type Operation = { target: unknown; destination: unknown; permissions?: Permissions }
type Pool = { id: unknown; operations: unknown; closure: unknown; checks?: unknown }
type Index = { metadata: { schema_version: unknown }; pools: unknown; finalClosure: unknown }

const operation = (more: Partial<Operation> = {}): Operation => ({
	target: "src/a",
	destination: join(base, "appliance/a"),
	...more,
})
const pool = (more: Partial<Pool> = {}): Pool => ({
	id: "p",
	operations: [operation()],
	closure: ["test -f x"],
	...more,
})
const index = (pools: unknown = [pool()], more: Partial<Index> = {}): Index => ({
	metadata: { schema_version: "1.0.0" },
	pools,
	finalClosure: [],
	...more,
})
const withOperations = (...operations: unknown[]) => index([pool({ operations })])
const permitted = (permissions: Permissions) => withOperations(operation({ permissions }))
const inAppliance = (name: string) => operation({ destination: `${base}/appliance${name}` })

const putIndex = (value: unknown): string => {
	const text = typeof value === "string" ? value : JSON.stringify(value, null, "\t")
	put("module/index.json", text)
	return text
}

/** Line and column of each fault that was printed, as one ascending number. */
const placesOf = (stderr: string): number[] =>
	[...stderr.matchAll(/^index\.json:(\d+):(\d+): /gm)].map(([, line, column]) => Number(line) * 1e4 + Number(column))

/** Path and what stands at the line and column of each fault that was printed. */
function readFaults(stderr: string, text: string): string[] {
	const lines = text.split(/\r?\n/)
	return stderr.split("\n").flatMap((printed) => {
		const [, line, column, path] = /^index\.json:(\d+):(\d+): (\$\S*): .+: .+$/.exec(printed) ?? []
		if (path === undefined) return []
		return [`${path} ${(lines[Number(line) - 1] ?? "").slice(Number(column) - 1)}`]
	})
}

function expectRefusal({ exit, stdout, stderr }: Called): void {
	expect(stderr).not.toMatch(/\n\s+at .*:\d+|node:internal|undefined|\[object/)
	// Warnings are no part of a refusal, but `validate` tells them too.
	expect(stdout).toMatch(/^(index\.json:.*\(warning\)\n)*$/)
	expect(exit).toBe(2)
}

/** Every command that reads a module; each must refuse, say these faults, and leave the tree as it is. */
async function refusedBy(commands: readonly string[], text: string, call = inPrograms): Promise<string[]> {
	const before = wholeTree(base)
	const told = await Promise.all(
		commands.map(async (command) => {
			const result = await call(command)
			expectRefusal(result)
			return readFaults(result.stderr, text)
		}),
	)
	expect(wholeTree(base)).toEqual(before)
	const [first = []] = told
	for (const other of told) expect(other).toEqual(first)
	return first
}

const ON_APPLIANCE = ["apply", "plan", "rehearse"] as const
const VALIDATED = [...ON_APPLIANCE, "validate"] as const
const EVERYWHERE = [...VALIDATED, "hotfix run", "hotfix plan"] as const

/** `fault` begins what is expected: JSON path, then what stands at its line and column. */
type More = { prepare?: () => void; only?: "appliance" }
type Row = [name: string, make: () => unknown, fault: string, more?: More]
const at = "$.pools[0].operations[0]"
const rows: Row[] = [
	["no JSON", () => "pools: []", "$ pools"],
	["an empty file", () => "", "$ "],
	["cut off", () => '{"metadata": {"schema_version": "1.0.0"},\n"pools": [', "$.pools "],
	["a comment", () => JSON.stringify(index()).replace("{", "{ // here\n"), "$ // here"],
	["a comma too many", () => JSON.stringify(index()).replace(/\}$/, ",}"), "$.finalClosure ,}"],
	["a byte order mark", () => `\ufeff${JSON.stringify(index())}`, "$ \ufeff{"],
	["null", () => "null", "$ null"],
	["a list", () => "[]", "$ []"],
	["a key twice", () => JSON.stringify(index()).replace('"pools"', '"finalClosure":[],\n"pools"'), "$.finalClosure "],
	["nested 200 deep", () => `{"x": ${"[".repeat(200)}${"]".repeat(200)}}`, "$ [["],
	["a text for the pools", () => index("all"), '$.pools "all"'],
	[
		"a number for the version",
		() => index([pool()], { metadata: { schema_version: 1 } }),
		"$.metadata.schema_version 1",
	],
	["no version", () => ({ pools: [pool()] }), "$.metadata {"],
	["a version that is none", () => index([pool()], { metadata: { schema_version: "one" } }), "$.metadata.schema_ver"],
	["no pools", () => index([]), "$.pools []"],
	["a number for a pool", () => index([1]), "$.pools[0] 1"],
	["a number for an id", () => index([pool({ id: 7 })]), "$.pools[0].id 7"],
	["an id with a slash", () => index([pool({ id: "../p" })]), '$.pools[0].id "../p"'],
	["__proto__ as an id", () => index([pool({ id: "__proto__" })]), '$.pools[0].id "__proto__"'],
	["an id twice", () => index([pool(), pool({ operations: [inAppliance("/b")] })]), '$.pools[1].id "p"'],
	["no operations", () => index([pool({ operations: [] })]), "$.pools[0].operations []"],
	["operations missing", () => index([{ id: "p", closure: ["true"] }]), "$.pools[0].operations {"],
	["no closure", () => index([pool({ closure: [] })]), "$.pools[0].closure []"],
	["a text for the closure", () => index([pool({ closure: "make" })]), '$.pools[0].closure "make"'],
	["an empty command", () => index([pool({ closure: ["make", " "] })]), '$.pools[0].closure[1] " "'],
	["an empty check", () => index([pool({ checks: [""] })]), '$.pools[0].checks[0] ""'],
	["an empty final command", () => index([pool()], { finalClosure: ["\t"] }), '$.finalClosure[0] "\\t"'],
	["NUL in a command", () => index([pool({ closure: ["a\0b"] })]), '$.pools[0].closure[0] "a'],
	["half a character", () => index([pool({ closure: ["echo \ud800"] })]), '$.pools[0].closure[0] "echo'],
	["a target with ..", () => withOperations(operation({ target: "src/../../a" })), `${at}.target "src/..`],
	["an absolute target", () => withOperations(operation({ target: "/etc/passwd" })), `${at}.target "/etc`],
	["NUL in a target", () => withOperations(operation({ target: "src/a\0" })), `${at}.target "src/a`],
	["a target that is missing", () => withOperations(operation({ target: "src/b" })), `${at}.target "src/b"`],
	["a target that is a folder", () => withOperations(operation({ target: "src/" })), `${at}.target "src/"`],
	[
		"a target that is a pipe",
		() => withOperations(operation({ target: "src/pipe" })),
		`${at}.target "src/pipe"`,
		{ prepare: () => execFileSync("mkfifo", [join(base, "module/src/pipe")]) },
	],
	[
		"a target that is a link out of src/",
		() => withOperations(operation({ target: "src/out" })),
		`${at}.target "src/out"`,
		{ prepare: () => symlinkSync("../../appliance/a", join(base, "module/src/out")) },
	],
	[
		"a target that is a link to nothing",
		() => withOperations(operation({ target: "src/gone" })),
		`${at}.target "src/gone"`,
		{ prepare: () => symlinkSync("nothing", join(base, "module/src/gone")) },
	],
	[
		"a target that is a link to a device",
		() => withOperations(operation({ target: "src/zero" })),
		`${at}.target "src/zero"`,
		{ prepare: () => symlinkSync("/dev/zero", join(base, "module/src/zero")) },
	],
	["a relative destination", () => withOperations(operation({ destination: "etc/a" })), `${at}.destination "etc/a"`],
	["an empty destination", () => withOperations(operation({ destination: "" })), `${at}.destination ""`],
	["/", () => withOperations(operation({ destination: "/" })), `${at}.destination "/"`],
	["a destination with ..", () => withOperations(inAppliance("/../a")), `${at}.destination "`],
	["NUL in a destination", () => withOperations(inAppliance("/a\0")), `${at}.destination "`],
	["a name too long", () => withOperations(inAppliance(`/${"x".repeat(256)}`)), `${at}.destination "`],
	["/proc", () => withOperations(operation({ destination: "/proc/sys/x" })), `${at}.destination "/proc`],
	["/sys", () => withOperations(operation({ destination: "/sys/x" })), `${at}.destination "/sys`],
	["/dev", () => withOperations(operation({ destination: "/dev/null" })), `${at}.destination "/dev`],
	[
		"the state folder",
		() => withOperations(operation({ destination: "/var/lib/hotfix/x" })),
		`${at}.destination "/var`,
	],
	[
		"another state folder",
		() => withOperations(operation({ destination: `${base}/state/x` })),
		`${at}.destination "`,
		{ only: "appliance" },
	],
	["a destination twice", () => withOperations(operation(), operation()), "$.pools[0].operations[1].destination"],
	[
		"a destination in another",
		() => withOperations(operation(), inAppliance("/a/b")),
		"$.pools[0].operations[1].destination",
	],
	["a bad mode", () => permitted({ mode: "rw-r--r--" }), `${at}.permissions.mode "rw-`],
	["a mode with an 8", () => permitted({ mode: "0648" }), `${at}.permissions.mode "0648"`],
	["a number for a mode", () => permitted({ mode: 644 }), `${at}.permissions.mode 644`],
	["an owner with a colon", () => permitted({ owner: "a:b" }), `${at}.permissions.owner "a:b"`],
	["an unknown owner", () => permitted({ owner: "nosuchuser" }), `${at}.permissions.owner "nos`, { only: "appliance" }],
	[
		"an unknown group",
		() => permitted({ group: "nosuchgroup" }),
		`${at}.permissions.group "nos`,
		{ only: "appliance" },
	],
	["an id beyond all ids", () => permitted({ owner: "4294967295" }), `${at}.permissions.owner`, { only: "appliance" }],
]

describe("one fault: exit 2, its place, nothing touched", () => {
	test.each(rows)("%s", async (_name, make, fault, { prepare, only } = {}) => {
		prepare?.()
		const text = putIndex(make())
		const told = await refusedBy(only ? ON_APPLIANCE : VALIDATED, text, inProcess)
		expect(told).toHaveLength(1)
		expect(told[0]).toSatisfy((line: string) => line.startsWith(fault), `${told[0]} should begin with ${fault}`)
	})

	test("two spellings of one destination are told as what they are", async () => {
		const text = putIndex(withOperations(operation(), inAppliance("//a"), inAppliance("/./a")))
		const paths = (await refusedBy(EVERYWHERE, text)).map((line) => line.split(" ")[0])
		const [second, third] = [1, 2].map((number) => `$.pools[0].operations[${number}].destination`)
		expect(paths).toEqual([second, second, third, third])
	})
})

/** One mistake of every kind in one file; the comment is the number of faults. */
const everything = () =>
	index(
		[
			pool({
				id: "same",
				checks: [""], // 1
				operations: [
					operation({ permissions: { owner: "nosuchuser", group: "nosuchgroup", mode: "999" } }), // 3
					operation({ target: "../a", destination: "relative" }), // 2
					operation({ target: "/a", destination: "/proc/a" }), // 2
					operation({ target: "gone", destination: `${base}/state/a` }), // 2
					operation({ target: "out" }), // a link out of src/, and the first one's destination: 2
					operation({ target: "a\0", destination: `${base}//b` }), // 2
					{ target: 5 }, // wrong type, no destination: 2
				],
			}),
			pool({ id: "same", operations: [], closure: [] }), // 3
			pool({ id: "a b", closure: ["", 7], operations: [operation({ destination: "/dev/x" })] }), // 4
			"pool", // 1
		],
		{ metadata: { schema_version: "1" }, finalClosure: [" ", "a\0b"] }, // 3
	)

test("everything that the desktop can know, at once, by every command of both", async () => {
	const known = [
		operation({ target: "../a", destination: "relative" }),
		operation({ target: "gone", destination: "/proc/a", permissions: { mode: "9" } }),
	]
	const text = putIndex(index([pool({ id: "a b", operations: known, closure: [] }), pool({ closure: [""] })]))
	expect(await refusedBy(EVERYWHERE, text)).toHaveLength(8)
})

test("everything wrong at once: every fault is told, in the order of the file", async () => {
	symlinkSync("../../appliance/a", join(base, "module/src/out"))
	const text = putIndex(everything())
	const told = await refusedBy(ON_APPLIANCE, text)
	const pathOf = (line: string) => line.split(" ")[0] ?? ""
	const [a, b, c] = [0, 1, 2].map((number) => `$.pools[${number}]`)
	const each = (number: number) => `${a}.operations[${number}]`
	const expected = [
		"$.metadata.schema_version",
		...[`${a}.checks[0]`, `${each(0)}.permissions.owner`, `${each(0)}.permissions.group`],
		...[`${each(0)}.permissions.mode`, `${each(1)}.target`, `${each(1)}.destination`],
		...[`${each(2)}.target`, `${each(2)}.destination`, `${each(3)}.target`, `${each(3)}.destination`],
		...[`${each(4)}.target`, `${each(4)}.destination`, `${each(5)}.target`, `${each(5)}.destination`],
		...[`${each(6)}.target`, `${each(6)}.destination`, `${b}.id`, `${b}.operations`, `${b}.closure`],
		...[`${c}.id`, `${c}.closure[0]`, `${c}.closure[1]`, `${c}.operations[0].destination`, "$.pools[3]"],
		...["$.finalClosure[0]", "$.finalClosure[1]"],
	]
	expect(told.map(pathOf).toSorted()).toEqual(expected.toSorted())
	const places = placesOf((await run("plan")).stderr)
	expect(places).toEqual(places.toSorted((one, other) => one - other))
})

describe("hostile", () => {
	test("line ends of another system: right places", async () => {
		const text = putIndex(JSON.stringify(permitted({ mode: "x" }), null, 2).replaceAll("\n", "\r\n"))
		expect(await refusedBy(EVERYWHERE, text)).toEqual([`${at}.permissions.mode "x"`])
	})

	test("__proto__ as a key is a key like any other", async () => {
		putIndex(JSON.stringify(index()).replace("{", '{"__proto__": {"enabled": false, "pools": []}, '))
		const { status, stdout } = await run("plan")
		expect(status).toBe(0)
		expect(stdout).toContain(join(base, "appliance/a"))
	})

	test.each([
		["an index of 100 MB", () => truncateSync(join(base, "module/index.json"), 100_000_000)],
		["an endless index", () => endless("module/index.json")],
		["a pipe as index", () => pipe("module/index.json")],
		["a folder as index", () => folder("module/index.json")],
		["no index", () => rmSync(join(base, "module/index.json"))],
		["a pipe as src", () => pipe("module/src")],
		["a link elsewhere as src", () => linkAway("module/src")],
	])("%s: refused at once", async (_name, prepare) => {
		putIndex(index())
		prepare()
		const before = withoutContent()
		const start = performance.now()
		for (const result of await Promise.all(ON_APPLIANCE.map(inPrograms))) {
			expectRefusal(result)
			expect(result.stderr).not.toBe("")
		}
		expect(performance.now() - start).toBeLessThan(15_000)
		expect(withoutContent()).toEqual(before)
	})

	test("a socket as a source", async () => {
		const server = createServer().listen(join(base, "module/src/socket"))
		await new Promise((resolve) => server.once("listening", resolve))
		const text = putIndex(withOperations(operation({ target: "socket" })))
		expect(await refusedBy(ON_APPLIANCE, text)).toEqual([`${at}.target "socket",`])
		await new Promise((resolve) => server.close(resolve))
	})

	test("ten thousand pools, each with a fault: bounded in time and in words", async () => {
		const pools = Array.from({ length: 10_000 }, (_, number) => pool({ id: `p${number}`, closure: [""] }))
		putIndex(JSON.stringify(index(pools)))
		const before = withoutContent()
		const start = performance.now()
		const result = await inPrograms("apply")
		expectRefusal(result)
		expect(performance.now() - start).toBeLessThan(60_000)
		expect(result.stderr.split("\n").length).toBeLessThan(1010)
		expect(withoutContent()).toEqual(before)
	})

	test("ten thousand sound pools are planned in bounded time", async () => {
		const pools = Array.from({ length: 10_000 }, (_, number) =>
			pool({ id: `p${number}`, operations: [inAppliance(`/${number}`)] }),
		)
		putIndex(JSON.stringify(index(pools)))
		const start = performance.now()
		const { status, stdout } = await run("plan")
		expect(status).toBe(0)
		expect(stdout).toContain(`${base}/appliance/9999`)
		expect(performance.now() - start).toBeLessThan(90_000)
	})

	test("a source that changes after it was read: its pool fails, and nothing of it is written", async () => {
		put("module/src/b", "ours too")
		const change = `printf changed > ${join(base, "module/src/b")}`
		const second = pool({ id: "second", operations: [operation({ target: "b", destination: `${base}/appliance/b` })] })
		putIndex(index([pool({ closure: [change] }), { ...second, closure: ["true"] }]))
		const { status, stdout } = await run("apply")
		expect(status).toBe(1)
		expect(stdout).toMatch(/second.*digest/)
		expect(Object.keys(wholeTree(join(base, "appliance"))).toSorted()).toEqual([".", "a"])
	})

	test.skipIf(!isRoot)("a source that this account may not read", async () => {
		chmodSync(join(base, "module/src/a"), 0o600)
		const text = putIndex(index())
		chmodSync(base, 0o777)
		const before = wholeTree(base)
		for (const command of ON_APPLIANCE) {
			const { status, ...printed } = await run(command, { uid: NOBODY })
			expectRefusal({ exit: status ?? -1, ...printed })
			expect(readFaults(printed.stderr, text)).toEqual([`${at}.target "src/a",`])
		}
		expect(wholeTree(base)).toEqual(before)
	})
})

const pipe = (path: string) => {
	rmSync(join(base, path), { recursive: true })
	execFileSync("mkfifo", [join(base, path)])
}
const folder = (path: string) => {
	rmSync(join(base, path))
	mkdirSync(join(base, path))
}
const endless = (path: string) => {
	rmSync(join(base, path))
	symlinkSync("/dev/zero", join(base, path))
}
const linkAway = (path: string) => {
	rmSync(join(base, path), { recursive: true })
	symlinkSync("../appliance", join(base, path))
}
/** For trees with huge files: what `ls` would show of them. */
const withoutContent = () =>
	execFileSync("find", [base, "-printf", "%p %y %m %s %T@ %C@ %l\\n"], { encoding: "utf8" }).split("\n").toSorted()
