import { expect, test } from "vitest"
import type { Question } from "../../../core/schema/desktop.ts"
import { nextShown, type Shown } from "../../../renderer/stores/shown-question.ts"

const key = (id: string): Question => ({
	id,
	kind: "host-key",
	appliance: id,
	host: id,
	port: 22,
	keyType: "ssh-ed25519",
	fingerprint: `SHA256:${id}`,
})
const secret = (id: string): Question => ({
	id,
	kind: "password",
	appliance: id,
	host: id,
	port: 22,
	via: [],
	user: "root",
})

const table: Shown = { dialog: "table" }
const one = (id: string): Shown => ({ dialog: "one", id })

test.each<[string, Shown | undefined, Question[], Shown | undefined]>([
	["nothing to ask", undefined, [], undefined],
	["one host key has the dialog for itself", undefined, [key("a")], one("a")],
	["several come in one table", undefined, [key("a"), key("b")], table],
	["the oldest question is first", undefined, [secret("s"), key("a"), key("b")], one("s")],
	["what is asked stays while others come", one("a"), [key("a"), key("b"), key("c")], one("a")],
	["also in front of what is older", one("b"), [secret("s"), key("b")], one("b")],
	["after it, the others come in a table", one("a"), [key("b"), key("c")], table],
	["a table stays down to its last row", table, [secret("s"), key("b")], table],
	["after it, what is left", table, [secret("s")], one("s")],
	["and then nothing", table, [], undefined],
])("%s", (_name, before, questions, after) => expect(nextShown(before, questions)).toEqual(after))
