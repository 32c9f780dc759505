/** What was hit so far. */
export interface Tally {
	readonly kills: number
	readonly rounds: number
	/** `where` a program was killed: a phase, or what it was doing around them. */
	addKill(who: "run" | "recovery", where: string): void
	addRound(action: string): void
	/** Where kills have hit so far. */
	hit(): string[]
	/** The summary, a table. */
	print(): string[]
}

const phases = [
	"preflight",
	"baseline",
	"backup",
	"apply",
	"closure",
	"checks",
	"restore",
	"reclosure",
	"final-closure",
]
/** A recovery that has nothing to recover. */
export const NOTHING_OPEN = "nothing open"
/** In the order of a run. */
export const places = ["before its journal", "begun", ...phases, "a pool closed", "run closed", NOTHING_OPEN] as const

export function createTally(): Tally {
	const kills = { run: new Map<string, number>(), recovery: new Map<string, number>() }
	const actions = new Map<string, number>()
	const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
	const sum = (counts: Map<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0)
	return {
		get kills() {
			return sum(kills.run) + sum(kills.recovery)
		},
		get rounds() {
			return sum(actions)
		},
		addKill: (who, where) => add(kills[who], where),
		hit: () => [...new Set([...kills.run.keys(), ...kills.recovery.keys()])],
		addRound: (action) => add(actions, action),
		print() {
			const row = (name: string, run: string | number, recovery: string | number) =>
				`  ${name.padEnd(20)}${String(run).padStart(8)}${String(recovery).padStart(12)}`
			return [
				row("killed in", "a run", "a recovery"),
				...places.map((place) => row(place, kills.run.get(place) ?? 0, kills.recovery.get(place) ?? 0)),
				row("all", sum(kills.run), sum(kills.recovery)),
				`  rounds: ${[...actions].map(([action, count]) => `${count} ${action}`).join(", ")}`,
			]
		},
	}
}

/** Where a journal says that its run is. */
export function placeOf(records: { type: string; phase?: string }[]): string {
	const last = records.at(-1)
	if (!last) return "before its journal"
	if (last.type === "phase") return last.phase ?? "begun"
	if (last.type === "backup-complete") return "backup"
	if (last.type === "pool-closed") return "a pool closed"
	return last.type === "run-closed" ? "run closed" : "begun"
}
