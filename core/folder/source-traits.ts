import { findSecrets } from "../schema/find-secrets.ts"
import type { SourceTraits } from "../schema/source-traits.ts"
import { magicType } from "./magic-type.ts"

const BOM = [0xef, 0xbb, 0xbf]

/**
 * What a file's first bytes say of it. `size`: of the whole file; `last`: its last byte, where `head` does not reach so
 * far.
 */
export function traitsOf(
	head: Uint8Array,
	{ size, last = head.at(-1) }: { size: number; last?: number | undefined },
): Omit<SourceTraits, "target" | "digest"> {
	const isCut = head.length < size
	const text = readUtf8(head, isCut)
	const hasBom = BOM.every((byte, index) => head[index] === byte)
	const start = hasBom ? BOM.length : 0
	const type = text === undefined ? magicType(head) : undefined
	return {
		isText: text !== undefined,
		...(type !== undefined && { type }),
		hasBom,
		hasCrlf: text?.includes("\r\n") ?? false,
		hasShebang: head[start] === 0x23 && head[start + 1] === 0x21,
		endsInNewline: size === 0 || last === 0x0a,
		secrets: text === undefined ? [] : findSecrets(text),
	}
}

/** Undefined for what is no text. A head that is cut may end within a character. */
function readUtf8(head: Uint8Array, isCut: boolean): string | undefined {
	if (head.includes(0)) return undefined
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: isCut })
	} catch {
		return undefined // It is something else, which is the answer.
	}
}
