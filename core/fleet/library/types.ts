import type { OpenModule } from "../../schema/desktop.ts"
import type {
	CheckoutResult,
	DraftWriter,
	FileChange,
	LegacyLook,
	LibraryModule,
	LibraryOpened,
	ListChange,
	ModuleChange,
	NewSource,
	Proposal,
	PublishResult,
	SaveResult,
	SourceContent,
	SourceProgress,
	SourceResult,
	Versions,
} from "../../schema/library.ts"
import type { SourceTraits } from "../../schema/source-traits.ts"
import type { FoundContent } from "./find-contents.ts"
import type { PublishedContents } from "./published-contents.ts"

interface EditedText extends DraftWriter {
	folder: string
	/** A source; absent: `index.json`. */
	target?: string | undefined
	text: string
	base?: string | undefined
}

/**
 * The modules on the engineer's desktop: plain folders, each in a git repository. A conflict with what somebody else wrote
 * is an answer, never an exception, and nothing was written then.
 */
export interface LibraryService {
	/** Where new modules are made. */
	folder: string
	list(): Promise<{ folder: string; modules: LibraryModule[] }>
	/** The list, then what becomes of it, whoever makes, changes, archives or removes modules. */
	followList(signal?: AbortSignal): AsyncIterable<ListChange>
	/** A module that is sound as it stands. Fails with `name-taken`. */
	create(request: {
		name: string
		description?: string | undefined
		/** Another folder than the library's. */
		parent?: string | undefined
	}): Promise<LibraryModule>
	/** `copy`: into the library, with the history that lies in the folder; else it is opened where it is. */
	import(
		request: { folder: string; copy: boolean; name?: string | undefined },
		signal?: AbortSignal,
	): Promise<LibraryModule>
	/** What a legacy module would become; writes nothing. */
	readLegacy(folder: string): Promise<LegacyLook>
	/** Writes what was looked at into the library, with the old index and the report in `legacy/`. */
	importLegacy(request: { folder: string; name: string; base: string }, signal?: AbortSignal): Promise<LibraryModule>
	/** A new module with the same files and no history. */
	duplicate(folder: string, name: string, signal?: AbortSignal): Promise<LibraryModule>
	/** Hides it in lists, or shows it again; nothing on disk moves. */
	archive(folder: string, isArchived: boolean): Promise<LibraryModule>
	/** One from elsewhere is not listed any more; its files stay. */
	forget(folder: string): void
	/** Reads it anew, and mends what a killed program left. */
	open(folder: string): Promise<LibraryOpened>
	/**
	 * The module, then what becomes of it, numbered. `own` marks what this program wrote itself; whoever edits compares
	 * digests all the same.
	 */
	follow(folder: string, signal?: AbortSignal): AsyncIterable<ModuleChange>
	/** Saves a text where the file is still the one that the typing began from; its drafts go, those that say something else stay. */
	save(request: EditedText): Promise<SaveResult>
	/** On disk when it resolves. */
	keepDraft(request: EditedText): Promise<void>
	/** Those of the window that asks, and those that it took up. */
	dropDrafts(request: Omit<EditedText, "text" | "base">): Promise<void>
	/** A piece of a content that has no path here; without `upload` a new one begins. `addSources` takes it up. */
	put(upload: string | undefined, piece: Uint8Array): Promise<{ upload: string; size: number }>
	/** Uploads that will not be taken up after all; unknown ones are none. */
	dropUploads(uploads: string[]): Promise<void>
	addSources(folder: string, sources: NewSource[]): AsyncIterable<SourceProgress>
	readSource(folder: string, target: string): Promise<SourceContent>
	/** What the bytes of sources say of them, each known by its digest from then on; those that cannot be read are left out. */
	readTraits(folder: string, targets: string[]): Promise<SourceTraits[]>
	removeSources(folder: string, sources: { target: string; base: string }[]): Promise<SourceResult[]>
	renameSource(folder: string, request: { target: string; to: string; base: string }): Promise<SourceResult>
	setExecutable(folder: string, target: string, isExecutable: boolean): Promise<SourceResult>
	/** What publishing would do; writes nothing but a missing tag. */
	propose(folder: string): Promise<Proposal>
	/** Fails with `module-faulty`, `version-published`, `repository-unusable`, `cancelled`; nothing is published then. */
	publish(request: {
		folder: string
		version: string
		base: string
		content: string
		note?: string | undefined
	}): Promise<PublishResult>
	/** Ends what is being published, as long as nothing of the module was written; later it changes nothing. */
	stopPublishing(folder: string): Promise<void>
	versions(folder: string): Promise<Versions>
	/** What the newest published versions write to these destinations, by digest; when stopped, what is known by then. */
	publishedContents(folder: string, destinations: ReadonlySet<string>, signal?: AbortSignal): Promise<PublishedContents>
	/** Fails with `changes-unpublished` where work would be lost and nobody said to keep it. */
	checkout(request: { folder: string; version: string; keepChanges: boolean }): Promise<CheckoutResult>
	/** A version to look at and to run, from a folder of its own; the working files stay. Fails with `version-unknown`. */
	openVersion(request: { folder: string; version: string }): Promise<OpenModule>
	/** Between two of: a published version, `kept/...`, `working`. */
	diff(folder: string, from: string, to: string): Promise<FileChange[]>
	/** What the module of a run has, or once published, for a destination: those of these digests. */
	findContents(request: {
		module: { name: string; folder?: string | undefined }
		destination: string
		digests: string[]
	}): Promise<FoundContent[]>
	close(): Promise<void>
}
