import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { createSshConfig } from "../../../../../core/fleet/ssh/config/ssh-config.ts"
import { findFirstHops, placeOf, planRoute, type Target } from "../../../../../core/fleet/ssh/route.ts"
import { readAddress } from "../../../../../core/schema/address.ts"
import type { Appliance } from "../../../../../core/schema/appliance.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { makeAppliance } from "../make.ts"

const folder = mkdtempSync(join(tmpdir(), "route-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const me = userInfo().username
let files = 0

async function routeOf(config: string | null, changes: Partial<Appliance>): Promise<Target[]> {
	const file = join(folder, String(++files))
	writeFileSync(file, config ?? "", { mode: 0o600 })
	const appliance = makeAppliance({ host: "web", user: "root", port: 22, signIn: { method: "agent" }, ...changes })
	return planRoute(appliance, config === null ? null : createSshConfig({ file, home: "/home/x" }))
}

const CONFIG = `
Host web
  HostName 10.0.0.5
  ProxyJump inner
Host inner
  HostName 10.0.0.1
  User gate
  ProxyJump outer:24
Host outer
  HostName outer.example.org
  User me
  IdentityFile ~/outer-key
Host loop1
  ProxyJump loop2
Host loop2
  ProxyJump loop1
`

test.each<[what: string, config: string | null, changes: Partial<Appliance>, places: string[]]>([
	["straight", null, {}, ["root@web:22"]],
	["by an alias", CONFIG, { host: "outer", port: 7 }, ["root@outer.example.org:7"]],
	[
		"each jump host as the configuration says for it",
		CONFIG,
		{},
		["me@outer.example.org:24", "gate@10.0.0.1:22", "root@10.0.0.5:22"],
	],
	["what the appliance says goes before", CONFIG, { jump: "u@outer:9" }, ["u@outer.example.org:9", "root@10.0.0.5:22"]],
	["none, though the configuration has one", CONFIG, { jump: "none" }, ["root@10.0.0.5:22"]],
	[
		"of several, only the first is reached as the configuration says for it",
		CONFIG,
		{ jump: "other,inner" },
		[`${me}@other:22`, "gate@10.0.0.1:22", "root@10.0.0.5:22"],
	],
	[
		"of several, the first may have its own before it",
		CONFIG,
		{ jump: "inner,other" },
		["me@outer.example.org:24", "gate@10.0.0.1:22", `${me}@other:22`, "root@10.0.0.5:22"],
	],
	["without a configuration", null, { jump: "a@[fe80::1]:7" }, ["a@fe80::1:7", "root@web:22"]],
	[
		"a jump host for every host is itself reached straight",
		"Host *\n ProxyJump gate\n",
		{},
		[`${me}@gate:22`, "root@web:22"],
	],
	["an address of a URL", "Host *\n ProxyJump ssh://a@gate:24\n", {}, ["a@gate:24", "root@web:22"]],
])("the way there: %s", async (_, config, changes, places) => {
	const route = await routeOf(config, changes)
	expect(route.map(placeOf)).toEqual(places)
	expect(route.map(({ via }) => via)).toEqual(places.map((_, index) => places.slice(0, index)))
	expect(route.map(({ signIn }) => signIn !== undefined)).toEqual(places.map((_, index) => index === places.length - 1))
})

test("keys: a jump host tries those of the configuration, then the appliance's own; the appliance its own alone", async () => {
	const [outer, inner, web] = await routeOf(CONFIG, { signIn: { method: "key", path: "/keys/mine" } })
	expect(outer?.identityFiles).toEqual(["/home/x/outer-key", "/keys/mine"])
	expect(inner?.identityFiles.at(-1)).toBe("/keys/mine")
	expect(web).toMatchObject({ signIn: { method: "key", path: "/keys/mine" } })
	const byAgent = await routeOf(CONFIG, {})
	expect(byAgent.at(-1)?.identityFiles).toContain("/home/x/.ssh/id_ed25519")
	expect((await routeOf(null, {}))[0]?.identityFiles).toEqual([])
})

test("the first jump host is one server, however it is written and whoever signs in there", async () => {
	const file = join(folder, "hops")
	writeFileSync(file, `${CONFIG}Host short\n  HostName Outer.example.org\n`, { mode: 0o600 })
	const firstHopsOf = (...changes: Partial<Appliance>[]) =>
		findFirstHops(
			changes.map((change) => makeAppliance({ host: "other", ...change })),
			createSshConfig({ file, home: "/home/x" }),
		)
	const ways = ["outer", "u@outer:22", "outer,inner", "short", "Outer.Example.org"]
	expect(new Set(await firstHopsOf(...ways.map((jump) => ({ jump }))))).toEqual(new Set(["outer.example.org:22"]))
	expect(await firstHopsOf({ host: "web" }, { jump: "outer:24" })).toEqual(Array(2).fill("outer.example.org:24"))
	expect(await firstHopsOf({}, { jump: "none" }, { host: "web", jump: "none" }, { host: "loop1" })).toEqual(Array(4))
})

test("without a configuration the jump hosts of the appliance itself count", async () => {
	const appliances = ["a", "b"].map((user) => makeAppliance({ jump: `${user}@gate` }))
	expect(await findFirstHops(appliances, null)).toEqual(["gate:22", "gate:22"])
	const unreadable = createSshConfig({ file: folder, home: "/home/x" })
	expect(await findFirstHops(appliances, unreadable)).toEqual([undefined, undefined])
})

describe("a way that leads nowhere", () => {
	test.each([
		["in a circle", CONFIG, { host: "loop1" }],
		["over more than eight", CONFIG, { jump: "a,b,c,d,e,f,g,h,i" }],
		["by a hop that is none", CONFIG, { jump: "a:x" }],
		["by a hop that is none, from the configuration", "ProxyJump a,,b\n", {}],
	])("%s", async (_, config, changes) => {
		const error = await routeOf(config, changes).catch((error) => error)
		expect(error).toBeInstanceOf(FailureError)
		expect(error.failure.code).toBe("bad-request")
	})
})

test.each([
	["a", { host: "a" }],
	["ssh://u@a:24/", { user: "u", host: "a", port: 24 }],
	["u@[::1]", { user: "u", host: "::1" }],
	["::1", { host: "::1" }],
	["", undefined],
	["a b", undefined],
	["a:99999", undefined],
	["a:0", undefined],
	["[::1", undefined],
	["u@", undefined],
])("the address %j", (text, address) => expect(readAddress(text)).toEqual(address))
