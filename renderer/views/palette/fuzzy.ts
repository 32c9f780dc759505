/** Worth of one letter: after another one that fits, at the start of a word, anywhere. */
const [FOLLOWING, BEGINNING, ANYWHERE] = [4, 3, 0]

/**
 * How well a text fits what was typed; undefined where it does not. Every word that was typed has to be there, its
 * letters in their order but not side by side.
 */
export function fitOf(typed: string, text: string): number | undefined {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
	const fits = words.map((word) => fitOfWord(word, text.toLowerCase()))
	return fits.includes(undefined) ? undefined : fits.reduce<number>((sum, fit) => sum + (fit ?? 0), 0)
}

/** The best of the ways to begin; from there each letter is taken where it comes next. */
function fitOfWord(word: string, text: string): number | undefined {
	let best: number | undefined
	for (let at = text.indexOf(word.charAt(0)); at >= 0; at = text.indexOf(word.charAt(0), at + 1)) {
		const fit = fitFrom(word, text, at)
		// No later beginning has letters that this one lacks.
		if (fit === undefined) break
		best = Math.max(best ?? Number.NEGATIVE_INFINITY, fit)
	}
	return best
}

function fitFrom(word: string, text: string, start: number): number | undefined {
	let fit = 0
	let previous = -2
	for (const letter of word) {
		const at = text.indexOf(letter, previous < 0 ? start : previous + 1)
		if (at < 0) return undefined
		const begins = at === 0 || /[^\p{L}\p{N}]/u.test(text.charAt(at - 1))
		fit += at === previous + 1 ? FOLLOWING : begins ? BEGINNING : ANYWHERE
		previous = at
	}
	// Letters far apart are a worse fit than the same ones close together.
	return fit - (previous - start - word.length + 1) / 10
}
