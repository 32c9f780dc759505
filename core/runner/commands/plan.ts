import { planModule } from "../../engine/plan.ts"
import { EXIT } from "../../schema/outcome.ts"
import { makePlanLines } from "../../schema/plan-lines.ts"
import { printJson } from "../text/output.ts"
import { flag, makeCommand, value, values } from "./command.ts"
import { readModule } from "./read-module.ts"

export const plan = makeCommand(
	{ module: value, pool: values.optional(), force: flag, "allow-downgrade": flag },
	async (options, surroundings) => {
		const { host, options: engine, output } = surroundings
		const planned = await planModule(host, engine, await readModule(options.module, surroundings), {
			kind: "apply",
			...(options.pool && { pools: options.pool }),
			force: options.force,
			allowDowngrade: options["allow-downgrade"],
			modify: false,
		})
		if (options.json) printJson(output, planned)
		else for (const { text } of makePlanLines(planned)) output.line(text)
		return planned.refusal === undefined ? EXIT.ok : EXIT.badInput
	},
)
