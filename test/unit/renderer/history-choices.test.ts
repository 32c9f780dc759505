import { expect, test } from "vitest"
import { appliancesToChoose, namesToChoose } from "../../../renderer/views/history/choices.ts"

test("names in order, and the chosen one among them whatever there is", () => {
	expect(namesToChoose(["web", "cron"], null)).toEqual(["cron", "web"])
	expect(namesToChoose(["web", "cron"], "web")).toEqual(["cron", "web"])
	expect(namesToChoose(["web"], "cleared-away")).toEqual(["cleared-away", "web"])
})

test("appliances by the name of now, those removed and the chosen one as well", () => {
	const known = [
		{ id: "1", name: "Old name" },
		{ id: "2", name: "Removed" },
	]
	const fleet = [{ id: "1", name: "Kitchen" }]
	expect(appliancesToChoose(known, fleet, "3")).toEqual([
		{ value: "3", label: "3" },
		{ value: "1", label: "Kitchen" },
		{ value: "2", label: "Removed" },
	])
	expect(appliancesToChoose([], fleet, "1")).toEqual([{ value: "1", label: "Kitchen" }])
})
