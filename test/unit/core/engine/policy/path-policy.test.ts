import { beforeEach, describe, expect, test } from "vitest"
import type { Destination } from "../../../../../core/engine/change.ts"
import { planModule } from "../../../../../core/engine/plan.ts"
import { readPathPolicy } from "../../../../../core/engine/policy/path-policy.ts"
import { makeFolders, read, write } from "../../../../fault/appliance.ts"
import { createMemoryBench, type MemoryBench } from "../memory-bench.ts"
import type { TestPool } from "../workbench.ts"

const POLICY = "/etc/hotfix/policy.json"
const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const

let bench: MemoryBench
beforeEach(async () => {
	bench = await createMemoryBench({ exchange })
	await makeFolders(bench.disk, "/etc/hotfix")
	await bench.write("conf", "old")
})

async function exchange(): Promise<number> {
	await bench.disk.rename("/srv/app", "/srv/aside")
	await bench.disk.makeLink("/etc", "/srv/app")
	return 0
}

async function setPolicy(policy: object, mode?: number): Promise<void> {
	if (await bench.disk.lstat(POLICY)) await bench.disk.remove(POLICY)
	await write(bench.disk, POLICY, JSON.stringify({ version: 1, ...policy }), mode)
}
const pool = (files: TestPool["files"]) => bench.module({ pools: [{ id: "p", files }] })

/** What apply, rehearse and plan say of a pool, which must be the same; the files as apply left them. */
async function askAll(files: TestPool["files"]): Promise<{ faults: string[]; isUntouched: boolean }> {
	const module = await pool(files)
	const before = bench.tree()
	const planned = (await planModule(bench.host, bench.options, module, request)).pools[0]
	const told = [...(planned?.warnings ?? []), ...(planned?.operations ?? []).flatMap((operation) => operation.faults)]
	const rehearsed = await bench.apply(module, { kind: "rehearse" })
	const { outcomes, reasons, story } = await bench.apply(module, { force: true })
	const { message, details = [] } = reasons.p ?? { message: "", details: [] }
	const faults = outcomes.p === "applied" ? [] : [message, ...details]
	expect(planned?.would).toBe(faults.length > 0 ? "fail-preflight" : "apply")
	expect(told.toSorted()).toEqual(faults.toSorted())
	expect(rehearsed.reasons.p?.message ?? "").toBe(message)
	expect(story[0]).toBe(faults.length > 0 ? "p: preflight! = failed" : story[0])
	return { faults, isUntouched: JSON.stringify(bench.tree()) === JSON.stringify(before) }
}

const refused = (...faults: string[]) => ({ faults, isUntouched: true })
const owners = (destination: string, path: string) =>
	`/srv/${destination} may not be written: no module writes ${path}, by which the owner limits modules`
const no = (destination: string, why: string) => `/srv/${destination} may not be written: ${POLICY} ${why}`

test.each([undefined, {}, { deny: ["/etc", "/srv/conf/x"] }, { allow: ["/srv/**"] }, { allow: ["/srv/conf"] }])(
	"with the policy %j the file may be written",
	async (policy) => {
		if (policy) await setPolicy(policy)
		expect((await askAll({ conf: "new" })).faults).toEqual([])
		expect(await read(bench.disk, "/srv/conf")).toBe("new")
	},
)

test("deny beats allow, what is not allowed is refused, and all faults are told at once", async () => {
	await setPolicy({ allow: ["/srv/app/**", "/srv/conf"], deny: ["/srv/*f"] })
	expect(await askAll({ conf: "new", "app/x": "new", "web/x": "new" })).toEqual(
		refused(
			no("conf", "denies /srv/conf ($.deny[0])"),
			no("web/x", "does not allow /srv/web"),
			no("web/x", "does not allow /srv/web/x"),
		),
	)
})

test("a link as destination is judged by the file that is written", async () => {
	await setPolicy({ deny: ["/etc"] })
	await write(bench.disk, "/etc/app/key", "root's")
	await bench.disk.makeLink("/etc/app/key", "/srv/link")
	expect(await askAll({ link: "new" })).toEqual(refused(no("link", "denies /etc/app/key ($.deny[0])")))
})

test("so is one in a folder that is a link, with the folders that would be made", async () => {
	await setPolicy({ deny: ["/etc/**/made"] })
	await bench.disk.makeLink("/etc", "/srv/app")
	expect(await askAll({ "app/made/x": "new" })).toEqual(
		refused(no("app/made/x", "denies /etc/made ($.deny[0])"), no("app/made/x", "denies /etc/made/x ($.deny[0])")),
	)
})

test("what is denied by the name of a link is denied where it is, and so is what is below it", async () => {
	await bench.disk.makeLink("/srv/app", "/lib")
	await bench.disk.makeLink("/srv/conf", "/etc/name")
	await setPolicy({ deny: ["/lib/*/x", "/etc/name", "/etc/loop/**"] })
	await bench.disk.makeLink("/etc/loop", "/etc/loop")
	expect(await askAll({ conf: "new", "app/made/x": "new", "app/made/y": "new" })).toEqual(
		refused(no("conf", "denies /srv/conf ($.deny[1])"), no("app/made/x", "denies /srv/app/made/x ($.deny[0])")),
	)
})

describe("what a sign stands before is denied by the names on the way, too", () => {
	const links: [link: string, target: string][] = [
		["/srv/home/eng/.ssh", "../../keys/eng"],
		["/srv/units/x.service", "/srv/conf"],
		["/srv/first", "second/eng"],
		["/srv/second", "home"],
		["/srv/alias", "units/x.service"],
		["/srv/up", "home/eng/.ssh/../mail"],
	]
	beforeEach(async () => {
		for (const folder of ["home/eng", "keys/eng", "keys/mail", "units"]) await makeFolders(bench.disk, `/srv/${folder}`)
		for (const [link, target] of links) await bench.disk.makeLink(target, link)
	})

	test.each<[deny: string, destination: string, name: string]>([
		["/**/.ssh", "home/eng/.ssh/authorized_keys", "/srv/home/eng/.ssh/authorized_keys"],
		["/srv/*/eng/.ssh/*", "home/eng/.ssh/made/x", "/srv/home/eng/.ssh/made/x"],
		["/srv/units/*.service", "units/x.service", "/srv/units/x.service"],
		["/srv/*/x.service", "alias", "/srv/units/x.service"],
		["/**/.ssh", "first/.ssh/x", "/srv/first/.ssh/x"],
		["/srv/home/*/.ssh", "first/.ssh/x", "/srv/home/eng/.ssh/x"],
		["/srv/se*", "first/.ssh/x", "/srv/second/eng/.ssh/x"],
		["/**/.ssh", "up/x", "/srv/home/eng/.ssh"],
	])("%s: %s", async (deny, destination, name) => {
		await setPolicy({ deny: [deny] })
		expect(await askAll({ [destination]: "new" })).toEqual(refused(no(destination, `denies ${name} ($.deny[0])`)))
	})

	test.each([
		{ deny: ["/**/.ssh/other", "/srv/*/x.service/**/y", "/**/mail/x"] },
		{ allow: ["/srv/keys/**", "/srv/conf"] },
	])("all else, and what is allowed, goes by where it leads: %j", async (policy) => {
		await setPolicy(policy)
		expect((await askAll({ "first/.ssh/x": "new", alias: "new" })).faults).toEqual([])
	})
})

test.each([
	["EACCES", []],
	["ENAMETOOLONG", []],
	["EIO", [expect.stringContaining(`cannot go by ${POLICY}: `)]],
])(
	"a denied name that cannot be looked at (%s) counts as it is written, or the policy is a fault",
	async (code, faults) => {
		await setPolicy({ deny: ["/root/.ssh"] })
		const lstat = async (path: string) => {
			if (path.startsWith("/root")) throw Object.assign(new Error(code), { code })
			return bench.disk.lstat(path)
		}
		const disk = new Proxy(bench.disk, {
			get: (target, name) => (name === "lstat" ? lstat : Reflect.get(target, name).bind(target)),
		})
		const policy = await readPathPolicy({ ...bench.host, disk })
		expect(policy.faults).toEqual(faults)
		const destination = {
			destination: "/root/.ssh/key",
			path: "/root/.ssh/key",
			waypoints: [],
			makes: [],
		} as unknown as Destination
		if (faults.length === 0)
			expect(policy.faultsOf(destination)).toEqual([
				`/root/.ssh/key may not be written: ${POLICY} denies /root/.ssh/key ($.deny[0])`,
			])
	},
)

test("a file with another name is refused: that one may be denied", async () => {
	await setPolicy({ deny: ["/etc"] })
	await bench.disk.link("/srv/conf", "/etc/other")
	expect(await askAll({ conf: "new" })).toEqual(
		refused(no("conf", "cannot tell of other names that the file has, or of what is mounted there")),
	)
})

test.each([undefined, { allow: ["/**"] }])("no module writes /etc/hotfix: with the policy %j", async (policy) => {
	if (policy) await setPolicy(policy)
	await bench.disk.makeLink("/etc/hotfix", "/srv/own")
	await bench.disk.makeLink("/etc", "/srv/etc")
	expect(await askAll({ "own/policy.json": "{}", "etc/hotfix/trusted-keys": "" })).toEqual(
		refused(owners("own/policy.json", POLICY), owners("etc/hotfix/trusted-keys", "/etc/hotfix/trusted-keys")),
	)
})

test("nor makes that folder", async () => {
	await bench.disk.removeFolder("/etc/hotfix")
	await bench.disk.makeLink("/etc", "/srv/etc")
	expect(await askAll({ "etc/hotfix/trusted-keys": "" })).toEqual(
		refused(...["", "/trusted-keys"].map((name) => owners("etc/hotfix/trusted-keys", `/etc/hotfix${name}`))),
	)
})

describe("nothing is written by a policy that nobody can go by", () => {
	test.each<[string, () => Promise<void>, string]>([
		["unknown key", () => setPolicy({ denied: [] }), `${POLICY}:1:23: $.denied: this runner does not know the key`],
		["unknown version", () => setPolicy({ version: 2 }), `${POLICY}:1:12: $.version: write 1`],
		["no JSON", () => write(bench.disk, POLICY, "deny /etc"), `${POLICY}:1:1: $: this is no JSON value`],
		["writable by others", () => setPolicy({}, 0o666), `${POLICY}: others than its owner may write to it`],
		["a link", () => bench.disk.makeLink("/srv/conf", POLICY), `${POLICY}: it is a link`],
	])("%s", async (_, make, why) => {
		await make()
		const { faults, isUntouched } = await askAll({ conf: "new", other: "new" })
		expect([faults.length, isUntouched]).toEqual([1, true])
		expect(faults[0]).toContain(`cannot go by ${why}`)
	})
})

describe("the way back stays open", () => {
	test("to what stood there, also by a policy that nobody can go by", async () => {
		await bench.apply(await pool({ conf: "new", "made/x": "new" }))
		await write(bench.disk, POLICY, "nonsense")
		expect((await bench.revert({ pool: "p" })).outcomes.p).toBe("applied")
		expect(Object.keys(bench.tree())).toEqual(["/srv", "/srv/conf"])
	})

	test("to the customer's original, and to a lower version without a file", async () => {
		const { apply, module } = bench
		const version = (version: string, files: TestPool["files"]) => module({ version, pools: [{ id: "p", files }] })
		await apply(await version("1.0.0", { other: "1" }))
		await apply(await version("1.1.0", { other: "1", conf: "2" }))
		await setPolicy({ deny: ["/srv/conf"] })
		const back = await apply(await version("1.0.0", { other: "1" }), { allowDowngrade: true })
		expect(back.outcomes.p).toBe("applied")
		await setPolicy({ deny: ["/srv"] })
		expect((await bench.revert({ pool: "p", original: true, force: true })).outcomes.p).toBe("applied")
	})

	test("but not to another place that a link leads to by now", async () => {
		await bench.apply(await pool({ conf: "new" }))
		await setPolicy({ deny: ["/etc"] })
		await write(bench.disk, "/etc/app/key", "root's")
		await bench.disk.remove("/srv/conf")
		await bench.disk.makeLink("/etc/app/key", "/srv/conf")
		const { outcomes, reasons } = await bench.revert({ pool: "p", force: true })
		expect([outcomes.p, reasons.p?.message]).toEqual(["failed", no("conf", "denies /etc/app/key ($.deny[0])")])
	})
})

test("a folder that is exchanged after preflight leads no write to a denied place", async () => {
	await write(bench.disk, "/srv/app/x", "old")
	await write(bench.disk, "/etc/x", "root's")
	await setPolicy({ deny: ["/etc"] })
	const module = await bench.module({ pools: [{ id: "p", files: { "app/x": "new" }, checks: ["exchange"] }] })
	expect((await bench.apply(module)).outcomes.p).toBe("failed")
	expect(await read(bench.disk, "/etc/x")).toBe("root's")
	expect(await read(bench.disk, "/srv/app/x")).toBe("root's")
})
