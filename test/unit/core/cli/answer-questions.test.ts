import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { answerQuestions, type HostKeyQuestion, type Person } from "../../../../core/cli/answer-questions.ts"
import type { ApplianceOptions } from "../../../../core/cli/appliance-options.ts"
import { keyTable, parseChoice } from "../../../../core/cli/host-key-table.ts"
import { createQuestions } from "../../../../core/fleet/services/questions-service.ts"
import { createState } from "../../../../core/fleet/services/state-service.ts"
import type { QuestionBody } from "../../../../core/fleet/services/types.ts"
import type { Answer } from "../../../../core/schema/desktop.ts"

const key = (appliance: string): QuestionBody => ({
	kind: "host-key",
	appliance,
	host: `${appliance}.test`,
	port: 22,
	keyType: "ssh-ed25519",
	fingerprint: `SHA256:${appliance}`,
})
const password = (appliance: string): QuestionBody => ({
	kind: "password",
	appliance,
	host: "h",
	port: 22,
	via: [],
	user: "root",
})

/** The services' own questions, and a person who writes down what was asked. */
function setUp(options: ApplianceOptions, hasPerson = true) {
	const state = createState(() => ({
		appliances: [],
		recentModules: [],
		runs: [],
		questions: questions.open(),
		notices: [],
	}))
	const questions = createQuestions(state, true)
	const asked: string[] = []
	const person = {
		ask: vi.fn<Person["ask"]>(async (question) => {
			asked.push(question.kind === "passphrase" ? question.path : `${question.kind} ${question.appliance}`)
			return question.kind === "host-key" ? { kind: "trust" } : { kind: "secret", secret: "s" }
		}),
		review: vi.fn<Person["review"]>(async (all) => {
			asked.push(all.map(({ appliance }) => appliance).join(" "))
			return all.filter(({ appliance }) => appliance !== "b")
		}),
	}
	const ended = new AbortController()
	const answering = answerQuestions({ state, questions }, options, ended.signal, hasPerson ? person : undefined)
	return { questions, person, asked, ended, answering }
}

let open: ReturnType<typeof setUp>
const start = (options: ApplianceOptions = {}, hasPerson?: boolean) => (open = setUp(options, hasPerson))
beforeEach(() => void start())
afterEach(async () => {
	open.ended.abort()
	await open.answering.catch(() => undefined)
})

const trust: Answer = { kind: "trust" }
const refuse: Answer = { kind: "refuse" }

describe("host keys", () => {
	test("that come within a moment are reviewed in one table; what is not chosen is refused", async () => {
		const { questions, asked } = start()
		const first = questions.ask(key("a"))
		await sleep(100)
		expect(await Promise.all([first, ...["b", "c"].map((name) => questions.ask(key(name)))])).toEqual([
			trust,
			refuse,
			trust,
		])
		expect(asked).toEqual(["a b c"])
		expect(questions.open()).toEqual([])
	})

	test("one alone is asked by itself", async () => {
		const { questions, asked } = start()
		expect(await questions.ask(key("a"))).toEqual(trust)
		expect(asked).toEqual(["host-key a"])
	})

	test("those that an option trusts are not asked about; the others still are", async () => {
		const { questions, asked } = start({ trust: ["SHA256:a", "SHA256:b"] })
		const answers = await Promise.all(["a", "b", "c"].map((name) => questions.ask(key(name))))
		expect(answers).toEqual([trust, trust, trust])
		expect(asked).toEqual(["host-key c"])
	})

	test("that come while others are reviewed are reviewed after them", async () => {
		const { questions, asked, person } = start()
		const reviewed = Promise.withResolvers<HostKeyQuestion[]>()
		person.review.mockImplementationOnce(async (all) => {
			asked.push(all.map(({ appliance }) => appliance).join(" "))
			return reviewed.promise
		})
		const early = ["a", "c"].map((name) => questions.ask(key(name)))
		await vi.waitFor(() => expect(asked).toEqual(["a c"]), { timeout: 5000 })
		const late = ["d", "e"].map((name) => questions.ask(key(name)))
		reviewed.resolve([])
		expect(await Promise.all(early)).toEqual([refuse, refuse])
		expect(await Promise.all(late)).toEqual([trust, trust])
		expect(asked).toEqual(["a c", "d e"])
	})

	test("of a connection that goes while they gather are not asked about", async () => {
		const { questions, asked } = start()
		const gone = new AbortController()
		const one = questions.ask(key("a"), gone.signal)
		const other = questions.ask(key("c"))
		gone.abort()
		expect(await Promise.all([one, other])).toEqual([refuse, trust])
		expect(asked).toEqual(["host-key c"])
	})
})

test("other questions are asked one after the other, in their order", async () => {
	const { questions, asked } = start()
	await Promise.all(["a", "b"].map((name) => questions.ask(password(name))))
	expect(asked).toEqual(["password a", "password b"])
})

test("where nobody is at a terminal, what no option answers is refused", async () => {
	const { questions } = start({ trust: ["SHA256:a"] }, false)
	expect(await Promise.all([key("a"), key("b"), password("a")].map((one) => questions.ask(one)))).toEqual([
		trust,
		refuse,
		refuse,
	])
})

test("a fault while asking ends the answering and is told", async () => {
	const { questions, person, answering } = start()
	person.ask.mockRejectedValueOnce(new Error("terminal on fire"))
	void questions.ask(password("a"))
	await expect(answering).rejects.toThrow("terminal on fire")
})

describe("numbers of a table of 5", () => {
	test.each([
		["all", [1, 2, 3, 4, 5]],
		[" None ", []],
		["3", [3]],
		["1,3-5", [1, 3, 4, 5]],
		["2 4", [2, 4]],
		["1, 2", [1, 2]],
	])("%j", (text, numbers) => expect(parseChoice(text, 5)).toEqual(numbers))

	test.each(["", " ", "0", "6", "3-6", "4-2", "yes", "a", "1,x", "-1", "1-", "1e1", "99999999999"])(
		"%j makes no sense: nothing is trusted by mistake",
		(text) => expect(parseChoice(text, 5)).toBeUndefined(),
	)
})

test("the table is lined up, and nothing in it comes through unescaped", () => {
	const questions = [key("a"), { ...key("long name\u001b[2K\n"), port: 2222 }].map((body, index) => ({
		...(body as Omit<HostKeyQuestion, "id">),
		id: String(index),
	}))
	const [head, ...lines] = keyTable(questions)
	expect(head).toContain("2 appliances are not known yet")
	expect(lines[0]).toMatch(/^ {2}1 {2}a {2,}a\.test {2,}ssh-ed25519 {2}SHA256:a$/)
	expect(lines[1]).toContain("long name\\n.test:2222")
	expect(lines[0]?.indexOf("ssh-")).toBe(lines[1]?.indexOf("ssh-"))
	expect(lines.join("")).not.toContain("\u001b")
})
