import { expect, test } from "vitest"
import { applianceSchema } from "../../../../core/schema/appliance.ts"

const appliance = { id: "a", name: "a", host: "a.example.org", signIn: { method: "agent" } }
const takes = (jump: string) => applianceSchema.safeParse({ ...appliance, jump }).success

test.each(["gate", "u@gate", "u@gate:2222", "gate,inner:24", "[::1]:22", "fe80::1", "u@[fe80::1%eth0]:22", "none"])(
	"jump hosts: %s",
	(jump) => expect(takes(jump)).toBe(true),
)

test.each([
	"",
	",",
	"gate,",
	"a:x",
	"a:0",
	"a:65536",
	"gate:1:x",
	"a b",
	"u@",
	"@gate",
	"a/b",
	"a,,b",
	"[::1",
	"x@y@z",
])("no jump hosts: %j", (jump) => expect(takes(jump)).toBe(false))

test.each(["*", "a*", "h?", "!h", "a,b", "|1|x", "#h", 'a"b'])(
	"no host name: %j, which would be a pattern of known keys",
	(host) => {
		expect(applianceSchema.safeParse({ ...appliance, host }).success).toBe(false)
		expect(takes(host === "a,b" ? "x,a|b" : host)).toBe(false)
	},
)
