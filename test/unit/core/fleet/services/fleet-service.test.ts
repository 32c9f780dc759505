import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Services } from "../../../../../core/fleet/services/types.ts"
import { createServices } from "../../../../../core/fleet/services.ts"
import { openStore } from "../../../../../core/fleet/store/store.ts"
import type { PoolResult, StateChange } from "../../../../../core/schema/desktop.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { applyStateChange } from "../../../../../renderer/stores/desktop.ts"
import { makeAppliance, makeRun } from "../make.ts"

let folder: string
const opened: Services[] = []
const open = async (sshConfig: string | null = null) => {
	const services = await createServices({
		...{ dataFolder: join(folder, "data"), host: "browser", version: "0", runnerBundle: "none", sshConfig },
		connect: () => Promise.reject(new FailureError("unreachable")),
	})
	opened.push(services)
	return services
}
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-fleet-"))
})
afterEach(async () => {
	for (const services of opened.splice(0)) await services.close()
	rmSync(folder, { recursive: true, force: true })
})
const failureOf = (work: () => unknown) => {
	try {
		work()
	} catch (error) {
		if (error instanceof FailureError) return error.failure
		throw error
	}
	return undefined
}
const csv = (text: string) => ({ kind: "text" as const, text })
const names = ({ appliances }: Services) => appliances.list().map(({ name }) => name)
const { id: _, ...alpha } = makeAppliance({ tags: ["own"] })

describe("import", () => {
	test("a preview changes nothing; what is chosen of it is imported as it was shown, once", async () => {
		const { fleet, ...services } = await open()
		const { id } = services.appliances.save(alpha)
		const preview = await fleet.readImport(csv("name,host,tags\nAlpha,alpha.test,new\nBeta,beta.test,x\nGamma,g.test,"))
		expect(preview.rows.map(({ standing }) => standing)).toEqual(["changed", "new", "new"])
		expect(services.appliances.list()).toHaveLength(1)
		expect(fleet.import(preview.rows.slice(0, 2))).toEqual({ added: 1, changed: 1 })
		expect(services.appliances.list()).toMatchObject([
			{ id, name: "Alpha", tags: ["new"] },
			{ name: "Beta", user: "root" },
		])
		// Both are in the fleet now: looked at again, there is nothing to do.
		expect(failureOf(() => fleet.import(preview.rows.slice(1, 2)))).toMatchObject({ code: "changed-meanwhile" })
	})

	test("what a person edited since the preview is not written over, and then nothing at all is imported", async () => {
		const services = await open()
		const { id } = services.appliances.save(alpha)
		const { rows } = await services.fleet.readImport(csv("name,host,tags\nBeta,beta.test,x\nAlpha,alpha.test,new"))
		services.appliances.save({ ...alpha, id, notes: "edited meanwhile" })
		expect(failureOf(() => services.fleet.import(rows))).toEqual({ code: "changed-meanwhile", data: { path: "Alpha" } })
		expect(services.appliances.list()).toMatchObject([{ name: "Alpha", tags: ["own"], notes: "edited meanwhile" }])
	})

	test.each([
		["name", { name: "Beta", host: "other.test" }],
		["address", { name: "Other", host: "BETA.test" }],
	])("one of the same %s that came meanwhile is not doubled", async (_, change) => {
		const services = await open()
		const { rows } = await services.fleet.readImport(csv("name,host\nBeta,beta.test"))
		services.appliances.save({ ...alpha, ...change })
		expect(failureOf(() => services.fleet.import(rows))?.code).toBe("changed-meanwhile")
		expect(services.appliances.list()).toHaveLength(1)
	})

	test("two of the fleet at one place can be changed as long as they are", async () => {
		const services = await open()
		services.appliances.save(alpha)
		services.appliances.save({ ...alpha, name: "Twin" })
		const { rows, problems } = await services.fleet.readImport(csv("name,host,tags\nAlpha,alpha.test,new"))
		expect(problems).toEqual([])
		expect(services.fleet.import(rows)).toEqual({ added: 0, changed: 1 })
	})

	test("rows of one call are compared with each other", async () => {
		const services = await open()
		services.appliances.save(alpha)
		const { rows } = await services.fleet.readImport(csv("name,host,tags\nBeta,beta.test,x\nAlpha,alpha.test,new"))
		for (const row of rows) expect(failureOf(() => services.fleet.import([row, row]))?.code).toBe("changed-meanwhile")
		expect(services.appliances.list()).toMatchObject([{ name: "Alpha", tags: ["own"] }])
	})

	test("the hosts of an SSH configuration, by their aliases; patterns are none, ProxyCommand is told", async () => {
		const config = join(folder, "config")
		writeFileSync(join(folder, "more"), "Host cellar\n  User support\n  Port 2222\n  HostName 10.0.0.5\n")
		writeFileSync(
			config,
			`Include ${join(folder, "more")}\nHost attic *.example !x\nHost strange\n  ProxyCommand nc %h\nHost *\n  User everybody\n`,
		)
		const preview = await (await open(config)).fleet.readImport({ kind: "ssh-config" })
		expect(preview.rows.map(({ appliance }) => appliance)).toMatchObject([
			{ name: "cellar", host: "cellar", user: "support", port: 2222, signIn: { method: "agent" } },
			{ name: "attic", host: "attic", user: "everybody", port: 22 },
		])
		expect(preview.problems).toEqual([
			{ line: 3, text: expect.stringMatching(/"strange" is left out: .*ProxyCommand/) },
		])
	})

	test("names of one Host line that lead to one machine are one appliance; a user that is not said is told once", async () => {
		const config = join(folder, "config")
		const lines = [
			...["Host other", "  Port 2222", "Host web1 web1.example 10.0.0.1 other", "  HostName 10.0.0.1"],
			...["Host web1 again web1.example", "  User late", "Host again", "  HostName 10.0.0.1", "Host a b", "  User me"],
		]
		writeFileSync(config, lines.join("\n"))
		const { rows, problems } = await (await open(config)).fleet.readImport({ kind: "ssh-config" })
		expect(rows.map(({ line, appliance: { host, user, port } }) => `${line} ${user}@${host}:${port}`)).toEqual([
			...["1 root@other:2222", "3 late@web1:22", "3 root@10.0.0.1:22", "9 me@a:22", "9 me@b:22"],
		])
		expect(problems).toEqual([
			{ line: 3, isNote: true, text: '"web1.example" is another name of "web1"' },
			{ line: 5, isNote: true, text: '"again" is another name of "web1"' },
			{ line: 1, isNote: true, text: expect.stringMatching(/^user is not said for "other" and 1 more: .*root/) },
		])
	})

	test("thousands are one change for whoever looks on, and one snapshot's worth of state", async () => {
		const services = await open()
		const rows = Array.from({ length: 2000 }, (_, n) => `House ${n},h${n}.test`)
		const preview = await services.fleet.readImport(csv(["name,host", ...rows].join("\n")))
		const stop = new AbortController()
		const seen: StateChange[] = []
		const following = (async () => {
			for await (const change of services.state.follow(stop.signal)) seen.push(change)
		})()
		await expect.poll(() => seen.length).toBe(1)
		services.fleet.import(preview.rows)
		services.fleet.remove(
			services.appliances
				.list()
				.slice(10)
				.map(({ id }) => id),
		)
		await expect.poll(() => seen.length).toBe(3)
		stop.abort()
		await following
		const shown = seen.reduce(applyStateChange, { connection: "open", seq: -1 } as never)
		expect(shown.state?.appliances).toEqual(services.appliances.list())
		expect(shown.state?.appliances).toHaveLength(10)
	})
})

describe("many at once", () => {
	test("tags are added and removed; who is not chosen keeps theirs", async () => {
		const services = await open()
		const ids = ["a", "b", "c"].map((name) => services.appliances.save({ ...alpha, name, host: name }).id)
		services.fleet.tag({ ids: [...ids.slice(0, 2), "gone"], add: ["new", "own"], remove: ["own", "x"] })
		expect(services.appliances.list().map(({ tags }) => tags)).toEqual([["new", "own"], ["new", "own"], ["own"]])
		services.fleet.tag({ ids, add: [], remove: ["own"] })
		expect(services.appliances.list().map(({ tags }) => tags)).toEqual([["new"], ["new"], []])
	})

	test("nobody gets more tags than an import would take, and then nobody is changed; fewer is always right", async () => {
		const services = await open()
		const many = Array.from({ length: 100 }, (_, index) => `t${index}`)
		const [few, full] = [["own"], many].map(
			(tags) => services.appliances.save({ ...alpha, name: tags[0] ?? "", tags }).id,
		)
		const ids = [few ?? "", full ?? ""]
		expect(() => services.fleet.tag({ ids, add: ["new"], remove: [] })).toThrow(FailureError)
		expect(services.appliances.list().map(({ tags }) => tags.length)).toEqual([1, 100])
		services.fleet.tag({ ids, add: ["new"], remove: ["t7"] })
		expect(services.appliances.list().map(({ tags }) => tags.length)).toEqual([2, 100])
	})

	test("removed ones come back as they were, under their ids; strangers do not come in that way", async () => {
		const services = await open()
		const all = ["a", "b", "c"].map((name) => services.appliances.save({ ...alpha, name, host: name }))
		services.fleet.remove(all.slice(0, 2).map(({ id }) => id))
		expect(names(services)).toEqual(["c"])
		const others = [all[2] ?? alpha, { ...alpha, id: "stranger" }].map((one) => ({
			...makeAppliance(),
			...one,
			notes: "!",
		}))
		expect(services.fleet.bringBack([...all.slice(0, 2), ...others])).toEqual(all.slice(0, 2).map(({ id }) => id))
		expect(services.appliances.list()).toEqual(all)
		expect(services.fleet.bringBack(all)).toEqual([])
	})

	test("a write that failed does not use up the way back", async () => {
		const services = await open()
		const one = services.appliances.save(alpha)
		services.fleet.remove([one.id])
		const broken = { ...one, port: Symbol() } as never
		expect(() => services.fleet.bringBack([broken])).toThrow()
		expect(services.fleet.bringBack([one])).toEqual([one.id])
	})

	test("the export is all or those that are named, in their order", async () => {
		const services = await open()
		const [a, b] = ["a", "b"].map((name) => services.appliances.save({ ...alpha, name, host: name }))
		expect(services.fleet.export("csv", [b?.id ?? "", "gone", a?.id ?? ""])).toMatch(
			/^name,.*\r\nb,b,.*\r\na,a,.*\r\n$/,
		)
		expect(services.fleet.export("ansible-yaml")).toMatch(/own:\n.*hosts:\n.*a: /s)
	})
})

test("groups are kept under their names from one start to the next", async () => {
	const first = await open()
	first.fleet.saveGroup({ name: "Bakeries", filter: "tag:bakery" })
	first.fleet.saveGroup({ name: "All", filter: "*" })
	expect(first.fleet.saveGroup({ name: "Bakeries", filter: "tag:bakery is:reachable" })).toHaveLength(2)
	const second = await open()
	expect(second.fleet.groups()).toEqual([
		{ name: "All", filter: "*" },
		{ name: "Bakeries", filter: "tag:bakery is:reachable" },
	])
	expect(second.fleet.dropGroup("All")).toHaveLength(1)
	expect(() => second.fleet.saveGroup({ name: "x", filter: "is:up" })).toThrow()
})

test("groups that cannot be read are not written over", () => {
	openStore(folder, () => {}).close()
	const db = new DatabaseSync(join(folder, readdirSync(folder).find((name) => /\.(db|sqlite)$/.test(name)) ?? ""))
	db.exec("INSERT INTO settings VALUES ('fleet-groups', '[{\"later\":1}]')")
	const store = openStore(folder, () => {})
	expect(failureOf(() => store.fleet.saveGroup({ name: "All", filter: "*" }))?.code).toBe("bad-request")
	expect(db.prepare("SELECT body FROM settings WHERE name = 'fleet-groups'").get()).toEqual({ body: '[{"later":1}]' })
	store.close()
	db.close()
})

describe("what the history says of an appliance", () => {
	const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
	test.each<[string, Partial<PoolResult>[], string[]]>([
		["applied", [{}], ["1.0.0"]],
		[
			"failed at a newer version: the older one still stands",
			[{}, { moduleVersion: "1.1.0", outcome: "failed" }],
			["1.0.0"],
		],
		["a rehearsal changes nothing", [{}, { moduleVersion: "1.1.0", kind: "rehearse" }], ["1.0.0"]],
		["a newer version, then unchanged", [{}, { moduleVersion: "1.1.0", outcome: "unchanged" }], ["1.1.0"]],
		["put back", [{}, { kind: "revert" }], []],
		["degraded: nobody knows", [{}, { moduleVersion: "1.1.0", outcome: "degraded" }], []],
		["two pools at two versions", [{}, { pool: "other", moduleVersion: "1.1.0" }], ["1.0.0", "1.1.0"]],
	])("%s", (_, results, versions) => {
		const store = openStore(folder, () => {})
		for (const [index, result] of results.entries()) {
			const id = `run-${index}`
			store.runs.save(makeRun({ id, run: id, state: "finished", outcome: "failed", startedAt: at(index) }), null)
			store.runs.savePool({
				...{
					runId: id,
					pool: "web",
					applianceId: "a1",
					applianceName: "Alpha",
					moduleName: "fix",
					moduleVersion: "1.0.0",
				},
				...{ kind: "apply", outcome: "applied", finishedAt: at(index), durationMs: 1, ...result },
			})
		}
		const [standing] = store.fleet.standings(["a1", "never"])
		expect(standing?.modules).toEqual(versions.length > 0 ? [{ name: "fix", versions }] : [])
		expect(standing?.lastRun?.id).toBe(`run-${results.length - 1}`)
		store.close()
	})

	test("of an appliance whose clock was ahead once", () => {
		const store = openStore(folder, () => {})
		const result = {
			...{ pool: "web", applianceId: "a1", applianceName: "Alpha", moduleName: "fix", durationMs: 1 },
			...({ kind: "apply", outcome: "applied" } as const),
		}
		for (const id of ["ahead", "now"]) store.runs.save(makeRun({ id, state: "finished" }), null)
		store.runs.savePool({ ...result, runId: "ahead", moduleVersion: "1.0.0", finishedAt: "2070-01-01T00:00:00Z" }, 1)
		store.runs.savePool({ ...result, runId: "now", moduleVersion: "1.1.0", finishedAt: at(0) })
		expect(store.fleet.standings(["a1"])[0]?.modules).toEqual([{ name: "fix", versions: ["1.1.0"] }])
		store.close()
	})
})
