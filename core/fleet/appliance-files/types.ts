import type { FolderRequest } from "../../protocol/file-calls.ts"
import type { Comparing, FetchResult, FileComparison } from "../../schema/appliance-compare.ts"
import type { FolderPage } from "../../schema/appliance-files.ts"
import type { RecordedFile } from "../../schema/recorded-file.ts"
import type { RecordedChange } from "./compare-recorded.ts"
import type { FetchedFile } from "./fetch-sources.ts"

/** Looks at files of appliances, and never writes there. A connection stays open for a minute after it was used. */
export interface ApplianceFilesService {
	listFolder(request: FolderRequest & { applianceId: string }, signal?: AbortSignal): Promise<FolderPage>
	/** Into a module's `src/`, with what an operation needs. What is wrong with one file is its own result. */
	fetch(
		request: { applianceId: string; folder: string; files: FetchedFile[] },
		signal?: AbortSignal,
	): Promise<FetchResult[]>
	/** Every destination of a module, or these paths, as they stand; each appliance is told when it answers. */
	compare(
		request: { folder: string; applianceIds: string[]; paths?: string[] | undefined },
		signal?: AbortSignal,
	): AsyncIterable<Comparing>
	/** One destination on one appliance, side by side. */
	compareFile(
		request: { folder: string; applianceId: string; target: string; destination: string },
		signal?: AbortSignal,
	): Promise<FileComparison>
	/** What a recorded run found and left at a destination; the appliance is asked for what is not on this desktop. */
	compareRecorded(request: RecordedChange & { runId: string }, signal?: AbortSignal): Promise<RecordedFile>
	close(): Promise<void>
}
