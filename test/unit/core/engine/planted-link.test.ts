import { chmodSync, chownSync, existsSync, lchownSync, linkSync, mkdirSync, symlinkSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createWorkbench, type Workbench } from "./workbench.ts"

const USER = 65534
const isRoot = process.geteuid?.() === 0
const pool = { pools: [{ id: "p", files: { "home/conf": "ours" } }] }

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	chmodSync(bench.folder, 0o755)
	bench.write("secret", "root's")
	mkdirSync(bench.path("home"))
})
afterEach(() => bench.remove())

test.skipIf(!isRoot)("root's file under a name that a user gave it is not written (needs root)", async () => {
	chownSync(bench.path("home"), USER, USER)
	linkSync(bench.path("secret"), bench.path("home/conf"))
	const { outcomes, reasons } = await bench.apply(pool)
	expect([outcomes.p, bench.read("secret")]).toEqual(["failed", "root's"])
	expect(reasons.p).toMatchObject({ phase: "preflight" })
	expect(reasons.p?.message).toContain(`${bench.path("home/conf")} has other names, and whoever may write to`)
})

test.skipIf(!isRoot)(
	"a user's own file in the user's own folder is written under all its names (needs root)",
	async () => {
		chownSync(bench.path("home"), USER, USER)
		chownSync(bench.path("secret"), USER, USER)
		linkSync(bench.path("secret"), bench.path("home/conf"))
		expect([(await bench.apply(pool)).outcomes.p, bench.read("secret")]).toEqual(["applied", "ours"])
	},
)

test("where only root may write, a file is written under all its names", async () => {
	linkSync(bench.path("secret"), bench.path("home/conf"))
	expect([(await bench.apply(pool)).outcomes.p, bench.read("secret")]).toEqual(["applied", "ours"])
})

test.each<[string, (state: string) => string, string]>([
	["/proc", () => "/proc/self/comm", "app/conf"],
	["/dev", () => "/dev/null", "app/conf"],
	["/sys", () => "/sys/kernel", "app/conf"],
	["the state folder", (state) => `${state}/state.json`, "app/conf"],
	["the state folder, for a file that is new", (state) => `${state}/runs`, "app"],
])("a destination that a link leads below %s is refused, whoever made the link", async (_, target, name) => {
	const { stateFolder } = bench.options
	await bench.apply({ pools: [{ id: "first", files: { other: "x" } }] })
	if (name !== "app") mkdirSync(bench.path("app"))
	symlinkSync(target(stateFolder), bench.path(name))
	const { outcomes, reasons } = await bench.apply({
		version: "2.0.0",
		pools: [{ id: "p", files: { "app/conf": "ours" } }],
	})
	expect(outcomes.p).toBe("failed")
	expect(reasons.p?.message).toMatch(/leads into .*, where nothing may be written/)
	expect(existsSync(`${stateFolder}/runs/conf`)).toBe(false)
})

describe.skipIf(!isRoot)("a link in a user's folder (needs root)", () => {
	const link = (target: string, name: string, owner = USER) => {
		symlinkSync(target, bench.path(name))
		lchownSync(bench.path(name), owner, owner)
	}
	const own = (...names: string[]) => {
		for (const name of names) chownSync(bench.path(name), USER, USER)
	}
	const make = (name: string) => mkdirSync(bench.path(name), { recursive: true })
	beforeEach(() => own("home"))

	test("to a file of root's is not written through", async () => {
		link("../secret", "home/conf")
		const { outcomes, reasons } = await bench.apply(pool)
		expect([outcomes.p, bench.read("secret")]).toEqual(["failed", "root's"])
		expect(reasons.p?.message).toContain(
			`leads to ${bench.path("secret")} by ${bench.path("home/conf")}, a link that others`,
		)
	})

	test("in place of the folder itself: nothing is made where it leads", async () => {
		make("etc")
		link("../etc", "home/cron.d")
		const files = { "home/cron.d/job": "ours" }
		expect((await bench.apply({ pools: [{ id: "p", files }] })).outcomes.p).toBe("failed")
		expect(existsSync(bench.path("etc/job"))).toBe(false)
	})

	test("that root made there is as good as the user's: the folder is theirs", async () => {
		link("../secret", "home/conf", 0)
		expect([(await bench.apply(pool)).outcomes.p, bench.read("secret")]).toEqual(["failed", "root's"])
	})

	test("to another user's file is not written through either", async () => {
		make("other")
		bench.write("other/conf", "theirs")
		for (const name of ["other", "other/conf"]) chownSync(bench.path(name), 1234, 1234)
		link("../other/conf", "home/conf")
		expect([(await bench.apply(pool)).outcomes.p, bench.read("other/conf")]).toEqual(["failed", "theirs"])
	})

	test.each<[string, () => void, string]>([
		["to a file of the user's own", () => link("../secret", "home/conf"), "secret"],
		[
			"to a release of the user's, with a file that root put there",
			() => link("releases/5/conf", "home/conf"),
			"home/releases/5/conf",
		],
		["by way of a folder of the user's elsewhere", () => link("../srv/5", "home/app"), "srv/5/conf"],
	])("%s is written through", async (_, plant, name) => {
		for (const folder of ["home/releases/5", "srv/5"]) make(folder)
		bench.write("home/releases/5/conf", "old")
		bench.write("srv/5/conf", "old")
		own("secret", "home/releases", "home/releases/5", "srv/5")
		plant()
		const files = { [name.startsWith("srv") ? "home/app/conf" : "home/conf"]: "ours" }
		expect([(await bench.apply({ pools: [{ id: "p", files }] })).outcomes.p, bench.read(name)]).toEqual([
			"applied",
			"ours",
		])
	})

	test("nothing changes for links that only root can have made", async () => {
		make("etc/app")
		link("../../secret", "etc/app/conf", 0)
		const files = { "etc/app/conf": "ours" }
		expect([(await bench.apply({ pools: [{ id: "p", files }] })).outcomes.p, bench.read("secret")]).toEqual([
			"applied",
			"ours",
		])
	})
})
