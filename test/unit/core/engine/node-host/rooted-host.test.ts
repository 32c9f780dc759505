import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { createRootedHost, makeRootedPaths } from "../../../../../core/engine/node-host/rooted-host.ts"

const { inside, outside } = makeRootedPaths({ root: "/r", keep: ["/r/state", "/modules/m"] })

test.each([
	["/etc/x", "/r/etc/x"],
	["/", "/r/"],
	["/r/state", "/r/state"],
	["/r/state/runs/1", "/r/state/runs/1"],
	["/r/state-of-others", "/r/r/state-of-others"],
	["/modules/m/src/a", "/modules/m/src/a"],
	["/modules/me", "/r/modules/me"],
	["/../../etc/x", "/r/etc/x"],
])("%s lies at %s", (path, place) => expect(inside(path)).toBe(place))

test.each([
	["/r/etc/x", "/etc/x"],
	["/r", "/"],
	["/r/state/x", "/r/state/x"],
])("%s is called %s", (place, path) => expect(outside(place)).toBe(path))

test("what lies outside has no name there", () => {
	expect(() => outside("/etc/passwd")).toThrow("leads out of /r")
	expect(() => outside("/root")).toThrow("leads out of /r")
})

test("files are written below the root, commands start there, and links out of it lead nowhere", async () => {
	const root = mkdtempSync(join(tmpdir(), "rooted-"))
	onTestFinished(() => rmSync(root, { recursive: true, force: true }))
	mkdirSync(join(root, "etc"))
	writeFileSync(join(root, "etc/inside"), "")
	symlinkSync("inside", join(root, "etc/near"))
	symlinkSync("/usr", join(root, "etc/far"))
	const { disk, shell } = createRootedHost({ root, keep: [] })
	const file = await disk.open("/etc/new", "create", 0o600)
	await file.write(Buffer.from("new"), 0)
	await file.close()
	expect(readFileSync(join(root, "etc/new"), "utf8")).toBe("new")
	expect(await disk.realPath("/etc/near")).toBe("/etc/inside")
	const held = await disk.open("/etc", "folder")
	expect(held.path === "/etc" ? "/etc" : await disk.readLink(held.path)).toBe("/etc")
	expect((await disk.lstat(`${held.path}/new`))?.kind).toBe("file")
	expect(await disk.readLink(`${held.path}/far`)).toBe("/usr")
	await held.close()
	await expect(disk.realPath("/etc/far")).rejects.toMatchObject({ code: "ENOENT" })
	expect(await disk.lstat("/etc/passwd")).toBeUndefined()

	const output: Buffer[] = []
	const list = await shell.open({ mark: "rooted", onOutput: (_, bytes) => void output.push(Buffer.from(bytes)) })
	expect(await list.run('pwd; echo "$HOTFIX_ROOT"')).toEqual({ endedShell: false, exit: 0 })
	await list.close()
	expect(Buffer.concat(output).toString()).toBe(`${root}\n${root}\n`)
})

test("the name of a kept folder is made safe where it stands, and in a folder of the same path", async () => {
	const machine = mkdtempSync(join(tmpdir(), "rooted-"))
	onTestFinished(() => rmSync(machine, { recursive: true, force: true }))
	const [root, state] = [join(machine, "root"), join(machine, "state")]
	for (const folder of [root, state]) mkdirSync(folder)
	const { disk } = createRootedHost({ root, keep: [state] })
	await disk.syncFolder(machine)
	mkdirSync(join(root, machine), { recursive: true })
	await disk.syncFolder(machine)
	await expect(disk.syncFolder(join(machine, "other"))).rejects.toMatchObject({ code: "ENOENT" })
})
