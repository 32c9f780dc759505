/** Bytes at the end that begin a UTF-8 character without ending it: 0 to 3. */
export function countUnfinished(bytes: Uint8Array): number {
	for (let back = 1; back <= Math.min(3, bytes.length); back++) {
		const byte = bytes[bytes.length - back] ?? 0
		if (byte < 0x80) return 0
		if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
	}
	return 0
}

/** Bytes at the beginning that continue a UTF-8 character whose beginning was cut off: 0 to 3. */
export function countContinuing(bytes: Uint8Array): number {
	let count = 0
	while (count < 3 && count < bytes.length && ((bytes[count] ?? 0) & 0xc0) === 0x80) count++
	return count
}

/** A decoder for one stream: what is no UTF-8 becomes U+FFFD, a character split over two pieces stays whole. */
export function makeDecoder(): TextDecoder {
	return new TextDecoder("utf-8", { ignoreBOM: true })
}
