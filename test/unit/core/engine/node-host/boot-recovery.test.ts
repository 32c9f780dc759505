import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Disk, OpenFile } from "../../../../../core/engine/host.ts"
import { createBootRecovery } from "../../../../../core/engine/node-host/boot-recovery.ts"
import { bootUnitName, makeBootUnit } from "../../../../../core/engine/node-host/boot-recovery-unit.ts"
import { nodeDisk } from "../../../../../core/engine/node-host/node-disk.ts"
import { createWorkbench, type Workbench } from "../workbench.ts"

let bench: Workbench
let unitFolder: string
let unit: string
let link: string
beforeEach(() => {
	bench = createWorkbench()
	unitFolder = join(bench.folder, "units")
	mkdirSync(unitFolder)
	unit = join(unitFolder, "hotfix-recover.service")
	link = join(unitFolder, "multi-user.target.wants/hotfix-recover.service")
})
afterEach(() => bench.remove())

const place = { stateFolder: "/var/lib/hotfix", logFile: "/var/log/hotfix.log" }
/** Programs that are everywhere, and in no folder that a boot empties. */
const program = ["/bin/sh", "/bin/ls"]
const create = (options: Partial<Parameters<typeof createBootRecovery>[0]> = {}) =>
	createBootRecovery({ program, unitFolder, isPossible: () => true, ...options })

test("the unit starts this runner's recovery, and boot does not wait for it", () => {
	const text = makeBootUnit(["/usr/bin/node", "/var/lib/hotfix/runners/d.cjs"], place)
	expect(text).toContain(
		'\nExecStart="/usr/bin/node" "/var/lib/hotfix/runners/d.cjs" "recover" "--at-boot" ' +
			'"--state" "/var/lib/hotfix" "--log" "/var/log/hotfix.log"\n',
	)
	expect(text).toContain('\nRequiresMountsFor="/var/lib/hotfix" "/usr/bin/node" "/var/lib/hotfix/runners/d.cjs"\n')
	expect(text).toContain("\nAssertFileNotEmpty=/var/lib/hotfix/runners/d.cjs\n")
	for (const setting of ["Type=simple", "KillMode=process", "WantedBy=multi-user.target"])
		expect(text.split("\n")).toContain(setting)
	expect(text).not.toMatch(/^(After|Before)=.*multi-user|^Timeout|^RuntimeMax/m)
	expect(makeBootUnit(program, { stateFolder: "/var/lib/hotfix" })).not.toContain("--log")
})

/** A state folder, and how it is written as an argument and as a path that is needed. */
const quoting: [string, string, string][] = [
	["/plain", '"/plain"', '"/plain"'],
	["/with space", '"/with space"', '"/with space"'],
	["/100%", '"/100%%"', '"/100%%"'],
	["/$HOME", '"/$$HOME"', '"/$HOME"'],
	['/a"b', '"/a\\"b"', '"/a\\"b"'],
	["/a'b", `"/a'b"`, `"/a'b"`],
	["/a\\x41", '"/a\\\\x41"', '"/a\\\\x41"'],
	["/ä;#@-", '"/ä;#@-"', '"/ä;#@-"'],
]

test.each(quoting)("a path %s in a unit", (path, argument, needed) => {
	const text = makeBootUnit(program, { stateFolder: path })
	expect(text).toContain(`"--state" ${argument}\n`)
	expect(text).toContain(`RequiresMountsFor=${needed} `)
})

test.each(["/a\nExecStart=/bin/evil", "/a\tb", "/a\u007f"])("%j can be in no unit", async (stateFolder) => {
	expect(() => makeBootUnit(program, { stateFolder })).toThrow("control character")
	expect(await create().arm({ stateFolder })).toContain("control character")
	expect(existsSync(unit)).toBe(false)
})

test("another state folder has a unit of its own", () => {
	expect(bootUnitName("/var/lib/hotfix")).toBe("hotfix-recover.service")
	const [one, two] = [bootUnitName("/srv/a"), bootUnitName("/srv/b")]
	expect(one).toMatch(/^hotfix-recover-[0-9a-f]{12}\.service$/)
	expect(two).not.toBe(one)
})

test("armed as often as it is asked for, and gone without a trace", async () => {
	const recovery = create()
	expect(await recovery.disarm(place)).toBeUndefined()
	process.umask(0o077)
	expect(await recovery.arm(place)).toBeUndefined()
	process.umask(0o022)
	expect(readFileSync(unit, "utf8")).toBe(makeBootUnit(program, place))
	expect(statSync(unit).mode & 0o777).toBe(0o644)
	expect(readlinkSync(link)).toBe(unit)
	const next = { ...place, logFile: "/var/log/other.log" }
	expect(await recovery.arm(next)).toBeUndefined()
	expect(readFileSync(unit, "utf8")).toBe(makeBootUnit(program, next))
	expect(await create({ program: ["/bin/sh", "/bin/cat"] }).disarm(place)).toBeUndefined()
	expect([existsSync(unit), existsSync(link)]).toEqual([false, false])
})

test("what a crash left half done is armed and disarmed all the same", async () => {
	mkdirSync(join(unitFolder, "multi-user.target.wants"))
	symlinkSync(unit, link)
	expect(await create().disarm(place)).toBeUndefined()
	expect(() => readlinkSync(link)).toThrow()
	symlinkSync(unit, link)
	writeFileSync(`${unit}.new`, "half")
	expect(await create().arm(place)).toBeUndefined()
	expect(existsSync(`${unit}.new`)).toBe(false)
	writeFileSync(`${unit}.new`, "half")
	expect(await create().disarm(place)).toBeUndefined()
	expect([existsSync(unit), existsSync(`${unit}.new`)]).toEqual([false, false])
})

test("a disk too full for the unit: nothing of it stays", async () => {
	const open = async (...args: Parameters<Disk["open"]>): Promise<OpenFile> => {
		const file = await nodeDisk.open(...args)
		const write = async () => Promise.reject(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }))
		return { ...file, write }
	}
	const recovery = create({ disk: { ...nodeDisk, open } })
	expect(await recovery.arm(place)).toBe(`cannot write ${unit}: no space is left on the disk`)
	expect(await recovery.disarm(place)).toBeUndefined()
	expect(existsSync(`${unit}.new`)).toBe(false)
})

test("everything is on disk when it is armed; no link is left to nothing when it is disarmed", async () => {
	const steps: string[] = []
	const recovery = create({ disk: recording(steps) })
	await recovery.arm(place)
	const at = (step: string) => {
		expect(steps, step).toContain(step)
		return steps.lastIndexOf(step)
	}
	expect(at("sync hotfix-recover.service.new")).toBeGreaterThan(at("write hotfix-recover.service.new"))
	expect(at("rename hotfix-recover.service.new")).toBeGreaterThan(at("sync hotfix-recover.service.new"))
	expect(at("syncFolder units")).toBeGreaterThan(at("rename hotfix-recover.service.new"))
	expect(at("syncFolder units")).toBeGreaterThan(at("makeFolder multi-user.target.wants"))
	expect(at("syncFolder multi-user.target.wants")).toBeGreaterThan(at("makeLink hotfix-recover.service"))
	// What lays the runner down does not sync it.
	for (const step of ["sync sh", "sync ls", "syncFolder bin"]) at(step)
	steps.length = 0
	await recovery.disarm(place)
	expect(steps.filter((step) => /remove|sync/.test(step)).slice(0, 3)).toEqual([
		"remove hotfix-recover.service",
		"syncFolder multi-user.target.wants",
		"remove hotfix-recover.service",
	])
})

/** What stands in the way and is somebody else's. */
const foreign: [string, () => void][] = [
	["unit", () => writeFileSync(unit, "[Service]\nExecStart=/bin/true\n")],
	["masked unit", () => symlinkSync("/dev/null", unit)],
	["folder", () => mkdirSync(unit)],
	["link", () => linkTo("/etc/systemd/system/other.service")],
]
function linkTo(target: string) {
	mkdirSync(join(unitFolder, "multi-user.target.wants"))
	symlinkSync(target, link)
}

test.each(foreign)("a %s of somebody else is left alone, and named", async (_, make) => {
	make()
	const before = listing()
	expect(await create().arm(place)).toBe(`cannot write ${unit}: there is one that is not ours; move it away`)
	expect(await create().disarm(place)).toBeUndefined()
	expect(listing()).toEqual(before)
})

test("nothing where there is no systemd of ours, and for a state folder that a boot empties", async () => {
	expect(await create({ isPossible: () => false }).arm(place)).toBeUndefined()
	expect(await create().arm({ stateFolder: "/tmp/state" })).toBeUndefined()
	expect(listing()).toEqual([])
})

test("why it cannot be armed", async () => {
	const without = (options: Parameters<typeof create>[0]) => create(options).arm(place)
	expect(await without({ unitFolder: "/dev/null/units" })).toContain("/dev/null/units")
	expect(await without({ program: ["/bin/sh", "/tmp/runner.cjs"] })).toMatch(/^cannot start \/tmp\/runner\.cjs at boot/)
	expect(await without({ program: ["/bin/sh", "/bin/none"] })).toMatch(/^cannot keep \/bin\/none .*does not exist$/)
})

function listing(): string[] {
	return Object.entries({ unit, link }).flatMap(([name, path]) => {
		const stat = statSync(path, { throwIfNoEntry: false })
		return stat ? [`${name} ${stat.ino} ${stat.mtimeMs}`] : []
	})
}

/** The real disk that notes what is done, by the last part of each path. */
function recording(steps: string[]): Disk {
	const note = (step: string, path: string) => void steps.push(`${step} ${path.split("/").at(-1)}`)
	const opened = (file: OpenFile, path: string): OpenFile => ({
		...file,
		write: (bytes, position) => file.write(bytes, position).finally(() => note("write", path)),
		sync: () => file.sync().finally(() => note("sync", path)),
	})
	return {
		...nodeDisk,
		open: async (path, how, mode) => opened(await nodeDisk.open(path, how, mode), path),
		makeFolder: (path, mode) => nodeDisk.makeFolder(path, mode).finally(() => note("makeFolder", path)),
		makeLink: (target, path) => nodeDisk.makeLink(target, path).finally(() => note("makeLink", path)),
		rename: (from, to) => nodeDisk.rename(from, to).finally(() => note("rename", from)),
		remove: (path) => nodeDisk.remove(path).finally(() => note("remove", path)),
		syncFolder: (path) => nodeDisk.syncFolder(path).finally(() => note("syncFolder", path)),
	}
}
