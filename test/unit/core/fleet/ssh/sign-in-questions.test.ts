import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
	describeQuestions,
	isPasswordPrompt,
	makeSignInQuestions,
} from "../../../../../core/fleet/ssh/sign-in-questions.ts"
import { questionSchema } from "../../../../../core/schema/desktop.ts"

describe("which question is for the remembered password", () => {
	test.each([
		"Password: ",
		"password:",
		"(owner@10.0.0.5) Password: ",
		"Password for owner@alpha:",
		"owner's password: ",
		"LDAP Password: ",
		"Passwort: ",
		"Mot de passe : ",
	])("%j is", (prompt) => expect(isPasswordPrompt([{ prompt, echo: false }])).toBe(true))

	test.each([
		"",
		"Verification code: ",
		"One-time password (OATH) for `owner': ",
		"Enter PASSCODE: ",
		"New password: ",
		"Retype new password: ",
		"(current) UNIX password: ",
		"Password + token: ",
		"Password or code: ",
		"OTP Password: ",
		`Password${" ".repeat(200)}`,
	])("%j is not", (prompt) => expect(isPasswordPrompt([{ prompt, echo: false }])).toBe(false))

	test("none that shows what is typed, and not one of several", () => {
		const prompt = "Password: "
		expect(isPasswordPrompt([{ prompt, echo: true }])).toBe(false)
		expect(isPasswordPrompt([{ prompt, echo: false }, { prompt: "Code: " }])).toBe(false)
		expect(isPasswordPrompt([])).toBe(false)
	})
})

test("any words of a server make a question that its schema takes", () => {
	const words = fc.oneof(fc.string(), fc.string({ unit: "grapheme", minLength: 900, maxLength: 5000 }))
	fc.assert(
		fc.property(words, words, fc.array(words, { maxLength: 20 }), (title, text, prompts) => {
			const questions = makeSignInQuestions(
				title,
				text,
				prompts.map((prompt) => ({ prompt, echo: false })),
			)
			const question = { id: "1", kind: "sign-in-questions", appliance: "a", host: "h", user: "u", ...questions }
			expect(questionSchema.safeParse(question).error).toBeUndefined()
			expect(describeQuestions(questions)).not.toContain("\n")
		}),
		{ numRuns: 60 },
	)
})
