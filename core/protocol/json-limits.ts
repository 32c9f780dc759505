/** Nesting of lists and objects; nothing here goes deeper than a dozen. Deeper ones end later readers' stacks. */
const MAX_DEPTH = 64
/** Values in one message: the history of a thousand runs has a tenth of that. Each costs some 100 bytes of memory. */
const MAX_VALUES = 2_000_000

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
/** Of lists; those of objects are 0x20 higher. */
const OPEN = 0x5b
const CLOSE = 0x5d

/**
 * Whether text in JSON may be parsed without harm: 60 MiB of `{},{},...` would become gigabytes and hold everything else
 * up for a quarter of a minute. Looks at the bytes only; text that is no JSON may pass.
 */
export function isReasonable(bytes: Uint8Array): boolean {
	let depth = 0
	let values = 1
	let inText = false
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at] ?? 0
		if (inText) {
			if (byte === BACKSLASH) at++
			else if (byte === QUOTE) inText = false
		} else if (byte === QUOTE) inText = true
		else if (byte === COMMA) values++
		else if ((byte | 0x20) === (OPEN | 0x20)) {
			depth++
			values++
			if (depth > MAX_DEPTH) return false
		} else if ((byte | 0x20) === (CLOSE | 0x20)) depth--
	}
	return values <= MAX_VALUES
}
