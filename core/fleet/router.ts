import { implement } from "@orpc/server"
import { contract } from "../protocol/contract.ts"
import { type AnyEvent, isKnownEvent, MOST_IN_PIECE } from "../schema/event.ts"
import { summarise } from "../schema/rollout-words.ts"
import { gather, type PieceLimits } from "./gather.ts"
import type { Services } from "./services/types.ts"

const os = implement(contract)

/** Of a run's events: 256 Ki characters at once, some 40 pieces a second while a run says much. */
const PIECES: PieceLimits<AnyEvent> = {
	items: MOST_IN_PIECE,
	size: 256 << 10,
	// Output is what comes by the thousand; anything else may be as large, and from a runner that keeps no promise.
	sizeOf: (event) =>
		isKnownEvent(event) && event.type === "command-output" ? event.text.length : JSON.stringify(event).length,
	milliseconds: 25,
}

/** Every call of the contract, answered by the services; input and output are parsed by the contract's schemas. */
export function createRouter({
	info,
	state,
	pageState,
	questions,
	appliances,
	applianceFiles,
	fleet,
	modules,
	library,
	signing,
	runs,
	rollouts,
	history,
	preparation,
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
			addDemo: os.appliances.addDemo.handler(({ signal }) => appliances.addDemo(signal)),
		},
		fleet: {
			readImport: os.fleet.readImport.handler(({ input }) => fleet.readImport(input)),
			import: os.fleet.import.handler(({ input }) => fleet.import(input.rows)),
			export: os.fleet.export.handler(({ input }) => ({ text: fleet.export(input.format, input.ids) })),
			tag: os.fleet.tag.handler(({ input }) => done(fleet.tag(input))),
			remove: os.fleet.remove.handler(({ input }) => done(fleet.remove(input.ids))),
			bringBack: os.fleet.bringBack.handler(({ input }) => ({ ids: fleet.bringBack(input.appliances) })),
			standings: os.fleet.standings.handler(() => ({ standings: fleet.standings() })),
			groups: os.fleet.groups.handler(() => ({ groups: fleet.groups() })),
			saveGroup: os.fleet.saveGroup.handler(({ input }) => ({ groups: fleet.saveGroup(input) })),
			dropGroup: os.fleet.dropGroup.handler(({ input }) => ({ groups: fleet.dropGroup(input.name) })),
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
			import: os.library.import.handler(({ input, signal }) => library.import(input, signal)),
			readLegacy: os.library.readLegacy.handler(({ input }) => library.readLegacy(input.folder)),
			importLegacy: os.library.importLegacy.handler(({ input, signal }) => library.importLegacy(input, signal)),
			duplicate: os.library.duplicate.handler(({ input, signal }) =>
				library.duplicate(input.folder, input.name, signal),
			),
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
			stopPublishing: os.library.stopPublishing.handler(({ input }) => library.stopPublishing(input.folder).then(done)),
			versions: os.library.versions.handler(({ input }) => library.versions(input.folder)),
			openVersion: os.library.openVersion.handler(({ input }) => library.openVersion(input)),
			checkout: os.library.checkout.handler(({ input }) => library.checkout(input)),
			diff: os.library.diff.handler(async ({ input }) => ({
				files: await library.diff(input.folder, input.from, input.to),
			})),
		},
		signing: {
			keys: os.signing.keys.handler(() => signing.keys()),
			choose: os.signing.choose.handler(({ input }) => signing.choose(input.key, input.signs)),
			make: os.signing.make.handler(({ input }) => signing.make(input.comment)),
			remove: os.signing.remove.handler(({ input }) => signing.remove(input.key)),
		},
		runs: {
			plan: os.runs.plan.handler(({ input, signal }) => runs.plan(input, signal)),
			start: os.runs.start.handler(async ({ input }) => ({ runs: await runs.start(input) })),
			revert: os.runs.revert.handler(({ input }) => runs.revert(input)),
			cancel: os.runs.cancel.handler(({ input }) => runs.cancel(input.id).then(done)),
			get: os.runs.get.handler(({ input }) => runs.get(input.id)),
			follow: os.runs.follow.handler(({ input, signal }) => gather(runs.follow(input.id, input.after, signal), PIECES)),
		},
		rollouts: {
			followList: os.rollouts.followList.handler(({ signal }) => lists(rollouts.followList(signal))),
			preview: os.rollouts.preview.handler(({ input }) => rollouts.preview(input)),
			start: os.rollouts.start.handler(async ({ input }) => summarise(await rollouts.start(input))),
			prepare: os.rollouts.prepare.handler(({ input, signal }) => iterate(preparation.prepare(input, signal))),
			ask: os.rollouts.ask.handler(({ input }) => rollouts.ask(input.id, input.wish).then((isHeard) => ({ isHeard }))),
			follow: os.rollouts.follow.handler(({ input, signal }) => iterate(rollouts.followChanges(input.id, signal))),
		},
		history: {
			pools: os.history.pools.handler(({ input }) => history.pools(input)),
			choices: os.history.choices.handler(() => history.choices()),
			grid: os.history.grid.handler(({ input }) => history.grid(input)),
			course: os.history.course.handler(({ input }) => history.course(input)),
			causes: os.history.causes.handler(({ input }) => history.causes(input)),
			ofRuns: os.history.ofRuns.handler(({ input }) => ({ results: history.ofRuns(input.runs) })),
			compareFile: os.history.compareFile.handler(({ input, signal }) => applianceFiles.compareRecorded(input, signal)),
			durations: os.history.durations.handler(({ input }) => ({ durations: history.durations(input.moduleName) })),
			sync: os.history.sync.handler(({ input, signal }) => history.sync(input.applianceId, signal)),
			acceptPast: os.history.acceptPast.handler(({ input, signal }) =>
				history.acceptPast(input.applianceId, input.fault, signal),
			),
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

async function* lists<T>(items: AsyncIterable<T[]>): AsyncGenerator<{ rollouts: T[] }> {
	for await (const rollouts of items) yield { rollouts }
}
