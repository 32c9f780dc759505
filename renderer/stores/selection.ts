/** What is chosen of a list, by id. */
export interface Selection {
	ids: ReadonlySet<string>
	/** Where a range begins: what was chosen or let go last by itself. */
	anchor?: string
}

export const nothingChosen: Selection = { ids: new Set() }

/**
 * Chooses one or lets it go. `isRange`: everything from the anchor to it becomes as it does, in the order that is shown; an
 * anchor that is not shown counts as none.
 */
export function choose(selection: Selection, shown: readonly string[], id: string, isRange: boolean): Selection {
	const isChosen = !selection.ids.has(id)
	const [from, to] = [isRange ? shown.indexOf(selection.anchor ?? "") : -1, shown.indexOf(id)]
	const meant = from < 0 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1)
	return { ids: changed(selection.ids, meant, isChosen), anchor: id }
}

/** Chooses all that are shown, or lets them go where all of them are chosen. */
export function chooseShown(selection: Selection, shown: readonly string[]): Selection {
	return { ids: changed(selection.ids, shown, !shown.every((id) => selection.ids.has(id))) }
}

function changed(ids: ReadonlySet<string>, meant: readonly string[], isChosen: boolean): Set<string> {
	const next = new Set(ids)
	for (const id of meant) {
		if (isChosen) next.add(id)
		else next.delete(id)
	}
	return next
}
