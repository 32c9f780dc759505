/**
 * `*` and `?` in names of hosts and users, without regard to case, by walking both strings: a regular expression made
 * from a hostile file could take for ever.
 */
export function matchesPattern(pattern: string, name: string): boolean {
	const wanted = pattern.toLowerCase()
	const found = name.toLowerCase()
	let at = 0
	let star = -1
	let retry = 0
	let position = 0
	while (position < found.length) {
		if (wanted[at] === "*") {
			star = at++
			retry = position
		} else if (wanted[at] === "?" || wanted[at] === found[position]) {
			at++
			position++
		} else if (star >= 0) {
			at = star + 1
			position = ++retry
		} else return false
	}
	while (wanted[at] === "*") at++
	return at === wanted.length
}

/** A list of patterns as OpenSSH has it: one must match, and none that begins with `!` may. */
export function matchesPatterns(patterns: readonly string[], name: string): boolean {
	const isNegated = (pattern: string) => pattern.startsWith("!")
	if (patterns.some((pattern) => isNegated(pattern) && matchesPattern(pattern.slice(1), name))) return false
	return patterns.some((pattern) => !isNegated(pattern) && matchesPattern(pattern, name))
}
