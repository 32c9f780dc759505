import { expect, test } from "vitest"
import { csvLine } from "../../../../core/schema/csv.ts"

test.each<[string, (string | number | undefined)[], string]>([
	["plain cells", ["a", 1, undefined, ""], "a,1,,"],
	["what has a meaning in CSV", ["a,b", 'say "x"', "two\nlines", " edge "], '"a,b","say ""x""","two\nlines"," edge "'],
	["what a spreadsheet would run", ["=1+1", "+1", "-1", "@x", "\tx"], `'=1+1,'+1,'-1,'@x,'\\tx`],
	["what moves a cursor", ["a\u001b]0;title\u0007b\u202e"], "ab\\u{202e}"],
	["numbers stay numbers", [-1, 0], "-1,0"],
])("%s", (_, cells, line) => expect(csvLine(cells)).toBe(line))
