import { moduleSchema } from "../../core/schema/module.ts"
import { makePage, makeTable } from "./page.mjs"
import { describeSchema, schemaRows } from "./schema-rows.mjs"

export function moduleFormatPage() {
	return makePage(
		"Reference: module format",
		"Every key of `index.json`. An example, and what to mind with secrets: [module format](../module-format.md). What is refused, " +
			"rule by rule: [messages](messages.md#findings-in-a-module).",
		makeTable(["key", "value", "", "meaning"], schemaRows(describeSchema(moduleSchema))),
		"Any other key is kept and reported as a warning.",
	)
}
