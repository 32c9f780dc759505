import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createRootedHost } from "../../../../core/engine/node-host/rooted-host.ts"
import { createRootedTrust } from "../../../../core/runner/trust/rooted-trust.ts"
import { createTrust } from "../../../../core/runner/trust/trust.ts"
import { makeSigner } from "../../../support/signer.ts"

const module = { name: "hotfix", version: "1.0.1", digest: "ab".repeat(32) }
const old = makeSigner()
const fresh = makeSigner()
const stranger = makeSigner()

let root: string
let file: string
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "hotfix-trust-"))
	mkdirSync(join(root, "etc/hotfix"), { recursive: true, mode: 0o755 })
	file = join(root, "etc/hotfix/trusted-keys")
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function verdict(signatures?: string, what = module): Promise<unknown> {
	const failure = await createTrust(createRootedHost({ root, keep: [] }))(what, signatures)
	return failure ? [failure.code, failure.data.reason, ...(failure.data.line ? [failure.data.line] : [])] : "runs"
}
const refused = (reason: string) => ["module-not-trusted", reason]
const trust = (...lines: string[]) => writeFileSync(file, `${lines.join("\n")}\n`)

test("without a list of keys every module runs, as long as there really is none", async () => {
	expect(await verdict()).toBe("runs")
	rmSync(join(root, "etc/hotfix"), { recursive: true })
	expect(await verdict("rubbish")).toBe("runs")
	writeFileSync(join(root, "etc/hotfix"), "")
	expect(await verdict()).toEqual(["trusted-keys-unusable", "a part of its path is no folder"])
})

test("with one, only what a trusted key signed, exactly as it signed it", async () => {
	trust("# ours", "", old.line)
	expect(await verdict(old.signs(module))).toBe("runs")
	expect(await verdict()).toEqual(refused("unsigned"))
	expect(await verdict("")).toEqual(refused("no-signature"))
	expect(await verdict(stranger.signs(module))).toEqual(refused("unknown-key"))
	for (const other of [{ name: "other" }, { version: "1.0.2" }, { digest: "cd".repeat(32) }])
		expect(await verdict(old.signs(module), { ...module, ...other })).toEqual(refused("changed"))
})

test("rotation: signed by both keys, it runs where either is trusted; a revoked key counts for nothing", async () => {
	const both = old.signs(module) + fresh.signs(module)
	trust(old.line)
	expect(await verdict(both)).toBe("runs")
	trust(fresh.line)
	expect(await verdict(both)).toBe("runs")
	trust(fresh.line, `@revoked ${old.line}`)
	expect(await verdict(both)).toBe("runs")
	expect(await verdict(old.signs(module))).toEqual(refused("revoked"))
	trust(`@revoked ${old.line}`, old.line, fresh.line)
	expect(await verdict(old.signs(module))).toEqual(refused("revoked"))
	// A signature of a trusted key over something else does not spoil the other one.
	expect(await verdict(fresh.signs({ ...module, name: "other" }) + fresh.signs(module))).toBe("runs")
})

test("a folder in the place of `/` gets around neither file of the machine itself", async () => {
	const inner = join(root, "srv/image")
	mkdirSync(join(inner, "etc/hotfix"), { recursive: true })
	const hostIn = (folder: string) => createRootedHost({ root: folder, keep: [] })
	const ask = async (signatures?: string) =>
		(await createRootedTrust(hostIn(root), hostIn(inner))(module, signatures))?.data.reason ?? "runs"
	expect(await ask()).toBe("runs")
	trust(old.line)
	expect([await ask(), await ask(old.signs(module))]).toEqual(["unsigned", "runs"])
	writeFileSync(join(inner, "etc/hotfix/trusted-keys"), `${fresh.line}\n`)
	expect(await ask(old.signs(module))).toBe("unknown-key")
	expect(await ask(old.signs(module) + fresh.signs(module))).toBe("runs")
	writeFileSync(join(root, "etc/hotfix/policy.json"), '{"version":1}')
	expect(await ask(old.signs(module) + fresh.signs(module))).toBe("own-policy")
})

test("lines may end as on Windows, and a tab is a space", async () => {
	trust(`# ours\r\n@revoked\t${fresh.line}\r\n${old.line.replace(" ", "\t")}\r`)
	expect(await verdict(old.signs(module))).toBe("runs")
	expect(await verdict(fresh.signs(module))).toEqual(refused("revoked"))
})

test("a name in any script is no fault", async () => {
	trust("# Jörg's, 鍵", `${old.line} Jörg`)
	expect(await verdict(old.signs(module))).toBe("runs")
})

test("what root itself left to its own group or made a link is no fault", async () => {
	trust(old.line)
	renameSync(join(root, "etc/hotfix"), join(root, "etc/keys"))
	symlinkSync("keys", join(root, "etc/hotfix"))
	chmodSync(join(root, "etc/keys"), 0o775)
	expect(await verdict(old.signs(module))).toBe("runs")
	expect(await verdict()).toEqual(refused("unsigned"))
})

describe("a list that cannot be relied on lets nothing run", () => {
	const unusable: [string, () => void, string, number?][] = [
		["a line that is no key", () => trust(old.line, "ssh-rsa AAAAB3 me"), "no-key", 2],
		["a misspelt mark", () => trust(old.line, `@revoke ${fresh.line}`), "no-key", 2],
		["a key cut short", () => trust(old.line.slice(0, 40)), "no-key", 1],
		["options before a key", () => trust(`command="x" ${old.line}`), "no-key", 1],
		[
			"a revocation hidden behind a lone CR",
			() => trust(old.line, `# x\r@revoked ${old.line}`),
			"control-character",
			2,
		],
		["the same behind a key", () => trust(`${old.line}\r@revoked ${old.line}`), "control-character", 1],
		...["\u0085", "\u2028", "\u2029", "\u009b"].map((sign): (typeof unusable)[number] => [
			`a revocation hidden behind U+${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
			() => trust(old.line, `# x${sign}@revoked ${old.line}`),
			"control-character",
			2,
		]),
		["another control character", () => trust(`${old.line}\x1b[2K`), "control-character", 1],
		["nothing", () => trust(), "none-trusted"],
		["revoked keys only", () => trust(`@revoked ${fresh.line}`), "none-trusted"],
		["too much", () => trust(`#${"x".repeat(70_000)}`, old.line), "it has more than 65536 bytes"],
		["a folder", () => mkdirSync(file), "it is no regular file"],
		["a link to nothing", () => symlinkSync("nothing", file), "it is a link"],
		[
			"a link to a good list",
			() => {
				trust(old.line)
				renameSync(file, join(root, "list"))
				symlinkSync(join(root, "list"), file)
			},
			"it is a link",
		],
		[
			"a list that others may write",
			() => trusted(() => chmodSync(file, 0o646)),
			"others than its owner may write to it",
		],
		[
			"a list that a group may write",
			() => trusted(() => chmodSync(file, 0o664)),
			"others than its owner may write to it",
		],
		["somebody else's list", () => trusted(() => chownSync(file, 1000, 0)), "it belongs to user 1000, not to root"],
		[
			"a folder that others may write",
			() => trusted(() => chmodSync(join(root, "etc/hotfix"), 0o777)),
			"others may write to its folder /etc/hotfix",
		],
		[
			"no list, in a folder that others may write",
			() => chmodSync(join(root, "etc/hotfix"), 0o777),
			"others may write to its folder /etc/hotfix",
		],
		[
			"somebody else's folder",
			() => trusted(() => chownSync(join(root, "etc/hotfix"), 1000, 0)),
			"others may write to its folder /etc/hotfix",
		],
	]
	const trusted = (then: () => void) => {
		trust(old.line)
		then()
	}
	test.skipIf(process.getuid?.() !== 0).each(unusable)(
		"%s (needs root, to give files away)",
		async (_, spoil, reason, line) => {
			spoil()
			expect(await verdict(old.signs(module))).toEqual(["trusted-keys-unusable", reason, ...(line ? [line] : [])])
		},
	)
})
