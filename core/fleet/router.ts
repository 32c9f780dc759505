import { implement } from "@orpc/server"
import { contract } from "../protocol/contract.ts"
import type { Services } from "./services/types.ts"

const os = implement(contract)

/** Every call of the contract, answered by the services; input and output are parsed by the contract's schemas. */
export function createRouter({ info, state, questions, appliances, modules, runs, history }: Services) {
	return os.router({
		app: {
			info: os.app.info.handler(() => ({ ...info, host: info.host === "electron" ? "electron" : "browser" })),
			follow: os.app.follow.handler(({ signal }) => iterate(state.follow(signal))),
			answer: os.app.answer.handler(({ input }) => done(questions.answer(input.id, input.answer))),
		},
		appliances: {
			save: os.appliances.save.handler(({ input }) => appliances.save(input)),
			remove: os.appliances.remove.handler(({ input }) => done(appliances.remove(input.id))),
			test: os.appliances.test.handler(({ input, signal }) => appliances.test(input.id, signal)),
			addDemo: os.appliances.addDemo.handler(() => appliances.addDemo()),
		},
		modules: {
			open: os.modules.open.handler(({ input }) => modules.open(input.folder)),
			pick: os.modules.pick.handler(() => modules.pick()),
			browse: os.modules.browse.handler(({ input }) => modules.browse(input.folder)),
			forget: os.modules.forget.handler(({ input }) => done(modules.forget(input.folder))),
		},
		runs: {
			plan: os.runs.plan.handler(({ input, signal }) => runs.plan(input, signal)),
			start: os.runs.start.handler(async ({ input }) => ({ runs: await runs.start(input) })),
			cancel: os.runs.cancel.handler(({ input }) => runs.cancel(input.id).then(done)),
			get: os.runs.get.handler(({ input }) => runs.get(input.id)),
			follow: os.runs.follow.handler(({ input, signal }) => iterate(runs.follow(input.id, input.after, signal))),
		},
		history: {
			pools: os.history.pools.handler(({ input }) => history.pools(input)),
			sync: os.history.sync.handler(({ input, signal }) => history.sync(input.applianceId, signal)),
		},
	})
}

const done = (_nothing: unknown) => ({})

async function* iterate<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
	yield* items
}
