import type { LibraryModule } from "../../../core/schema/library.ts"

export type Order = "recent" | "name" | "findings"

export interface Choice {
	search: string
	order: Order
	archived: boolean
}

/** The modules that fit, in the chosen order: the one that was changed last first, or by name, or those with faults first. */
export function shownModules(modules: readonly LibraryModule[], { search, order, archived }: Choice): LibraryModule[] {
	const words = search.toLowerCase().split(/\s+/).filter(Boolean)
	const fitting = modules.filter((module) => module.isArchived === archived && fits(module, words))
	return fitting.sort((a, b) => orders[order](a, b) || byName(a, b))
}

function fits({ name, description = "", version = "", folder }: LibraryModule, words: string[]): boolean {
	const text = `${name} ${description} ${version} ${folder}`.toLowerCase()
	return words.every((word) => text.includes(word))
}

const byName = (a: LibraryModule, b: LibraryModule) => a.name.localeCompare(b.name, "en", { numeric: true })

const orders: Record<Order, (a: LibraryModule, b: LibraryModule) => number> = {
	recent: (a, b) => compare(b.changedAt ?? "", a.changedAt ?? ""),
	name: byName,
	findings: (a, b) => weightOf(b) - weightOf(a),
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0
}

function weightOf({ problem, faults, warnings }: LibraryModule): number {
	return (problem ? 1e9 : 0) + faults * 1000 + warnings
}
