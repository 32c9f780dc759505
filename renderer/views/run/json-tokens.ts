export interface Token {
	kind: "key" | "string" | "value" | "plain"
	text: string
}

const pattern = /"(?:[^"\\]|\\.)*"(?<colon>\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g

/** A line of JSON in coloured pieces; faulty JSON just stays plain. */
export function tokensOf(line: string): Token[] {
	const tokens: Token[] = []
	let position = 0
	for (const match of line.matchAll(pattern)) {
		if (match.index > position) tokens.push({ kind: "plain", text: line.slice(position, match.index) })
		const kind = match[0].startsWith('"') ? (match.groups?.colon === undefined ? "string" : "key") : "value"
		tokens.push({ kind, text: match[0] })
		position = match.index + match[0].length
	}
	if (position < line.length) tokens.push({ kind: "plain", text: line.slice(position) })
	return tokens
}
