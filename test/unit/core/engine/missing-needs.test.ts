import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Host } from "../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { createRootedHost } from "../../../../core/engine/node-host/rooted-host.ts"
import { planModule } from "../../../../core/engine/plan.ts"
import { createWorkbench, type TestModule, type TestPool, type Workbench } from "./workbench.ts"

const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const
let bench: Workbench
/** An appliance whose `/` is the workbench's folder `root`, with two folders of programs, and systemd. */
let host: Host
const put = (path: string, mode = 0o644) => {
	const at = join(bench.folder, "root", path)
	mkdirSync(dirname(at), { recursive: true })
	writeFileSync(at, "")
	chmodSync(at, mode)
}
const link = (path: string, to: string) => {
	mkdirSync(dirname(join(bench.folder, "root", path)), { recursive: true })
	symlinkSync(to, join(bench.folder, "root", path))
}
beforeEach(() => {
	bench = createWorkbench()
	mkdirSync(join(bench.folder, "root/run/systemd/system"), { recursive: true })
	const rooted = createRootedHost({ root: join(bench.folder, "root"), keep: [bench.folder] })
	host = { ...rooted, programFolders: ["/usr/sbin", "/usr/bin"] }
	for (const program of ["/usr/bin/systemctl", "/usr/sbin/service", "/usr/bin/sudo", "/usr/bin/foo"])
		put(program, 0o755)
})
afterEach(() => bench.remove())

const plan = (module: TestModule, on = host) => planModule(on, bench.options, bench.module(module), request)
const missing = async (closure: string[], on = host) => {
	const { findings } = await plan({ pools: [{ id: "p", files: { a: "x" }, closure }] }, on)
	return findings
		.filter(({ rule }) => rule.endsWith("-missing"))
		.map(({ rule, message, path }) => `${rule} ${message} ${path}`)
}
const program = (name: string, at = 0) => [
	`command-missing this appliance has no command "${name}" $.pools[0].closure[${at}]`,
]
const unit = (name: string) => [`unit-missing this appliance has no unit "${name}" $.pools[0].closure[0]`]

test("a program is looked for where closures find theirs", async () => {
	expect(await missing(["foo", "bar"])).toEqual(program("bar", 1))
	expect(await missing(["/usr/bin/foo"])).toEqual([])
	expect(await missing(["/usr/bin/bar"])).toEqual(program("/usr/bin/bar"))
	put("/opt/bin/bar", 0o755)
	expect(await missing(["/opt/bin/bar", "bar"])).toEqual([])
	expect(await missing(["sudo bar"])).toEqual(program("bar"))
})

test("what cannot be run is none, what leads elsewhere may be one", async () => {
	put("/usr/bin/text", 0o644)
	mkdirSync(join(bench.folder, "root/usr/bin/folder"))
	link("/usr/bin/alias", "foo")
	link("/usr/bin/nowhere", "gone")
	expect(await missing(["text"])).toEqual(program("text"))
	expect(await missing(["folder"])).toEqual(program("folder"))
	expect(await missing(["alias"])).toEqual([])
	expect(await missing(["nowhere"])).toEqual([])
})

test.each([
	["/etc/systemd/system/a.service", "a"],
	["/lib/systemd/system/a.service", "a.service"],
	["/usr/lib/systemd/system/a.socket", "a.socket"],
	["/run/systemd/transient/a.timer", "a.timer"],
	["/run/systemd/generator.late/a.service", "a"],
	["/usr/lib/systemd/system/a@.service", "a@tty1"],
	["/etc/systemd/system/a@tty1.service", "a@tty1.service"],
	["/etc/init.d/a", "a"],
])("%s is the unit %s", async (path, name) => {
	const type = name.includes(".") ? "" : ".service"
	expect(await missing([`systemctl restart ${name}`])).toEqual(unit(`${name}${type}`))
	put(path)
	expect(await missing([`systemctl restart ${name}`])).toEqual([])
	expect(await missing([`sudo service ${name} restart`])).toEqual([])
})

test("an alias is a unit, also when it leads out of sight; a template alone is none", async () => {
	put("/usr/lib/systemd/system/apache2.service")
	link("/etc/systemd/system/httpd.service", "../../../usr/lib/systemd/system/apache2.service")
	link("/etc/systemd/system/odd.service", "/nowhere/odd.service")
	put("/usr/lib/systemd/system/x@.service")
	expect(await missing(["systemctl restart httpd", "systemctl restart odd"])).toEqual([])
	expect(await missing(["systemctl restart x"])).toEqual(unit("x.service"))
})

test("no systemd, no word about units; no view of the programs, no word at all", async () => {
	const hasNone: Host = {
		...host,
		disk: { ...host.disk, lstat: async (path) => (path.startsWith("/run/") ? undefined : host.disk.lstat(path)) },
	}
	expect(await missing(["systemctl restart nothing"], hasNone)).toEqual([])
	const { programFolders: _, ...blind } = host
	expect(await missing(["nothing", "systemctl restart nothing"], blind)).toEqual([])
	expect(createRootedHost({ root: bench.folder, keep: [] }).programFolders).toBeUndefined()
	expect(createNodeHost().programFolders).toContain("/usr/bin")
})

test("a folder that may not be looked into holds it, perhaps", async () => {
	const disk = host.disk
	const denied = Object.assign(new Error("denied"), { code: "EACCES" })
	const lstat = async (path: string) => {
		if (path.startsWith("/usr/sbin")) throw denied
		return disk.lstat(path)
	}
	expect(await missing(["bar"], { ...host, disk: { ...disk, lstat } })).toEqual([])
})

test("told with line and column among the module's own findings, of pools that would run and the final closure", async () => {
	const pools: TestPool[] = [
		{ id: "p", files: { a: "x" }, closure: ["one"] },
		{ id: "q", files: { b: "x" }, closure: ["two", "npm build"], enabled: false },
	]
	const { findings } = await plan({ pools, finalClosure: ["three"] })
	expect(findings.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
		"command-missing $.pools[0].closure[0]",
		"npm-build $.pools[1].closure[1]",
		"command-missing $.finalClosure[0]",
	])
	for (const { line, column } of findings) expect([line, column > 1]).toEqual([1, true])
})

test("no shell is opened for it, no tool but lsattr started, and nothing opened for writing", async () => {
	const refuse = () => {
		throw new Error("a plan does not do this")
	}
	const opened: string[] = []
	bench.write("a", "old")
	const { disk } = host
	const watched: Host = {
		...host,
		shell: { open: refuse, endMarked: refuse },
		run: async (tool) => {
			expect(tool).toBe("lsattr")
			return { exit: 0, stdout: "", stderr: "" }
		},
		disk: {
			...disk,
			open: (path, how, mode) => {
				opened.push(how)
				return disk.open(path, how, mode)
			},
		},
	}
	expect(await missing(["nothing"], watched)).toEqual(program("nothing"))
	expect(new Set(opened)).toEqual(new Set(["read", "readItself", "folder"]))
})
