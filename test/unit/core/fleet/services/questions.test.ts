import { describe, expect, test } from "vitest"
import { createQuestions } from "../../../../../core/fleet/services/questions-service.ts"
import type { QuestionBody } from "../../../../../core/fleet/services/types.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"

const hostKey = (appliance: string, fingerprint = "SHA256:a"): QuestionBody => ({
	kind: "host-key",
	appliance,
	host: "10.0.0.1",
	port: 22,
	keyType: "ssh-ed25519",
	fingerprint,
})
const passphrase = (wrong: boolean): QuestionBody => ({ kind: "passphrase", appliance: "a", path: "/k", wrong })

function setUp(asks = true) {
	const changes: string[] = []
	const questions = createQuestions({ publish: (change) => changes.push(change.type) }, asks)
	const first = () => questions.open()[0]?.id ?? "none is open"
	return { changes, questions, first }
}

describe("a question", () => {
	test("is asked once for all who ask the same, and one answer serves them all", async () => {
		const { changes, questions, first } = setUp()
		const asked = ["a", "b", "c"].map((name) => questions.ask(hostKey(name)))
		expect(questions.open()).toHaveLength(1)
		questions.answer(first(), { kind: "trust" })
		expect(await Promise.all(asked)).toEqual([{ kind: "trust" }, { kind: "trust" }, { kind: "trust" }])
		expect(changes).toEqual(["question-opened", "question-closed"])
	})

	test.each([
		["another fingerprint", hostKey("a"), hostKey("a", "SHA256:b")],
		["a second attempt after a wrong passphrase", passphrase(false), passphrase(true)],
	])("%s is another question", (_name, one, other) => {
		const { questions } = setUp()
		void questions.ask(one)
		void questions.ask(other)
		expect(questions.open()).toHaveLength(2)
	})

	test("closes when the last one who waits goes away, and stays open for the others until then", async () => {
		const { changes, questions } = setUp()
		const [one, other] = [new AbortController(), new AbortController()]
		const asked = [questions.ask(hostKey("a"), one.signal), questions.ask(hostKey("b"), other.signal)]
		one.abort()
		expect(await asked[0]).toEqual({ kind: "refuse" })
		expect(questions.open()).toHaveLength(1)
		other.abort()
		expect(await asked[1]).toEqual({ kind: "refuse" })
		expect(questions.open()).toHaveLength(0)
		expect(changes).toEqual(["question-opened", "question-closed"])
	})

	test("is answered by the first client; the second hears that it is closed", () => {
		const { questions, first } = setUp()
		void questions.ask(hostKey("a"))
		const id = first()
		questions.answer(id, { kind: "refuse" })
		expect(codeOf(() => questions.answer(id, { kind: "trust" }))).toBe("not-found")
	})

	test("a secret is no answer to a host key, nor trust to a passphrase; the question stays", () => {
		const { questions, first } = setUp()
		void questions.ask(hostKey("a"))
		expect(codeOf(() => questions.answer(first(), { kind: "secret", secret: "s3cret" }))).toBe("bad-request")
		expect(questions.open()).toHaveLength(1)
		questions.answer(first(), { kind: "refuse" })
		void questions.ask(passphrase(false))
		expect(codeOf(() => questions.answer(first(), { kind: "trust" }))).toBe("bad-request")
	})

	test("where nobody is there to answer it is refused at once and never shown", async () => {
		const { changes, questions } = setUp(false)
		expect(await questions.ask(hostKey("a"))).toEqual({ kind: "refuse" })
		expect(changes).toEqual([])
	})

	test("whatever is open at the end is refused, and nothing is asked after it", async () => {
		const { questions } = setUp()
		const asked = questions.ask(hostKey("a"))
		questions.close()
		expect(await asked).toEqual({ kind: "refuse" })
		expect(await questions.ask(hostKey("b"))).toEqual({ kind: "refuse" })
	})
})

function codeOf(work: () => void): string | undefined {
	try {
		work()
	} catch (error) {
		return error instanceof FailureError ? error.failure.code : String(error)
	}
	return undefined
}
