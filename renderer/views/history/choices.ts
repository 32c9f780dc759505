import type { HistoryChoices } from "../../../core/schema/history-choices.ts"

/** In the order of people. What is chosen is among them whatever there is: else it would filter, and nobody would see by what. */
export function namesToChoose(names: readonly string[], chosen: string | null): string[] {
	return [...new Set([...names, ...(chosen === null ? [] : [chosen])])].sort((a, b) => a.localeCompare(b))
}

type Named = HistoryChoices["appliances"][number]

/** The fleet, by the names of now, and those that are not in it any more. */
export function appliancesToChoose(known: readonly Named[], fleet: readonly Named[], chosen: string | null) {
	const names = new Map(chosen === null ? [] : [[chosen, chosen]])
	for (const { id, name } of [...known, ...fleet]) names.set(id, name)
	return [...names].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label))
}
