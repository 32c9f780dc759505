import type { DatabaseSync } from "node:sqlite"
import { type Appliance, applianceSchema } from "../../schema/appliance.ts"
import {
	type Rollout,
	type RolloutSummary,
	type RolloutWish,
	rolloutHeadSchema,
	rolloutSummarySchema,
	rolloutTargetSchema,
	rolloutWishSchema,
} from "../../schema/rollout.ts"
import { summarise } from "../../schema/rollout-words.ts"
import { parseBodies, parseBody } from "./rows.ts"
import { inDurableTransaction } from "./transaction.ts"

/** Another program drives the rollout by now: nothing more may be written, and nothing more done on its account. */
export class NotOwner extends Error {}

export type RolloutStore = ReturnType<typeof createRolloutStore>

/** Rollouts: a row for the whole, and one for each target, so that a step of one of thousands writes one. */
export function createRolloutStore(db: DatabaseSync, log: (line: string) => void) {
	const insert = db.prepare("INSERT INTO rollouts VALUES (?, ?, ?, ?, ?)")
	const update = db.prepare("UPDATE rollouts SET body = ?, summary = ? WHERE id = ? AND owner = ?")
	const insertTarget = db.prepare("INSERT INTO rollout_targets VALUES (?, ?, ?, ?)")
	const updateTarget = db.prepare("UPDATE rollout_targets SET body = ? WHERE rollout_id = ? AND position = ?")
	const one = db.prepare("SELECT body, owner FROM rollouts WHERE id = ?")
	const targets = db.prepare("SELECT body, appliance FROM rollout_targets WHERE rollout_id = ? ORDER BY position")
	const summaries = db.prepare("SELECT summary AS body FROM rollouts ORDER BY created_at DESC, rowid DESC")
	const claim = db.prepare("UPDATE rollouts SET owner = ? WHERE id = ? AND owner IS ?")
	const release = db.prepare(`UPDATE rollouts SET owner = NULL WHERE id = ? AND owner = ?
		AND NOT EXISTS (SELECT 1 FROM rollout_wishes WHERE rollout_id = rollouts.id)`)
	const letGo = db.prepare("UPDATE rollouts SET owner = NULL WHERE id = ? AND owner = ?")
	const insertWish = db.prepare("INSERT INTO rollout_wishes (rollout_id, body) VALUES (?, ?)")
	const wishes = db.prepare("SELECT id, body FROM rollout_wishes WHERE rollout_id = ? ORDER BY id")
	const removeWish = db.prepare("DELETE FROM rollout_wishes WHERE id = ?")
	const wish = db.prepare("SELECT 1 FROM rollout_wishes WHERE id = ?")

	/** Undefined also where a row of it cannot be read: a rollout without one of its targets would forget it. */
	const get = (id: string): Rollout | undefined => {
		const head = parseBody(rolloutHeadSchema, one.get(id))
		const rows = targets.all(id)
		const found = parseBodies(rolloutTargetSchema, rows, log)
		return head && found.length === rows.length ? { ...head, targets: found } : undefined
	}
	return {
		get,
		/** Whether there is one, readable or not. */
		has: (id: string): boolean => one.get(id) !== undefined,
		/** Newest first. */
		list: (): RolloutSummary[] => parseBodies(rolloutSummarySchema, summaries.all(), log),
		/** On disk when it returns. */
		add: (rollout: Rollout, appliances: Appliance[], owner: string): void =>
			inDurableTransaction(db, () => {
				const { targets: all, ...head } = rollout
				insert.run(rollout.id, rollout.createdAt, owner, JSON.stringify(head), JSON.stringify(summarise(rollout)))
				for (const [position, target] of all.entries()) {
					const appliance = applianceSchema.parse(appliances[position])
					insertTarget.run(rollout.id, position, JSON.stringify(appliance), JSON.stringify(target))
				}
			}),
		/**
		 * What changed since `before`, together with the wish that was heard; on disk when it returns. Fails with `NotOwner`
		 * where another program drives it by now.
		 */
		save: (owner: string, before: Rollout, after: Rollout, wish?: number): void =>
			inDurableTransaction(db, () => {
				const { targets: all, ...head } = after
				const written = update.run(JSON.stringify(head), JSON.stringify(summarise(after)), after.id, owner)
				if (written.changes === 0) throw new NotOwner(after.id)
				for (const [position, target] of all.entries()) {
					if (target !== before.targets[position]) updateTarget.run(JSON.stringify(target), after.id, position)
				}
				if (wish !== undefined) removeWish.run(wish)
			}),
		/** How the targets were reached when it began, by their ids. */
		appliances: (id: string): Map<string, Appliance> =>
			new Map(
				targets.all(id).flatMap(({ appliance }) => {
					const found = parseBody(applianceSchema, { body: appliance })
					return found ? [[found.id, found]] : []
				}),
			),
		/** The program that drives it, alive or not; null for none. */
		owner: (id: string): string | null => {
			const owner = one.get(id)?.owner
			return typeof owner === "string" ? owner : null
		},
		/** Takes it over from a program that is gone; false when another one was quicker. */
		claim: (id: string, from: string | null, to: string): boolean => claim.run(to, id, from).changes > 0,
		/** Nobody drives it any more; false where a wish waits that its driver has not heard yet. */
		release: (id: string, owner: string): boolean => release.run(id, owner).changes > 0,
		/** Nobody drives it any more, whatever waits: for a program that ends. */
		letGo: (id: string, owner: string) => void letGo.run(id, owner),
		/** A person's word, for whoever drives it; on disk when it returns. Its number. */
		addWish: (id: string, wish: RolloutWish): number =>
			inDurableTransaction(db, () => Number(insertWish.run(id, JSON.stringify(wish)).lastInsertRowid)),
		/** Whether a word has not been heard yet. */
		isWaiting: (row: number): boolean => wish.get(row) !== undefined,
		/** What has been asked and not heard yet, in order. One that cannot be read is dropped, and said. */
		wishes: (id: string): { row: number; wish: RolloutWish }[] =>
			wishes.all(id).flatMap((found) => {
				const row = Number(found.id)
				const wish = parseBody(rolloutWishSchema, found)
				if (wish) return [{ row, wish }]
				log(`cannot read what was asked of rollout ${id}`)
				removeWish.run(row)
				return []
			}),
	}
}
