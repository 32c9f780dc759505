import type { EventBody, RunKind } from "../../schema/event.ts"
import type { StateManager } from "../backup/state-manager.ts"
import type { EngineOptions } from "../engine.ts"
import type { EventRecord } from "../events/event-record.ts"
import type { Host } from "../host.ts"
import type { Journal } from "../journal/journal.ts"
import type { ModuleVersion } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import type { Secrets } from "../redact/secrets.ts"

/** Everything a step of an open run may reach. */
export interface RunScope {
	host: Host
	options: EngineOptions
	layout: Layout
	run: string
	kind: RunKind
	module: ModuleVersion
	journal: Journal
	events: EventRecord
	stateManager: StateManager
	/** What is masked, by pool. */
	secrets: Map<string, Secrets>
	/** Records and tells an event, and writes the standard log. Never throws. */
	emit(body: EventBody): void
	/** Aborted when somebody wants the run to stop at its next safe point. The way back ignores it. */
	cancelled: AbortSignal
}
