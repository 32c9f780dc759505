import { knownEventSchema } from "../../core/schema/event.ts"
import { code, makePage, makeTable } from "./page.mjs"
import { describeSchema, schemaRows, typeOf } from "./schema-rows.mjs"

const COMMON = ["seq", "time", "run"]

export function eventsPage() {
	const { oneOf: types, $defs } = describeSchema(knownEventSchema)
	const common = { ...types[0], properties: pick(types[0].properties, (key) => COMMON.includes(key)) }
	return makePage(
		"Reference: events",
		"A run tells everything about itself as numbered events, one JSON object a line: `hotfix run --json`, " +
			"`hotfix-runner apply --events -`, and saved records. `hotfix` adds `appliance`. A newer runner may tell of types and fields " +
			"that are not here: pass over them. In phase `final-closure` there is no `pool`.",
		"Every event has",
		table(common),
		...types.flatMap(partsOf),
		"## What several of them hold",
		...Object.entries($defs).flatMap(([name, schema]) => [
			`### ${name}`,
			schema.properties ? table(schema) : typeOf(schema),
		]),
	)
}

function partsOf(event) {
	const own = { ...event, properties: pick(event.properties, (key) => key !== "type" && !COMMON.includes(key)) }
	const about = event.description === undefined ? [] : [event.description]
	const fields = Object.keys(own.properties).length > 0 ? [table(own)] : []
	return [`## ${code(event.properties.type.const)}`, ...about, ...fields]
}

function table(schema) {
	return makeTable(["field", "value", "", "meaning"], schemaRows(schema))
}

function pick(object, isWanted) {
	return Object.fromEntries(Object.entries(object).filter(([key]) => isWanted(key)))
}
