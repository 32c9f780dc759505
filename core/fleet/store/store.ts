import type { HistoryChoices } from "../../schema/history-choices.ts"
import { type ApplianceStore, createApplianceStore } from "./appliance-store.ts"
import { openDatabase } from "./database.ts"
import { createEventStore, type EventStore } from "./event-store.ts"
import { createFleetStore, type FleetStore } from "./fleet-store.ts"
import { createHistoryChoices } from "./history-choices.ts"
import { createHistoryStore, type HistoryStore } from "./history-store.ts"
import { createLibraryStore, type LibraryStore } from "./library-store.ts"
import { createModuleStore, type ModuleStore } from "./module-store.ts"
import { createRetentionStore, type RetentionStore } from "./retention-store.ts"
import { createRolloutStore, type RolloutStore } from "./rollout-store.ts"
import { createRunStore, type RunStore } from "./run-store.ts"
import { inDurableTransaction, inTransaction } from "./transaction.ts"

export type Store = {
	file: string
	/** Where a damaged database was kept that stood here before. */
	keptAs?: string
	appliances: ApplianceStore
	fleet: FleetStore
	modules: ModuleStore
	library: LibraryStore
	runs: RunStore
	events: EventStore
	history: HistoryStore
	historyChoices(): HistoryChoices
	rollouts: RolloutStore
	retention: RetentionStore
	/** All of `work`, or none of it. */
	inTransaction<T>(work: () => T): T
	/** The same, and on disk when it returns. */
	inDurableTransaction<T>(work: () => T): T
	close(): void
}

/**
 * Everything the desktop remembers, in one SQLite file of the data folder. Two programs may have it open at once.
 * Fails as `openDatabase` does.
 */
export function openStore(folder: string, log: (line: string) => void): Store {
	const { db, file, keptAs } = openDatabase(folder)
	const runs = createRunStore(db, log)
	const retention = createRetentionStore(db, runs)
	try {
		retention.prune()
	} catch (error) {
		// It only takes room; the next start tries again.
		log(`cannot clear away old history: ${error instanceof Error ? error.message : error}`)
	}
	return {
		file,
		...(keptAs && { keptAs }),
		appliances: createApplianceStore(db, log),
		fleet: createFleetStore(db, log),
		modules: createModuleStore(db),
		library: createLibraryStore(db),
		runs,
		events: createEventStore(db),
		history: createHistoryStore(db, log),
		historyChoices: createHistoryChoices(db),
		rollouts: createRolloutStore(db, log),
		retention,
		inTransaction: (work) => inTransaction(db, work),
		inDurableTransaction: (work) => inDurableTransaction(db, work),
		close: () => db.close(),
	}
}
