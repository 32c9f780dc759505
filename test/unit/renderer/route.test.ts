import { expect, test } from "vitest"
import { hashOf, parseRoute, type Route } from "../../../renderer/stores/route.ts"

const routes: [string, Route][] = [
	["#/run", { view: "run" }],
	["#/modules", { view: "modules" }],
	["#/modules/%2Fhome%2Fme%2Fa%20fix/index", { view: "module", folder: "/home/me/a fix", tab: "index" }],
	["#/signing", { view: "signing" }],
	["#/appliances", { view: "appliances" }],
	["#/history", { view: "history" }],
	["#/runs/b1", { view: "live", batch: "b1" }],
	["#/runs/b1/r%2F1", { view: "live", batch: "b1", run: "r/1" }],
	["#/history/r1/web.pool", { view: "record", run: "r1", pool: "web.pool" }],
	["#/rollouts", { view: "rollouts" }],
	["#/rollouts/new", { view: "new-rollout" }],
	["#/rollouts/x1", { view: "rollout", id: "x1" }],
	["#/rollouts/x1/a%2F1", { view: "rollout", id: "x1", appliance: "a/1" }],
	["#/history/r1", { view: "record", run: "r1" }],
]

test.each(routes)("%s there and back", (hash, route) => {
	expect(parseRoute(hash)).toEqual(route)
	expect(hashOf(route)).toBe(hash)
})

test.each(["", "#", "#/", "#/nothing", "#/runs", "#/runs/%ff", "#token=x"])("%j shows the Run view", (hash) => {
	expect(parseRoute(hash)).toEqual({ view: "run" })
})

test("a module without a tab that is known shows its pools", () => {
	expect(parseRoute("#/modules/%2Fm/nothing")).toEqual({ view: "module", folder: "/m", tab: "pools" })
	expect(parseRoute("#/modules/%2Fm")).toEqual({ view: "module", folder: "/m", tab: "pools" })
})
