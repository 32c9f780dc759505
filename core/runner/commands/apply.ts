import { userInfo } from "node:os"
import type { EngineRunRequest } from "../../engine/engine.ts"
import { applyModule } from "../../engine/run.ts"
import { makeRunId } from "../../protocol/run-id.ts"
import { askedFrom } from "../asked-from.ts"
import { type CommonOptions, count, flag, makeCommand, type Surroundings, value, values } from "./command.ts"
import { readModule } from "./read-module.ts"
import { showRun } from "./run-result.ts"

const selection = { module: value, pool: values.optional(), timeout: count.optional() }

export const apply = makeCommand({ ...selection, force: flag, "allow-downgrade": flag }, (options, surroundings) =>
	run(options, surroundings, {
		...request(options),
		kind: "apply",
		force: options.force,
		allowDowngrade: options["allow-downgrade"],
		modify: false,
	}),
)

export const rehearse = makeCommand({ ...selection, modify: flag }, (options, surroundings) =>
	run(options, surroundings, {
		...request(options),
		kind: "rehearse",
		force: true,
		allowDowngrade: true,
		modify: options.modify,
	}),
)

function request({ pool, timeout }: { pool?: string[] | undefined; timeout?: number | undefined }) {
	return { ...(pool && { pools: pool }), ...(timeout && { timeoutSeconds: timeout }), by: whoAsks() }
}

async function run(
	options: CommonOptions & { module: string },
	surroundings: Surroundings,
	request: EngineRunRequest,
): Promise<number> {
	const { host, options: engine, signal } = surroundings
	const module = await readModule(options.module, surroundings)
	return showRun(options, surroundings, ({ show }) =>
		applyModule(host, engine, module, request, { run: makeRunId(), onEvent: show, signal, ...whereFrom() }),
	)
}

/** The address at the other end of the connection, kept with the run. */
export function whereFrom(): { from?: string } {
	const from = askedFrom()
	return from === undefined ? {} : { from }
}

/** The account at this machine, kept with the run. */
export function whoAsks(): string {
	const account = process.env.SUDO_USER ?? userInfo().username
	return `${account} at the command line`
}
