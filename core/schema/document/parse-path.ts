import type { JsonPath } from "../json-text.ts"

/** A path as `printPath` prints it, taken apart again; undefined for what is none. */
export function parsePath(printed: string): JsonPath | undefined {
	if (!printed.startsWith("$")) return undefined
	const path: (string | number)[] = []
	let rest = printed.slice(1)
	while (rest !== "") {
		const [whole = "", name, index, quoted] = segment.exec(rest) ?? []
		if (whole === "") return undefined
		if (name !== undefined) path.push(name)
		else if (index !== undefined) path.push(Number(index))
		else if (quoted !== undefined) path.push(JSON.parse(quoted))
		rest = rest.slice(whole.length)
	}
	return path
}

const segment = /^(?:\.([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")\])/u
