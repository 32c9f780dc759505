import type { DatabaseSync } from "node:sqlite"
import { FailureError } from "../../schema/failure.ts"
import { inTransaction } from "./transaction.ts"

/**
 * One step a version, in order; `PRAGMA user_version` counts those that were taken. A step that was published never
 * changes. `body` columns hold JSON of the schema named beside them; other columns exist to be searched.
 */
const STEPS = [
	`
	-- Appliance
	CREATE TABLE appliances (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
	-- {lastSeen, facts, lastFailure} of an appliance in the fleet
	CREATE TABLE last_seen (
		appliance_id TEXT PRIMARY KEY REFERENCES appliances(id) ON DELETE CASCADE,
		body TEXT NOT NULL
	) STRICT;
	CREATE TABLE recent_modules (folder TEXT PRIMARY KEY, name TEXT NOT NULL, opened_at TEXT NOT NULL) STRICT;
	CREATE INDEX recent_modules_by_time ON recent_modules (opened_at);
	-- DesktopRun; appliance_id has no foreign key: history outlives the appliance, and ad-hoc ones are never saved
	CREATE TABLE runs (
		id TEXT PRIMARY KEY,
		run TEXT,
		appliance_id TEXT NOT NULL,
		module_name TEXT NOT NULL,
		started_at TEXT NOT NULL,
		ended INTEGER NOT NULL,
		-- the program that follows the run now, see owner.ts
		owner TEXT,
		-- Appliance as it was reached, so that the run can be followed again though it is not in the fleet
		appliance TEXT,
		-- one higher with every write to this table
		changed INTEGER NOT NULL,
		body TEXT NOT NULL
	) STRICT;
	CREATE UNIQUE INDEX runs_by_appliance_run ON runs (appliance_id, run) WHERE run IS NOT NULL;
	CREATE INDEX runs_by_start ON runs (started_at);
	CREATE INDEX runs_by_module ON runs (module_name);
	CREATE INDEX runs_open ON runs (ended) WHERE ended = 0;
	CREATE INDEX runs_by_change ON runs (changed);
	-- PoolResult; an ascending index read backwards gives newest first, rows of one moment included
	CREATE TABLE pool_results (
		run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
		pool TEXT NOT NULL,
		appliance_id TEXT NOT NULL,
		module_name TEXT NOT NULL,
		outcome TEXT NOT NULL,
		finished_at TEXT NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (run_id, pool)
	) STRICT;
	CREATE INDEX pool_results_by_time ON pool_results (finished_at);
	CREATE INDEX pool_results_by_pool ON pool_results (pool, finished_at);
	CREATE INDEX pool_results_by_appliance ON pool_results (appliance_id, finished_at);
	CREATE INDEX pool_results_by_module ON pool_results (module_name, finished_at);
	CREATE INDEX pool_results_by_outcome ON pool_results (outcome, finished_at);
	-- AnyEvent without its seq and run
	CREATE TABLE events (
		run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
		seq INTEGER NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (run_id, seq)
	) STRICT, WITHOUT ROWID;
	`,
	`
	-- Appliance: whether it has sudo became how it becomes root
	UPDATE appliances SET body = json_set(json_remove(body, '$.sudo'), '$.become', iif(body ->> 'sudo', 'sudo', 'none'))
		WHERE body ->> 'become' IS NULL;
	UPDATE runs SET appliance =
		json_set(json_remove(appliance, '$.sudo'), '$.become', iif(appliance ->> 'sudo', 'sudo', 'none'))
		WHERE appliance IS NOT NULL AND appliance ->> 'become' IS NULL;
	`,
	`
	-- Module folders outside the library's own, and archived ones
	CREATE TABLE library_folders (folder TEXT PRIMARY KEY, archived INTEGER NOT NULL) STRICT;
	-- What was seen of published versions: commit, name of the content, digest of the manifest
	CREATE TABLE published_versions (
		folder TEXT NOT NULL,
		tag TEXT NOT NULL,
		version TEXT NOT NULL,
		target TEXT NOT NULL,
		commit_id TEXT NOT NULL,
		content TEXT NOT NULL,
		digest TEXT,
		PRIMARY KEY (folder, tag)
	) STRICT;
	`,
	`
	-- Where each pool stands on each appliance
	CREATE INDEX pool_results_by_place ON pool_results (appliance_id, module_name, pool, finished_at);
	-- What pools said, for search; the texts themselves are in events and pool_results
	CREATE TABLE pool_text_ids (
		id INTEGER PRIMARY KEY,
		run_id TEXT NOT NULL,
		pool TEXT NOT NULL,
		UNIQUE (run_id, pool),
		FOREIGN KEY (run_id, pool) REFERENCES pool_results(run_id, pool) ON DELETE CASCADE
	) STRICT;
	CREATE VIRTUAL TABLE pool_texts USING fts5 (text, content = '', contentless_delete = 1);
	CREATE TRIGGER pool_text_gone AFTER DELETE ON pool_text_ids BEGIN
		DELETE FROM pool_texts WHERE rowid = OLD.id;
	END;
	-- Of earlier results what was kept with them
	INSERT INTO pool_text_ids (run_id, pool) SELECT run_id, pool FROM pool_results WHERE body ->> '$.reason' IS NOT NULL;
	INSERT INTO pool_texts (rowid, text)
		SELECT id, concat_ws(' ', body ->> '$.reason.command', body ->> '$.reason.message', body ->> '$.reason.output')
		FROM pool_text_ids JOIN pool_results USING (run_id, pool);
	`,
	`
	-- How results went over time is counted in this index alone
	ALTER TABLE pool_results ADD COLUMN kind TEXT NOT NULL DEFAULT 'apply';
	ALTER TABLE pool_results ADD COLUMN duration_ms REAL NOT NULL DEFAULT 0;
	UPDATE pool_results SET kind = coalesce(body ->> 'kind', 'apply'), duration_ms = coalesce(body ->> 'durationMs', 0);
	CREATE INDEX pool_results_over_time ON pool_results
		(finished_at, kind, outcome, duration_ms, pool, appliance_id, module_name);
	-- Where a pool stands is told without its rehearsals
	DROP INDEX pool_results_by_place;
	CREATE INDEX pool_results_by_place ON pool_results (appliance_id, module_name, pool, kind, finished_at, outcome);
	-- Characters of a run's events
	ALTER TABLE runs ADD COLUMN room INTEGER NOT NULL DEFAULT 0;
	UPDATE runs SET room = (SELECT coalesce(sum(length(body)), 0) FROM events WHERE run_id = runs.id);
	-- What the person chose, by name
	CREATE TABLE settings (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
	`,
	`
	-- Rollout without its targets
	CREATE TABLE rollouts (
		id TEXT PRIMARY KEY,
		created_at TEXT NOT NULL,
		-- the program that drives it now, see owner.ts
		owner TEXT,
		body TEXT NOT NULL,
		-- RolloutSummary
		summary TEXT NOT NULL
	) STRICT;
	-- RolloutTarget, and the Appliance as it is reached
	CREATE TABLE rollout_targets (
		rollout_id TEXT NOT NULL REFERENCES rollouts(id) ON DELETE CASCADE,
		position INTEGER NOT NULL,
		appliance TEXT NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (rollout_id, position)
	) STRICT, WITHOUT ROWID;
	-- What people asked of a rollout that another program drives
	CREATE TABLE rollout_wishes (
		id INTEGER PRIMARY KEY,
		rollout_id TEXT NOT NULL REFERENCES rollouts(id) ON DELETE CASCADE,
		body TEXT NOT NULL
	) STRICT;
	`,
	`
	-- When a result counts as made, milliseconds: finished_at is what the appliance's clock said, which may be wrong
	ALTER TABLE pool_results ADD COLUMN place REAL NOT NULL DEFAULT 0;
	UPDATE pool_results SET place = coalesce(unixepoch(finished_at, 'subsec') * 1000, 0);
	-- What lies after now: before it, in the same order
	UPDATE pool_results SET place = unixepoch('now', 'subsec') * 1000 - later
		FROM (SELECT rowid AS id, row_number() OVER (PARTITION BY appliance_id ORDER BY place DESC, rowid DESC) AS later
			FROM pool_results WHERE place > unixepoch('now', 'subsec') * 1000)
		WHERE pool_results.rowid = id;
	DROP INDEX pool_results_by_place;
	CREATE INDEX pool_results_by_place ON pool_results (appliance_id, module_name, pool, kind, place, outcome);
	`,
]

/** Brings a database to the newest version, whatever other program does the same at this moment. */
export function migrate(db: DatabaseSync, file: string) {
	if (versionOf(db) === STEPS.length) return
	inTransaction(db, () => {
		const version = versionOf(db)
		if (version > STEPS.length) throw new FailureError("database-newer", { path: file })
		for (const step of STEPS.slice(version)) db.exec(step)
		db.exec(`PRAGMA user_version = ${STEPS.length}`)
	})
}

function versionOf(db: DatabaseSync): number {
	return Number(db.prepare("PRAGMA user_version").get()?.user_version ?? 0)
}
