import { expect, test } from "vitest"
import { readPolicy } from "../../../../core/cli/rollout-policy.ts"
import { FailureError } from "../../../../core/schema/failure.ts"

test("what is not said is careful", () => {
	expect(readPolicy({})).toEqual({
		waves: [{ count: 1 }, { percent: 5 }, { percent: 20 }],
		gate: { kind: "none" },
		atOnce: 10,
		perJump: 8,
		budget: { wave: { count: 1 }, whole: { count: 3, percent: 5 } },
		unreachable: { budget: { percent: 20 }, retrySeconds: 300, expireSeconds: 604_800 },
	})
})

test("what is said", () => {
	const policy = readPolicy({
		wave: ["2", "12.5%"],
		gate: "600",
		atOnce: 50,
		perJump: 3,
		stopAfter: "5%",
		stopWaveAfter: "never",
		unreachable: "7",
		retryEvery: 60,
		giveUpAfter: 3600,
	})
	expect(policy).toEqual({
		waves: [{ count: 2 }, { percent: 12.5 }],
		gate: { kind: "soak", seconds: 600 },
		atOnce: 50,
		perJump: 3,
		budget: { wave: {}, whole: { percent: 5 } },
		unreachable: { budget: { count: 7 }, retrySeconds: 60, expireSeconds: 3600 },
	})
	expect(readPolicy({ gate: "person" }).gate).toEqual({ kind: "person" })
})

test.each([
	[{ wave: ["0"] }, "wave"],
	[{ wave: ["150%"] }, "wave"],
	[{ wave: ["1.5"] }, "wave"],
	[{ wave: ["many"] }, "wave"],
	[{ gate: "soon" }, "gate"],
	[{ gate: "5%" }, "gate"],
	[{ stopAfter: "" }, "limit"],
	[{ stopAfter: "1,2%,3" }, "limit"],
	[{ unreachable: "-1" }, "limit"],
])("%j is refused, and what would be right is said", (options, what) => {
	try {
		readPolicy(options)
	} catch (error) {
		if (!(error instanceof FailureError)) throw error
		expect(error.failure).toMatchObject({ code: "bad-request" })
		expect(error.failure.data.reason).toMatch(new RegExp(`^cannot read the ${what} .*needed`))
		return
	}
	throw new Error("it was accepted")
})

test("more at once than is sensible is refused", () => {
	expect(() => readPolicy({ atOnce: 1000 })).toThrow(FailureError)
})
