import { mkdirSync, realpathSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import type { DigestCache } from "../../folder/digest-sources.ts"
import { readIndexFile } from "../../folder/read-index-file.ts"
import { FailureError } from "../../schema/failure.ts"
import type { LibraryModule, ListChange, ModuleChange, SourceResult } from "../../schema/library.ts"
import { manifestSchema } from "../../schema/manifest.ts"
import { readOpenModule } from "../services/module-folder.ts"
import type { Store } from "../store/store.ts"
import { checkout } from "./checkout.ts"
import { createModule, duplicateModule, importLegacyModule, importModule } from "./create-module.ts"
import { diffContents } from "./diff-contents.ts"
import { createDrafts } from "./drafts.ts"
import { codeOf, onDisk } from "./files/disk-failure.ts"
import { findContents } from "./find-contents.ts"
import { listRefs } from "./git/refs.ts"
import { readLegacyModule } from "./import-legacy.ts"
import { makeLegacyLook } from "./legacy-look.ts"
import { listFolders, listModules, readRow } from "./list-modules.ts"
import { makeVersionsFolder, materialise } from "./materialise.ts"
import { findFolder, findPlace } from "./module-place.ts"
import { KEPT_REFS, readSide } from "./named-side.ts"
import { mendModule, type OpenDeps, readOpened } from "./open-module.ts"
import { proposePublish } from "./propose.ts"
import { publish } from "./publish.ts"
import { readPublishedContents } from "./published-contents.ts"
import { readEnabledPools } from "./published-pools.ts"
import { findLastSafe } from "./safe-version.ts"
import { saveText } from "./save-text.ts"
import { noSigner, type Signer } from "./signature.ts"
import { addSources, readSource, removeSource, renameSource, setExecutable } from "./sources.ts"
import { describeVersion, readStanding } from "./standing.ts"
import { createTraitsReader } from "./traits.ts"
import { createTurns } from "./turns.ts"
import type { LibraryService } from "./types.ts"
import { createUploads } from "./uploads.ts"
import type { WatchTimes } from "./watch/followed.ts"
import { createListWatch, type ListWatch } from "./watch/list-watch.ts"
import { createModuleWatch, type ModuleWatch } from "./watch/module-watch.ts"
import { createSharedWatches } from "./watch/shared-watches.ts"

export interface LibraryOptions {
	dataFolder: string
	store: Pick<Store, "library" | "history" | "inTransaction">
	log(line: string): void
	now?: () => Date
	times?: Partial<WatchTimes>
	/** Nothing is signed when absent. */
	signer?: Signer
}

/** The modules on this desktop; `types.ts` says what each call promises. */
export function createLibrary({
	dataFolder,
	store,
	log,
	now = () => new Date(),
	times,
	signer = noSigner,
}: LibraryOptions): LibraryService {
	const libraryFolder = makeLibraryFolder(dataFolder)
	const versionsFolder = makeVersionsFolder(dataFolder)
	const digests: DigestCache = new Map()
	const drafts = createDrafts(dataFolder)
	const uploads = createUploads(dataFolder)
	const readTraits = createTraitsReader(digests)
	const watches = createSharedWatches<ModuleChange, ModuleWatch>()
	const lists = createSharedWatches<ListChange, ListWatch>()
	/** What is being published now; `folder` is the real one. */
	const publishing = new Set<{ folder: string; stop: AbortController }>()
	const deps: OpenDeps = {
		store: store.library,
		// SQLite's lock ends with its program, whatever ends that.
		exclusively: (work) => store.inTransaction(work),
		turns: createTurns(),
		cache: new Map(),
		readTraits,
		now,
		signer,
		drafts,
		digests,
		log,
	}

	const own = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
		const written = await watches.get(await findFolder(folder))?.beginWriting()
		try {
			return await work()
		} finally {
			written?.()
		}
	}
	const rowOf = async (folder: string): Promise<LibraryModule> => {
		const isArchived = store.library.folders().some((one) => one.folder === folder && one.isArchived)
		return readRow(deps, { folder, isOwn: dirname(folder) === libraryFolder, isArchived })
	}
	/** What is remembered of modules is another: the list is told at once. */
	const tellList = () => void lists.get(libraryFolder)?.scan()
	const remember = (folder: string) => {
		if (dirname(folder) === libraryFolder) return
		store.library.remember(folder)
		tellList()
	}
	const open: LibraryService["open"] = async (given) => {
		const opened = await readOpened(deps, given)
		remember(opened.folder)
		await mendModule(deps, opened.folder)
		return opened.standing.repository.state === "none" ? opened : readOpened(deps, given)
	}

	return {
		folder: libraryFolder,
		async list() {
			return { folder: libraryFolder, modules: await listModules(deps, libraryFolder) }
		},
		followList(signal) {
			const create = () =>
				createListWatch({
					...{ libraryFolder, dataFolder, log, times },
					readRemembered: () => store.library.folders(),
					listFolders: () => listFolders(deps, libraryFolder),
					readRow: (listed) => readRow(deps, listed),
				})
			return lists.follow(libraryFolder, create, signal)
		},
		async create({ name, description, parent = libraryFolder }) {
			const folder = await createModule(deps, resolve(parent), { name, description })
			remember(folder)
			return rowOf(folder)
		},
		async import({ folder, copy, name }, signal) {
			if (copy) return rowOf(await importModule(deps, libraryFolder, { folder: resolve(folder), name, signal }))
			const real = await findFolder(resolve(folder))
			await readIndexFile(real, { advice: false })
			remember(real)
			return rowOf(real)
		},
		readLegacy: async (folder) => makeLegacyLook(await readLegacyModule(resolve(folder))),
		importLegacy: async (request, signal) =>
			rowOf(await importLegacyModule(deps, libraryFolder, { ...request, signal })),
		duplicate: async (folder, name, signal) =>
			rowOf(await duplicateModule(deps, libraryFolder, { folder, name, signal })),
		async archive(given, isArchived) {
			const folder = await findFolder(given)
			store.library.archive(folder, isArchived)
			tellList()
			return rowOf(folder)
		},
		forget(folder) {
			store.library.forget(resolve(folder))
			tellList()
		},
		open,
		async *follow(given, signal) {
			const { folder } = await open(given)
			const read = () => readOpened(deps, folder)
			yield* watches.follow(folder, () => createModuleWatch({ read, folder, log, times }), signal)
		},
		async save(request) {
			const before = drafts.now()
			const saved = await own(request.folder, () => saveText(deps, request))
			if (saved.state === "saved") await drafts.drop({ ...request, folder: await findFolder(request.folder) }, before)
			return saved
		},
		keepDraft: async (request) => drafts.keep({ ...request, folder: await findFolder(request.folder) }, now()),
		dropDrafts: async (request) => drafts.drop({ ...request, folder: await findFolder(request.folder) }),
		put: (upload, piece) => uploads.put(upload, piece),
		async dropUploads(given) {
			for (const upload of given) await uploads.remove(upload)
		},
		async *addSources(folder, sources) {
			const written = await watches.get(await findFolder(folder))?.beginWriting()
			try {
				yield* addSources(deps, folder, sources, uploads.find)
			} finally {
				for (const { from } of sources) if (from.kind === "upload") await uploads.remove(from.upload)
				written?.()
			}
		},
		readSource,
		readTraits,
		removeSources: (folder, sources) =>
			own(folder, async () => {
				const results: SourceResult[] = []
				for (const { target, base } of sources) results.push(await removeSource(deps, folder, target, base))
				return results
			}),
		renameSource: (folder, request) => own(folder, () => renameSource(deps, folder, request)),
		setExecutable: (folder, target, isExecutable) =>
			own(folder, () => setExecutable(deps, folder, target, isExecutable)),
		async propose(folder) {
			await mendModule(deps, folder)
			return proposePublish(deps, await findFolder(folder))
		},
		async publish(request) {
			const one = { folder: await findFolder(request.folder), stop: new AbortController() }
			publishing.add(one)
			try {
				return await own(one.folder, () => publish(deps, request, one.stop.signal))
			} finally {
				publishing.delete(one)
			}
		},
		async stopPublishing(given) {
			const folder = await findFolder(given)
			for (const one of publishing) if (one.folder === folder) one.stop.abort()
		},
		async versions(given) {
			await mendModule(deps, given)
			const place = await findPlace(given)
			const { standing, versions } = await readStanding(deps, place.folder)
			const { objects, repository } = place
			const shown = objects ? await Promise.all(versions.map((one) => describeVersion(objects, one))) : []
			const lastSafe = await findLastSafe(versions, store.history.runsOf(place.name), (version) =>
				readEnabledPools(place, version),
			)
			const refs = repository ? await listRefs(repository, KEPT_REFS) : new Map<string, string>()
			const kept = [...refs].map(([name, commit]) => ({ name: `kept/${name}`, keptAt: timeOfKept(name), commit }))
			return {
				versions: shown,
				...(lastSafe !== undefined && { lastSafe }),
				kept: kept.sort((a, b) => (a.name < b.name ? 1 : -1)),
				standing,
			}
		},
		publishedContents: (folder, destinations, signal) => readPublishedContents(deps, folder, destinations, signal),
		checkout: (request) => own(request.folder, () => checkout(deps, request)),
		async openVersion(request) {
			const folder = await onDisk(versionsFolder, () => materialise(deps, versionsFolder, request))
			return readOpenModule(folder)
		},
		async diff(folder, from, to) {
			const place = await findPlace(folder)
			return onDisk(place.folder, async () =>
				diffContents(await readSide(deps, place, from), await readSide(deps, place, to)),
			)
		},
		async findContents({ module: { name, folder }, ...wanted }) {
			// An appliance may have told the name: it must lead nowhere else.
			const own = manifestSchema.shape.name.safeParse(name).success ? [join(libraryFolder, name)] : []
			const folders = new Set([...(folder === undefined ? [] : [folder]), ...own])
			const found = []
			for (const one of folders) found.push(...(await findContents(deps, { folder: one, ...wanted })))
			return found
		},
		async close() {
			watches.close()
			lists.close()
			await uploads.close()
		},
	}
}

/** `2026-11-28T10-00-00-123Z`, a time without what a name of git's cannot hold. */
function timeOfKept(name: string): string {
	return name.replace(/T(\d{2})-(\d{2})-(\d{2})-(\d+Z)$/, "T$1:$2:$3.$4")
}

function makeLibraryFolder(dataFolder: string): string {
	const folder = join(dataFolder, "library")
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 })
		return realpathSync(folder)
	} catch (error) {
		if (codeOf(error) === "") throw error
		throw new FailureError("not-permitted", { path: folder }, { cause: error })
	}
}
