import { expect, test, vi } from "vitest"
import { createCredentials } from "../../../../../core/fleet/ssh/credentials.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"

test("a secret is asked for once, however many need it", async () => {
	const credentials = createCredentials()
	const ask = vi.fn(async () => "s3cret")
	expect(await Promise.all([credentials.secret("a", ask), credentials.secret("a", ask)])).toEqual(["s3cret", "s3cret"])
	expect(await credentials.secret("a", ask)).toBe("s3cret")
	expect(ask).toHaveBeenCalledTimes(1)
	await credentials.secret("b", ask)
	expect(ask).toHaveBeenCalledTimes(2)
})

test("one that was refused is forgotten, one given meanwhile stays", async () => {
	const credentials = createCredentials()
	await credentials.secret("a", async () => "first")
	await credentials.forget("a", "first")
	await credentials.secret("a", async () => "second")
	await credentials.forget("a", "first")
	expect(await credentials.secret("a", async () => "third")).toBe("second")
})

test("an answer that was not given is asked for again", async () => {
	const credentials = createCredentials()
	await expect(credentials.secret("a", () => Promise.reject(new FailureError("password-needed")))).rejects.toThrow()
	expect(await credentials.secret("a", async () => "later")).toBe("later")
})

test("cancelling one appliance does not cancel another that waits for the same answer", async () => {
	const credentials = createCredentials()
	const { promise, reject } = Promise.withResolvers<string>()
	const first = credentials.secret("a", () => promise)
	const second = credentials.secret("a", async () => "asked anew")
	reject(new FailureError("cancelled"))
	await expect(first).rejects.toThrow("cancelled")
	expect(await second).toBe("asked anew")
})
