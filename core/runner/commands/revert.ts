import { revertPool } from "../../engine/revert.ts"
import { makeRunId } from "../../protocol/run-id.ts"
import { whereFrom, whoAsks } from "./apply.ts"
import { flag, makeCommand, UsageError, value } from "./command.ts"
import { showRun } from "./run-result.ts"

export const revert = makeCommand(
	{ pool: value, run: value.optional(), original: flag, force: flag },
	async (options, surroundings) => {
		const { host, options: engine, signal } = surroundings
		const { pool, run, original, force } = options
		if (run !== undefined && original) {
			throw new UsageError("--run and --original exclude each other")
		}
		const request = { pool, ...(run !== undefined && { run }), original, force, by: whoAsks() }
		return showRun(options, surroundings, ({ show }) =>
			revertPool(host, engine, request, { run: makeRunId(), onEvent: show, signal, ...whereFrom() }),
		)
	},
)
