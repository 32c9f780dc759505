/**
 * Words as a shell splits them, up to a comment where there may be one; undefined where a quotation mark is never closed.
 */
export function splitWords(text: string, { comments = false } = {}): string[] | undefined {
	const words: string[] = []
	let rest = text.trimStart()
	while (rest !== "" && !(comments && rest.startsWith("#"))) {
		let word = ""
		while (rest !== "" && !/^\s/.test(rest)) {
			const part = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+))/s.exec(rest)
			if (!part) return undefined
			const [whole, double, single, escaped, bare] = part
			word += double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? bare ?? ""
			rest = rest.slice(whole.length)
		}
		words.push(word)
		rest = rest.trimStart()
	}
	return words
}
