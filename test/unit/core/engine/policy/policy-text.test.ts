import { expect, test } from "vitest"
import { parsePolicy } from "../../../../../core/engine/policy/policy-text.ts"

const parse = (text: string | Uint8Array) =>
	parsePolicy(typeof text === "string" ? new TextEncoder().encode(text) : text)

test.each([
	['{"version": 1}', { deny: [] }],
	['{"version": 1, "allow": []}', { allow: [], deny: [] }],
	['{"version": 1, "deny": ["/etc/*"]}', { deny: [{ place: "$.deny[0]", glob: ["etc", "*"] }] }],
])("%s is a policy", (text, policy) => {
	expect(parse(text)).toEqual({ policy })
})

test.each<[text: string | Uint8Array, ...faults: string[]]>([
	["", "1:1: $: the file is empty"],
	["{", '1:2: $: the closing "}" is missing'],
	["[]", "1:1: $: write an object"],
	["{}", "1:1: $.version: write 1: this runner knows no other"],
	['{"version": "1"}', "1:13: $.version: write 1: this runner knows no other"],
	['{"version": 2, "deny": []}', "1:13: $.version: write 1: this runner knows no other"],
	['{"version": 1,\n "Deny": []}', "2:10: $.Deny: this runner does not know the key: take it out"],
	['{"version": 1, "deny": ["/a"], "deny": []}', "1:32: $.deny: this key stands twice in its object"],
	['{"version": 1, "deny": "/etc"}', "1:24: $.deny: write a list of patterns"],
	['{"version": 1, "deny": null}', "1:24: $.deny: write a list of patterns"],
	['{"version": 1, "deny": ["/a", 7]}', "1:31: $.deny[1]: write a text"],
	['{"version": 1, "deny": [] // x\n}', "1:27: $: a comment, which JSON does not have"],
	[
		'{"version": 1,\n "allow": ["/a"],\n "deny": ["etc",\n  "/b?"]}',
		'3:11: $.deny[0]: "etc": this is no absolute path: begin it with "/"',
		'4:3: $.deny[1]: "/b?": "?" has no meaning here: write "*" for what it stands for',
	],
	[new Uint8Array([0x22, 0xff, 0x22]), "1:1: $: this is no UTF-8 text"],
	["\ufeff{}", "1:1: $: the file begins with a byte order mark"],
])("%s is none, and each fault names its place", (text, ...faults) => {
	expect(parse(text)).toEqual({ faults })
})
