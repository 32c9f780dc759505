import { expect, test } from "vitest"
import { hashOf, parseRoute, type Route } from "../../../renderer/stores/route.ts"

const routes: [string, Route][] = [
	["#/run", { view: "run" }],
	["#/appliances", { view: "appliances" }],
	["#/history", { view: "history" }],
	["#/runs/b1", { view: "live", batch: "b1" }],
	["#/runs/b1/r%2F1", { view: "live", batch: "b1", run: "r/1" }],
	["#/history/r1/web.pool", { view: "record", run: "r1", pool: "web.pool" }],
	["#/history/r1", { view: "record", run: "r1" }],
]

test.each(routes)("%s there and back", (hash, route) => {
	expect(parseRoute(hash)).toEqual(route)
	expect(hashOf(route)).toBe(hash)
})

test.each(["", "#", "#/", "#/nothing", "#/runs", "#/runs/%ff", "#token=x"])("%j shows the Run view", (hash) => {
	expect(parseRoute(hash)).toEqual({ view: "run" })
})
