import { FailureError } from "../schema/failure.ts"

/** The one of this id or, where none has it, of this name. Fails with `not-found`, or `bad-request` where several have the name. */
export function findNamed<One extends { name: string }>(
	all: readonly One[],
	idOf: (one: One) => string,
	name: string,
): One {
	const one = all.find((one) => idOf(one) === name)
	const [first, ...others] = one ? [one] : all.filter((other) => other.name === name)
	if (!first) throw new FailureError("not-found", { kind: "appliance", id: name })
	if (others.length === 0) return first
	const ids = [first, ...others].map(idOf).join(", ")
	throw new FailureError("bad-request", {
		reason: `several appliances are called ${name}: say which by its id, ${ids}`,
	})
}
