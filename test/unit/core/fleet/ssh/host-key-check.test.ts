import { expect, test, vi } from "vitest"
import { createDeadline } from "../../../../../core/fleet/ssh/deadline.ts"
import { createHostKeyCheck } from "../../../../../core/fleet/ssh/host-key-check.ts"
import type { HostKeyVerdict } from "../../../../../core/fleet/ssh/known-hosts-file.ts"

const key = Buffer.from("\0\0\0\x0bssh-ed25519 one", "latin1")
const other = Buffer.from("\0\0\0\x0bssh-ed25519 two", "latin1")
function makeCheck(verdict: HostKeyVerdict, answer = true) {
	const judge = vi.fn(() => verdict)
	const trusts = vi.fn(async () => answer)
	return {
		judge,
		trusts,
		check: createHostKeyCheck({ endpoint: { host: "h", port: 22 }, judge, trusts, deadline: createDeadline() }),
	}
}

test("a known key passes without a question, and is not judged again at the next key exchange", async () => {
	const { judge, trusts, check } = makeCheck({ verdict: "ok" })
	expect([await check.judge(key), await check.judge(key)]).toEqual([true, true])
	expect([judge.mock.calls.length, trusts.mock.calls.length, check.verified]).toEqual([1, 0, { key, isNew: false }])
})

test("another key in the middle of a connection is refused, even one that is known", async () => {
	const { check } = makeCheck({ verdict: "ok" })
	await check.judge(key)
	expect(await check.judge(other)).toBe(false)
})

test("a new key that a person trusts is kept as new; one that is refused is not kept", async () => {
	const trusted = makeCheck({ verdict: "unknown", certAuthority: false })
	expect([await trusted.check.judge(key), trusted.check.verified]).toEqual([true, { key, isNew: true }])
	const refused = makeCheck({ verdict: "unknown", certAuthority: true }, false)
	await expect(refused.check.judge(key)).rejects.toMatchObject({
		failure: { code: "host-key-unknown", data: { certAuthority: true } },
	})
	expect(refused.check.verified).toBeUndefined()
})

test.each(["changed", "revoked"] as const)("a %s key is refused without a question", async (verdict) => {
	const { trusts, check } = makeCheck({
		verdict,
		known: { file: "f", line: 3, hosts: ["h"], type: "ssh-ed25519", key: other },
	})
	await expect(check.judge(key)).rejects.toMatchObject({
		failure: { code: `host-key-${verdict}`, data: { path: "f", line: 3 } },
	})
	expect([trusts.mock.calls.length, check.verified]).toEqual([0, undefined])
})
