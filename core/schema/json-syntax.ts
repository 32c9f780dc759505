import { type ParseError, printParseErrorCode } from "jsonc-parser"

/** Text that is no strict JSON, at an offset. */
export interface SyntaxFault {
	rule: string
	offset: number
	message: string
	remedy: string
}

/** Errors after which the parser still knows where it is. */
const harmless: Record<string, [message: string, remedy: string]> = {
	InvalidCommentToken: ["a comment, which JSON does not have", "take the comment out"],
	CommaExpected: ["a comma is missing before this", "put a comma between the two"],
	InvalidNumberFormat: ["this is no JSON number", "write it like 300 or 1.5"],
	UnexpectedEndOfNumber: ["this is no JSON number", "write it like 300 or 1.5"],
	InvalidUnicode: ["this \\u escape is incomplete", "write four hexadecimal digits after \\u"],
	InvalidEscapeCharacter: ["this escape is unknown to JSON", "write \\\\ for a backslash"],
	InvalidCharacter: ["a control character stands in this string", "write it as an escape, such as \\t or \\n"],
}

/** Errors that leave the parser guessing: the first is told, what follows would be echo. */
const disorienting: Record<string, [message: string, remedy: string]> = {
	InvalidSymbol: ["this is no JSON value", 'write a string in double quotes, a number, true, false, null, "{" or "["'],
	PropertyNameExpected: ["a key in double quotes is expected here", 'write "key": value'],
	ValueExpected: ["a value is expected here", "write the value, or take out what announces it"],
	ColonExpected: ["a colon is expected here", 'write "key": value'],
	CloseBraceExpected: ['the closing "}" is missing', 'write "}" where the object ends'],
	CloseBracketExpected: ['the closing "]" is missing', 'write "]" where the list ends'],
	EndOfFileExpected: ["something stands after the end of the document", "take it out"],
	UnexpectedEndOfComment: ["a comment, which JSON does not have", "take the comment out"],
	UnexpectedEndOfString: ["the closing double quote of this string is missing", 'write " where the string ends'],
}

/**
 * What a person is told of the parser's errors: all up to the first that made it lose its way. `trustedEnd`: nothing
 * that ends later can be trusted.
 */
export function readErrors(text: string, errors: ParseError[]): { faults: SyntaxFault[]; trustedEnd: number } {
	const faults: SyntaxFault[] = []
	for (const error of [...errors].sort((a, b) => a.offset - b.offset)) {
		const code = printParseErrorCode(error.error)
		if (isTrailingComma(text, error)) {
			const comma = text.slice(0, error.offset).lastIndexOf(",")
			const fault = {
				rule: "trailing-comma",
				offset: comma,
				message: "a comma after the last item",
				remedy: "take the comma out",
			}
			if (faults.at(-1)?.offset !== comma) faults.push(fault)
			continue
		}
		const [message, remedy] = harmless[code] ?? disorienting[code] ?? ["this is no JSON", "write strict JSON"]
		faults.push({ rule: code === "InvalidCommentToken" ? "comment" : "syntax", offset: error.offset, message, remedy })
		if (!harmless[code]) return { faults, trustedEnd: error.offset - (code === "EndOfFileExpected" ? 0 : 1) }
	}
	return { faults, trustedEnd: Number.POSITIVE_INFINITY }
}

/** What git leaves in a file that two people changed; a string cannot hold a line's end, so no valid JSON has such lines. */
export function findMergeConflicts(text: string): SyntaxFault[] {
	if (!/^={7}\r?$/m.test(text) || !/^>{7} /m.test(text)) return []
	return [...text.matchAll(/^<{7} .*$/gm)].slice(0, 100).map(({ index }) => ({
		rule: "merge-conflict",
		offset: index,
		message: "git could not merge two changes from here on and left both",
		remedy: "keep what is right of the two and take out the lines of <<<<<<<, ======= and >>>>>>>",
	}))
}

/** `[1,]` and `{"a": 1,}`: the parser is not lost, it only misses one more item. */
function isTrailingComma(text: string, error: ParseError): boolean {
	return (
		/[\]}]/.test(text.charAt(error.offset)) &&
		/[^[{,\s]\s*,\s*$/.test(text.slice(Math.max(0, error.offset - 1000), error.offset))
	)
}
