import { expect, test, vi } from "vitest"
import { createSudoPrompt } from "../../../../../core/fleet/runner-install/sudo-prompt.ts"
import { createCredentials } from "../../../../../core/fleet/ssh/credentials.ts"
import { createDeadline } from "../../../../../core/fleet/ssh/deadline.ts"
import type { RemoteProgram } from "../../../../../core/fleet/ssh/remote-program.ts"
import type { Session } from "../../../../../core/fleet/ssh/session.ts"

test("a password that the far side says back is told to nobody", async () => {
	const facts = { host: "h", port: 22, user: "u", via: [] }
	const interview = { sudoPassword: async () => "S3cret" }
	const prompt = createSudoPrompt({ facts, interview } as unknown as Session, { credentials: createCredentials() })
	expect(prompt.mask("S3cret")).toBe("S3cret")
	const written = new Promise<string>((resolve) => {
		const write = async (bytes: Uint8Array) => resolve(Buffer.from(bytes).toString())
		prompt.attach({ write } as unknown as RemoteProgram)
	})
	prompt.see(prompt.text, createDeadline(), (failure) => expect(failure).toBeUndefined())
	expect(await written).toBe("S3cret\n")
	expect(prompt.mask("you said S3cret, S3cret!")).toBe("you said ***, ***!")
})

test.each([
	["a run there is awaited", true, "right"],
	["nothing is awaited", false, "asked anew"],
])("a password that was right and is refused now, while %s", async (_, isAwaited, remembered) => {
	const credentials = createCredentials()
	const facts = { host: "h", port: 22, user: "u", via: [] }
	const answers = ["right", "asked anew"]
	const interview = { sudoPassword: async () => answers.shift() }
	const start = () => {
		const written: string[] = []
		const { promise: failed, resolve: stop } = Promise.withResolvers<unknown>()
		const prompt = createSudoPrompt({ facts, interview } as unknown as Session, {
			credentials,
			isAwaited: () => isAwaited,
		})
		prompt.attach({
			write: async (bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString()),
		} as unknown as RemoteProgram)
		const see = (times: number) => prompt.see(prompt.text.repeat(times), createDeadline(), stop)
		return { prompt, see, written, failed }
	}
	const first = start()
	first.see(1)
	await vi.waitFor(() => expect(first.written).toEqual(["right\n"]))
	first.prompt.accepted()

	const second = start()
	second.see(1)
	await vi.waitFor(() => expect(second.written).toEqual(["right\n"]))
	second.see(2)
	if (isAwaited) expect(await second.failed).toMatchObject({ failure: { code: "sudo-refused" } })
	else await vi.waitFor(() => expect(second.written).toEqual(["right\n", "asked anew\n"]))
	if (isAwaited) await second.prompt.rejected()

	const third = start()
	third.see(1)
	await vi.waitFor(() => expect(third.written).toEqual([`${remembered}\n`]))
})

test("one that was never right is forgotten even then", async () => {
	const credentials = createCredentials()
	const facts = { host: "h", port: 22, user: "u", via: [] }
	const interview = { sudoPassword: async () => "wrong" }
	const prompt = createSudoPrompt({ facts, interview } as unknown as Session, { credentials, isAwaited: () => true })
	const written = new Promise<void>((resolve) =>
		prompt.attach({ write: async () => resolve() } as unknown as RemoteProgram),
	)
	prompt.see(prompt.text, createDeadline(), (failure) => expect(failure).toBeUndefined())
	await written
	await prompt.rejected()
	expect(await credentials.secret("sudo u@h:22", async () => "asked anew")).toBe("asked anew")
})
