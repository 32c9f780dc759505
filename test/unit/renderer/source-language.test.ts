import { expect, test } from "vitest"
import { languageOf } from "../../../renderer/views/editor/sources/code/language-of.ts"
import { separatorOf } from "../../../renderer/views/editor/sources/code/line-ends.ts"
import { operationsOf, usesByTarget } from "../../../renderer/views/editor/sources/uses.ts"

test.each([
	["a/b.tsx", "", "typescript"],
	["a.JS", "", "javascript"],
	["etc/nginx/sites-enabled/default", "", "nginx"],
	["nginx.conf", "", "nginx"],
	["apache.conf", "", "properties"],
	["Dockerfile", "", "dockerfile"],
	["web.service", "", "properties"],
	[".env.local", "", "properties"],
	["run", "#!/usr/bin/env bash", "shell"],
	["run", "\ufeff#!/bin/sh\r", "shell"],
	["run", "#!/usr/bin/python3.11", "python"],
	["run", '<?xml version="1.0"?>', "xml"],
	["run", "plain", undefined],
	["a.constructor", "", undefined],
	["README", "# title", undefined],
])("%j beginning with %j is %s", (target, firstLine, language) => {
	expect(languageOf(target, firstLine)).toBe(language)
})

test.each([
	["", "\n"],
	["one line", "\n"],
	["a\nb\n", "\n"],
	["a\r\nb\r\n", "\r\n"],
	["a\r\nb\n", "\n"],
	["a\rb", "\n"],
])("lines of %j end in %j", (text, separator) => {
	expect(separatorOf(text)).toBe(separator)
	expect(text.split(separator).join(separator)).toBe(text)
})

test("who uses a source is read from whatever is typed", () => {
	const value = {
		pools: [
			{
				id: "a",
				operations: [{ target: "src/x", destination: "/x", permissions: { mode: "0755" } }, { target: 5 }, null],
			},
			null,
			{ operations: [{ target: "x" }] },
			{ id: "d", operations: "none" },
		],
	}
	expect([...usesByTarget(value)]).toEqual([
		[
			"x",
			[
				{ pool: 0, name: "a", destination: "/x", mode: "0755" },
				{ pool: 2, name: "pool 3", destination: "", mode: undefined },
			],
		],
	])
	expect(operationsOf(value).map(({ pool, index }) => [pool, index])).toEqual([
		[0, 0],
		[2, 0],
	])
	expect(operationsOf(undefined)).toEqual([])
})
