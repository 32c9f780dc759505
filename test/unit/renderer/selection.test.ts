import { expect, test } from "vitest"
import { choose, chooseShown, nothingChosen, type Selection } from "../../../renderer/stores/selection.ts"

const shown = ["a", "b", "c", "d", "e"]
/** `b` chooses b or lets it go, `+d` goes there with Shift, `*` all that are shown. */
const after = (steps: string, list = shown): string =>
	[
		...steps.split(" ").reduce<Selection>((now, step) => {
			if (step === "*") return chooseShown(now, list)
			return choose(now, list, step.replace("+", ""), step.startsWith("+"))
		}, nothingChosen).ids,
	]
		.sort()
		.join("")

test.each([
	["b", "b"],
	["b b", ""],
	["b d", "bd"],
	["b +d", "bcd"],
	["d +b", "bcd"],
	["b +d +e", "bcde"],
	["b +b", ""],
	["a b c d e c +a", "de"],
	["+c", "c"],
	["*", "abcde"],
	["* *", ""],
	["b *", "abcde"],
	["* +c", "abde"],
])("%s", (steps, ids) => expect(after(steps)).toBe(ids))

test("an anchor that is not shown any more begins no range", () => {
	const chosen = choose(nothingChosen, shown, "e", false)
	expect([...choose(chosen, ["a", "b", "c"], "c", true).ids].sort()).toEqual(["c", "e"])
})

test("what is not shown stays as it was", () => {
	const chosen = choose(nothingChosen, shown, "e", false)
	expect([...chooseShown(chosen, ["a", "b"]).ids].sort()).toEqual(["a", "b", "e"])
	expect([...chooseShown(chooseShown(chosen, ["a", "b"]), ["a", "b"]).ids]).toEqual(["e"])
})
