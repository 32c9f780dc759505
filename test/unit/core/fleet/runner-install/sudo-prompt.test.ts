import { expect, test } from "vitest"
import { createSudoPrompt } from "../../../../../core/fleet/runner-install/sudo-prompt.ts"
import { createCredentials } from "../../../../../core/fleet/ssh/credentials.ts"
import { createDeadline } from "../../../../../core/fleet/ssh/deadline.ts"
import type { RemoteProgram } from "../../../../../core/fleet/ssh/remote-program.ts"
import type { Session } from "../../../../../core/fleet/ssh/session.ts"

test("a password that the far side says back is told to nobody", async () => {
	const facts = { host: "h", port: 22, user: "u", via: [] }
	const interview = { sudoPassword: async () => "S3cret" }
	const prompt = createSudoPrompt({ facts, interview } as unknown as Session, createCredentials())
	expect(prompt.mask("S3cret")).toBe("S3cret")
	const written = new Promise<string>((resolve) => {
		const write = async (bytes: Uint8Array) => resolve(Buffer.from(bytes).toString())
		prompt.attach({ write } as unknown as RemoteProgram)
	})
	prompt.see(prompt.text, createDeadline(), (failure) => expect(failure).toBeUndefined())
	expect(await written).toBe("S3cret\n")
	expect(prompt.mask("you said S3cret, S3cret!")).toBe("you said ***, ***!")
})
