import { rename } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { type RunnerBundle, readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import { connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import type { Answer } from "../../core/schema/desktop.ts"
import { type Appliance, canBootSystemd, createLab, type Lab, ownerPassword } from "../support/appliances/systemd.ts"
import { applianceOf, failureOf, makeAccess, makeAsker, secret } from "../support/ssh/access.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED becoming root by doas and by sudo in its moods: ${systemd.why}`)

describe.skipIf(!systemd.ok)(`becoming root${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let alpha: Appliance
	let runnerBundle: RunnerBundle
	beforeAll(async () => {
		lab = await createLab({ name: "become" })
		alpha = await lab.boot("alpha", { homeserver: false })
		runnerBundle = await readRunnerBundle(await runnerBundlePath())
	}, 480_000)
	afterAll(() => lab?.destroy(), 60_000)

	async function connect(user: string, become: "sudo" | "doas", answers: Answer[] = [], on = alpha) {
		const asker = makeAsker(...answers)
		const signIn = user === "owner" ? { method: "password" as const } : { method: "key" as const, path: lab.identity }
		const appliance = applianceOf({ host: on.host, port: 22, user }, { become, signIn })
		const runner = await connectRunner(appliance, { ...(await makeAccess(lab)), runnerBundle, asker })
		onTestFinished(() => runner.close())
		const questions = asker.asked.flatMap((one) =>
			one.kind === "sudo-password" ? [one.wrong ? "again" : "first"] : [],
		)
		return { runner, questions }
	}
	const allow = (rules: string) => alpha.execOk("cat > /etc/doas.conf", { input: rules })

	test("doas makes the runner root; who is root already has nothing to become", async () => {
		await allow("permit nopass support\n")
		const { runner } = await connect("support", "doas")
		expect(await runner.hello()).toMatchObject({ root: true, systemd: true })
		expect((await alpha.execOk("stat -c '%a %U' /var/lib/hotfix/runners")).trim()).toBe("700 root")
		expect(await (await connect("root", "doas")).runner.hello()).toMatchObject({ root: true })
	})

	test.each([
		["asks for a password, which it takes at a terminal only", "permit support\n", "needs-password"],
		["has no rule for the account", "permit nopass owner\n", "not-allowed"],
		["denies it", "permit nopass support\ndeny support\n", "not-allowed"],
		["has rules that make no sense", "permit nonsense nonsense\n", "not-allowed"],
	])("doas that %s", async (_, rules, reason) => {
		await allow(rules)
		const failure = await failureOf(connect("support", "doas"))
		const data = {
			host: alpha.host,
			user: "support",
			program: "doas",
			reason,
			output: expect.stringContaining("doas: "),
		}
		expect(failure).toMatchObject({ code: "sudo-refused", data })
	})

	test("doas that is not set up, and none at all", async () => {
		await alpha.execOk("rm -f /etc/doas.conf")
		expect(await failureOf(connect("support", "doas"))).toMatchObject({
			data: { program: "doas", reason: "not-allowed" },
		})
		const bare = await lab.boot("bare", {
			homeserver: false,
			arrange: (root) => rename(join(root, "usr/bin/doas"), join(root, "usr/bin/doas.away")),
		})
		expect(await failureOf(connect("support", "doas", [], bare))).toMatchObject({
			code: "sudo-refused",
			data: { program: "doas", reason: "not-installed" },
		})
	})

	describe("sudo", () => {
		const password = secret(ownerPassword)
		const owner = (...more: Answer[]) => connect("owner", "sudo", [password, ...more])
		async function configure(lines: string): Promise<void> {
			await alpha.execOk("cat > /etc/sudoers.d/zz-mood; chmod 440 /etc/sudoers.d/zz-mood; visudo -cq", { input: lines })
			onTestFinished(async () => void (await alpha.execOk("rm /etc/sudoers.d/zz-mood")))
		}

		test("that lectures first", async () => {
			await configure("Defaults lecture=always\n")
			const { runner, questions } = await owner(password)
			expect([(await runner.hello()).root, questions]).toEqual([true, ["first"]])
		})

		test("that remembers the password is not given it: it would be read by the program behind", async () => {
			await configure("Defaults timestamp_type=global, timestamp_timeout=60\n")
			await alpha.execOk("su owner -c 'sudo -S -v && sudo -n true'", { input: `${ownerPassword}\n` })
			const { runner, questions } = await owner(password)
			expect([(await runner.hello()).root, questions]).toEqual([true, []])
		})

		test("that gives a person one try only", async () => {
			await configure("Defaults passwd_tries=1\n")
			const failure = await failureOf(owner(secret("wrong"), password))
			expect(failure).toMatchObject({ code: "sudo-refused", data: { program: "sudo", reason: "wrong-password" } })
			expect(JSON.stringify(failure)).not.toContain("wrong\\n")
			// What was wrong is not used again.
			const { runner, questions } = await owner(password)
			expect([(await runner.hello()).root, questions]).toEqual([true, ["first"]])
		})

		test("that insists on a terminal", async () => {
			await configure("Defaults requiretty\n")
			for (const attempt of [() => owner(password), () => connect("support", "sudo")])
				expect(await failureOf(attempt())).toMatchObject({
					code: "sudo-refused",
					data: { program: "sudo", reason: "needs-terminal" },
				})
		})
	})
})
