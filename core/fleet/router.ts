import { implement } from "@orpc/server"
import { contract } from "../protocol/contract.ts"
import type { Services } from "./services/types.ts"

const os = implement(contract)

/** Every call of the contract, answered by the services; input and output are parsed by the contract's schemas. */
export function createRouter({
	info,
	state,
	pageState,
	questions,
	appliances,
	applianceFiles,
	modules,
	library,
	runs,
	history,
}: Services) {
	return os.router({
		app: {
			info: os.app.info.handler(() => ({ ...info, host: info.host === "electron" ? "electron" : "browser" })),
			follow: os.app.follow.handler(({ signal }) => iterate(state.follow(signal))),
			answer: os.app.answer.handler(({ input }) => done(questions.answer(input.id, input.answer))),
			kept: os.app.kept.handler(() => pageState.read()),
			keep: os.app.keep.handler(({ input }) => pageState.keep(input).then(done)),
		},
		appliances: {
			save: os.appliances.save.handler(({ input }) => appliances.save(input)),
			remove: os.appliances.remove.handler(({ input }) => done(appliances.remove(input.id))),
			test: os.appliances.test.handler(({ input, signal }) => appliances.test(input.id, signal)),
			listFolder: os.appliances.listFolder.handler(({ input, signal }) => applianceFiles.listFolder(input, signal)),
			fetch: os.appliances.fetch.handler(async ({ input, signal }) => ({
				results: await applianceFiles.fetch(input, signal),
			})),
			compare: os.appliances.compare.handler(({ input, signal }) => iterate(applianceFiles.compare(input, signal))),
			compareFile: os.appliances.compareFile.handler(({ input, signal }) => applianceFiles.compareFile(input, signal)),
			addDemo: os.appliances.addDemo.handler(() => appliances.addDemo()),
		},
		modules: {
			open: os.modules.open.handler(({ input }) => modules.open(input.folder)),
			pick: os.modules.pick.handler(() => modules.pick()),
			browse: os.modules.browse.handler(({ input }) => modules.browse(input.folder)),
			forget: os.modules.forget.handler(({ input }) => done(modules.forget(input.folder))),
		},
		library: {
			list: os.library.list.handler(() => library.list()),
			followList: os.library.followList.handler(({ signal }) => iterate(library.followList(signal))),
			create: os.library.create.handler(({ input }) => library.create(input)),
			import: os.library.import.handler(({ input }) => library.import(input)),
			readLegacy: os.library.readLegacy.handler(({ input }) => library.readLegacy(input.folder)),
			importLegacy: os.library.importLegacy.handler(({ input }) => library.importLegacy(input)),
			duplicate: os.library.duplicate.handler(({ input }) => library.duplicate(input.folder, input.name)),
			archive: os.library.archive.handler(({ input }) => library.archive(input.folder, input.isArchived)),
			forget: os.library.forget.handler(({ input }) => done(library.forget(input.folder))),
			open: os.library.open.handler(({ input }) => library.open(input.folder)),
			follow: os.library.follow.handler(({ input, signal }) => iterate(library.follow(input.folder, signal))),
			save: os.library.save.handler(({ input }) => library.save(input)),
			keepDraft: os.library.keepDraft.handler(({ input }) => library.keepDraft(input).then(done)),
			dropDrafts: os.library.dropDrafts.handler(({ input }) => library.dropDrafts(input).then(done)),
			put: os.library.put.handler(({ input }) => library.put(input.upload, Buffer.from(input.piece, "base64"))),
			dropUploads: os.library.dropUploads.handler(({ input }) => library.dropUploads(input.uploads).then(done)),
			addSources: os.library.addSources.handler(({ input }) =>
				iterate(library.addSources(input.folder, input.sources)),
			),
			readSource: os.library.readSource.handler(({ input }) => library.readSource(input.folder, input.target)),
			readTraits: os.library.readTraits.handler(async ({ input }) => ({
				traits: await library.readTraits(input.folder, input.targets),
			})),
			removeSources: os.library.removeSources.handler(async ({ input }) => ({
				results: await library.removeSources(input.folder, input.sources),
			})),
			renameSource: os.library.renameSource.handler(({ input }) => library.renameSource(input.folder, input)),
			setExecutable: os.library.setExecutable.handler(({ input }) =>
				library.setExecutable(input.folder, input.target, input.isExecutable),
			),
			propose: os.library.propose.handler(({ input }) => library.propose(input.folder)),
			publish: os.library.publish.handler(({ input }) => library.publish(input)),
			versions: os.library.versions.handler(({ input }) => library.versions(input.folder)),
			openVersion: os.library.openVersion.handler(({ input }) => library.openVersion(input)),
			checkout: os.library.checkout.handler(({ input }) => library.checkout(input)),
			diff: os.library.diff.handler(async ({ input }) => ({
				files: await library.diff(input.folder, input.from, input.to),
			})),
		},
		runs: {
			plan: os.runs.plan.handler(({ input, signal }) => runs.plan(input, signal)),
			start: os.runs.start.handler(async ({ input }) => ({ runs: await runs.start(input) })),
			revert: os.runs.revert.handler(({ input }) => runs.revert(input)),
			cancel: os.runs.cancel.handler(({ input }) => runs.cancel(input.id).then(done)),
			get: os.runs.get.handler(({ input }) => runs.get(input.id)),
			follow: os.runs.follow.handler(({ input, signal }) => iterate(runs.follow(input.id, input.after, signal))),
		},
		history: {
			pools: os.history.pools.handler(({ input }) => history.pools(input)),
			grid: os.history.grid.handler(({ input }) => history.grid(input)),
			course: os.history.course.handler(({ input }) => history.course(input)),
			causes: os.history.causes.handler(({ input }) => history.causes(input)),
			durations: os.history.durations.handler(({ input }) => ({ durations: history.durations(input.moduleName) })),
			sync: os.history.sync.handler(({ input, signal }) => history.sync(input.applianceId, signal)),
			syncAll: os.history.syncAll.handler(({ signal }) => iterate(history.syncAll(signal))),
			room: os.history.room.handler(() => history.room()),
			keep: os.history.keep.handler(({ input }) => history.keep(input)),
		},
	})
}

const done = (_nothing: unknown) => ({})

async function* iterate<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
	yield* items
}
