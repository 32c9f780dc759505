import { useDeferredValue, useEffect, useState } from "react"
import { count } from "../../components/format.ts"
import {
	emptyList,
	type KeyList,
	type Match,
	matchKeys,
	parseKeyList,
	type ShownKey,
} from "../../stores/listed-keys.ts"

/** What a pasted list says of the keys that are shown, and in words how much of it is of use. */
export function useKeyList(
	text: string,
	rows: readonly ShownKey[],
): { matches: ReadonlyMap<string, Match>; words: string } {
	const typed = useDeferredValue(text)
	const [list, setList] = useState<KeyList>(emptyList)
	const [matches, setMatches] = useState<ReadonlyMap<string, Match>>(new Map())
	useEffect(() => follow(parseKeyList(typed), setList), [typed])
	useEffect(() => follow(matchKeys(list, rows), setMatches), [list, rows])
	return { matches, words: wordsOf(list, matches) }
}

/** Hands on what a promise brings, unless it is out of date by then. */
function follow<T>(promise: Promise<T>, take: (value: T) => void): () => void {
	let isWanted = true
	void promise.then((value) => isWanted && take(value))
	return () => {
		isWanted = false
	}
}

/** "5 keys in the list: 2 are selected by it. 1 line is no host key." */
export function wordsOf({ keys, strange }: KeyList, matches: ReadonlyMap<string, Match>): string {
	const listed = [...matches.values()].filter(({ kind }) => kind === "listed").length
	const used = keys.length === 0 ? [] : [`${count(keys.length, "key")} in the list, ${listed} of those above.`]
	return [...used, ...(strange === 0 ? [] : [`${count(strange, "line")} of it cannot be read as a key.`])].join(" ")
}
