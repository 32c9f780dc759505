import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openSession } from "../../core/fleet/ssh/session.ts"
import type { Answer } from "../../core/schema/desktop.ts"
import { questionSchema } from "../../core/schema/desktop.ts"
import { sentenceOf } from "../../core/schema/sentences.ts"
import { poll } from "../support/appliances/command.ts"
import { type Appliance, canBootSystemd, createLab, type Lab, ownerPassword } from "../support/appliances/systemd.ts"
import {
	applianceOf,
	failureOf,
	makeAccess,
	makeAsker,
	makeSshConfig,
	open,
	outputOf,
	refuse,
	secret,
	startAgent,
	trust,
} from "../support/ssh/access.ts"
import { startAskingSshd } from "../support/ssh/asking-sshd.ts"

const answers = (...texts: string[]): Answer => ({ kind: "answers", answers: texts })
const code = { prompt: "Verification code: ", echo: true }
const password = { prompt: "(owner@host) Password: ", echo: false }
const byPassword = { signIn: { method: "password" as const } }

// In process: several questions at once, one-time codes and hostile words need PAM modules that Debian's base lacks.
describe("what a server asks at sign-in", () => {
	test("a password, then a one-time code: only the code is asked for anew at the next connection", async () => {
		const sshd = await startAskingSshd({
			methods: ["keyboard-interactive"],
			rounds: [{ prompts: [password] }, { title: "Second step", text: "Look at\nyour token.", prompts: [code] }],
		})
		const asker = makeAsker(trust, secret("geheim"), answers("111"), answers("222"))
		const deps = await makeAccess(undefined, { asker })
		expect((await open(applianceOf(sshd, byPassword), deps)).facts.method).toBe("keyboard-interactive")
		await open(applianceOf(sshd, byPassword), deps)
		const asked = {
			kind: "sign-in-questions",
			appliance: "alpha",
			host: sshd.host,
			user: "owner",
			title: "Second step",
			text: "Look at\nyour token.",
			prompts: [{ text: "Verification code: ", hidden: false }],
		}
		expect(asker.asked.slice(1)).toEqual([
			{ kind: "password", appliance: "alpha", host: sshd.host, port: sshd.port, via: [], user: "owner" },
			asked,
			asked,
		])
		expect(sshd.received).toEqual([["geheim"], ["111"], ["geheim"], ["222"]])
	})

	test("several questions at once", async () => {
		const sshd = await startAskingSshd({
			methods: ["keyboard-interactive"],
			rounds: [{ prompts: [password, code, { prompt: "PIN", echo: false }] }],
		})
		const asker = makeAsker(trust, answers("a", "b", "c"))
		await open(applianceOf(sshd, byPassword), await makeAccess(undefined, { asker }))
		expect(sshd.received).toEqual([["a", "b", "c"]])
		expect(asker.asked[1]).toMatchObject({ prompts: [{ hidden: true }, { hidden: false }, { hidden: true }] })
	})

	test.each([
		"One-time password: ",
		"Enter PASSCODE: ",
		"New password: ",
		"Current password: ",
		"Token code: ",
		"OTP:",
	])("the remembered password does not go to %j", async (prompt) => {
		const sshd = await startAskingSshd({
			methods: ["keyboard-interactive"],
			rounds: [{ prompts: [{ prompt, echo: false }] }],
		})
		const asker = makeAsker(trust, answers("typed"))
		await open(applianceOf(sshd, byPassword), await makeAccess(undefined, { asker }))
		expect(sshd.received).toEqual([["typed"]])
	})

	test.each([
		["a key file", async (folder: string) => ({ signIn: { method: "key" as const, path: makeKey(folder, "rsa") } })],
		[
			"an ed25519 key file",
			async (folder: string) => ({ signIn: { method: "key" as const, path: makeKey(folder, "ed25519") } }),
		],
	])("after %s, in the server's order", async (_, arrange) => {
		const sshd = await startAskingSshd({
			methods: ["publickey", "keyboard-interactive", "password"],
			rounds: [{ prompts: [code] }],
		})
		const asker = makeAsker(trust, answers("333"), secret("geheim"))
		const deps = await makeAccess(undefined, { asker })
		const session = await open(applianceOf(sshd, await arrange(deps.folder)), deps)
		expect((await outputOf(session, "x")).stdout.toString()).toBe("ok\n")
		expect([session.facts.method, sshd.received]).toEqual(["password", [["333"]]])
	})

	test.each(["rsa", "ed25519"] as const)("after a key of the agent's, though it holds others too: %s", async (type) => {
		const sshd = await startAskingSshd({
			methods: ["publickey", "keyboard-interactive"],
			rounds: [{ prompts: [code] }],
		})
		const deps = await makeAccess(undefined, { asker: makeAsker(trust, answers("333")) })
		const agentSocket = await startAgent(
			deps.folder,
			makeKey(deps.folder, type, "one"),
			makeKey(deps.folder, type, "two"),
		)
		const session = await open(applianceOf(sshd), { ...deps, agentSocket })
		expect([session.facts.method, sshd.received]).toEqual(["keyboard-interactive", [["333"]]])
	})

	test("a key after the questions", async () => {
		const sshd = await startAskingSshd({
			methods: ["keyboard-interactive", "publickey"],
			rounds: [{ prompts: [code] }],
		})
		const deps = await makeAccess(undefined, { asker: makeAsker(trust, answers("333")) })
		const sshConfig = await makeSshConfig(deps.folder, `IdentityFile ${makeKey(deps.folder, "ed25519")}\n`)
		const session = await open(applianceOf(sshd, byPassword), { ...deps, sshConfig })
		expect(session.facts.method).toBe("publickey")
	})

	test.each([
		["nobody is there", undefined],
		["a person refuses", makeAsker(trust, refuse)],
		["a person gives too few answers", makeAsker(trust, answers())],
	])("%s: it is said what was asked", async (_, asker) => {
		const sshd = await startAskingSshd({
			methods: ["keyboard-interactive"],
			rounds: [{ title: "Second step", prompts: [code] }],
		})
		const deps = await makeAccess(undefined, { asker: makeAsker(trust) })
		await failureOf(openSession(applianceOf(sshd, byPassword), deps))
		const failure = await failureOf(openSession(applianceOf(sshd, byPassword), { ...deps, asker }))
		const reason = "the server asks: Second step Verification code:"
		const data = { host: sshd.host, port: sshd.port, user: "owner", tried: ["keyboard-interactive"], reason }
		expect(failure).toMatchObject({ code: "authentication-failed", data })
		expect(sentenceOf(failure).what).toContain("the server asks: Second step Verification code:")
		expect(sshd.received).toEqual([])
	})

	test("a wrong answer", async () => {
		const sshd = await startAskingSshd({
			methods: ["keyboard-interactive"],
			rounds: [{ prompts: [code], isRight: ([given]) => given === "right" }],
		})
		const deps = await makeAccess(undefined, { asker: makeAsker(trust, answers("geheim")) })
		const failure = await failureOf(openSession(applianceOf(sshd, byPassword), deps))
		expect(failure.code).toBe("authentication-failed")
		expect(JSON.stringify(failure)).not.toContain("geheim")
	})

	test("a person may take longer than the time limit", async () => {
		const sshd = await startAskingSshd({ methods: ["keyboard-interactive"], rounds: [{ prompts: [code] }] })
		const slowly = () => new Promise<Answer>((resolve) => setTimeout(() => resolve(answers("1")), 2500))
		const asker = makeAsker(trust, slowly)
		await open(applianceOf(sshd, byPassword), await makeAccess(undefined, { asker, deadlines: { signIn: 1000 } }))
		expect(sshd.received).toEqual([["1"]])
	})

	test("a server that leaves meanwhile: the question is taken back", async () => {
		const sshd = await startAskingSshd({
			methods: ["keyboard-interactive"],
			rounds: [{ prompts: [code] }],
			patienceMs: 700,
		})
		const { promise: takenBack, resolve } = Promise.withResolvers<void>()
		const asker = makeAsker(trust, (gone) => new Promise(() => gone?.addEventListener("abort", () => resolve())))
		const failure = await failureOf(openSession(applianceOf(sshd, byPassword), await makeAccess(undefined, { asker })))
		expect(failure.code).toBe("connection-lost")
		await takenBack
	})

	test("hostile words are cut and made plain, and too many questions are refused", async () => {
		const words = `\u001b]0;title\u0007\u001b[2J\u202e${"😀x".repeat(1500)}\n`
		const prompts = [words, ...Array<string>(19).fill("\u001b[1mx")].map((prompt) => ({ prompt, echo: false }))
		const sshd = await startAskingSshd({
			methods: ["keyboard-interactive"],
			rounds: [{ title: words, text: words, prompts }, { prompts: [...prompts, code] }],
		})
		const asker = makeAsker(trust, answers(...prompts.map(() => "x")))
		const failure = await failureOf(openSession(applianceOf(sshd, byPassword), await makeAccess(undefined, { asker })))
		expect(questionSchema.safeParse({ id: "1", ...asker.asked[1] }).success).toBe(true)
		// biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what this is about
		expect(JSON.parse(JSON.stringify(asker.asked[1])).title).not.toMatch(/[\u0000-\u001f\u202e]/)
		expect(failure).toMatchObject({
			code: "authentication-failed",
			data: { reason: "the server asks 21 questions at once" },
		})
	})
})

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED questions of PAM on a systemd appliance: ${systemd.why}`)

describe.skipIf(!systemd.ok)(`what PAM asks behind a real sshd${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let alpha: Appliance
	beforeAll(async () => {
		lab = await createLab({ name: "questions" })
		alpha = await lab.boot("alpha", { homeserver: false })
		await alpha.execOk("cat > /etc/pam.d/sshd", {
			input: [
				"auth required pam_unix.so",
				"auth optional pam_echo.so Now the second step, %u.",
				// It asks anew whatever was answered before; that it finds no accounts counts for nothing.
				"auth optional pam_userdb.so db=/nonexistent",
				"account required pam_unix.so",
				"session required pam_unix.so",
				"",
			].join("\n"),
		})
		await alpha.execOk(
			"install -d -o owner -m 700 /home/owner/.ssh; cp /root/.ssh/authorized_keys /home/owner/.ssh/; chown -R owner /home/owner/.ssh",
		)
	}, 480_000)
	afterAll(() => lab?.destroy(), 60_000)

	const owner = () => applianceOf({ host: alpha.host, port: 22, user: "owner" })

	test("the second round is a person's, in the server's words", async () => {
		await configure("KbdInteractiveAuthentication yes\nUsePAM yes")
		const asker = makeAsker(secret(ownerPassword), answers(ownerPassword))
		const session = await open({ ...owner(), ...byPassword }, await makeAccess(lab, { asker }))
		expect(session.facts.method).toBe("keyboard-interactive")
		expect((await outputOf(session, "id -un")).stdout.toString()).toBe("owner\n")
		expect(asker.asked).toMatchObject([
			{ kind: "password" },
			{ kind: "sign-in-questions", host: alpha.host, user: "owner" },
		])
		expect(JSON.stringify(asker.asked[1])).toContain("Now the second step, owner.")
	})

	test("a key first, then the questions", async () => {
		await configure(
			"KbdInteractiveAuthentication yes\nUsePAM yes\nAuthenticationMethods publickey,keyboard-interactive",
		)
		const asker = makeAsker(secret(ownerPassword), answers(ownerPassword))
		const deps = await makeAccess(lab, { asker })
		const agentSocket = await startAgent(deps.folder, makeKey(deps.folder, "ed25519"), lab.identity)
		const session = await open(owner(), { ...deps, agentSocket })
		expect(session.facts.method).toBe("keyboard-interactive")
		expect(asker.asked.map(({ kind }) => kind)).toEqual(["password", "sign-in-questions"])
	})

	async function configure(lines: string): Promise<void> {
		await alpha.execOk("cat > /etc/ssh/sshd_config.d/00-test.conf; systemctl restart ssh", { input: `${lines}\n` })
		await poll("sshd answers", 10, async () =>
			(await alpha.exec("ss -tln | grep -q ':22 '")).status === 0 ? true : undefined,
		)
	}
})

function makeKey(folder: string, type: "rsa" | "ed25519", name: string = type): string {
	const path = join(folder, `key-${name}`)
	execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-f", path])
	return path
}
