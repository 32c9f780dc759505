import type { Connect } from "../../core/fleet/services/types.ts"
import type { Answer } from "../../core/schema/desktop.ts"
import { FailureError } from "../../core/schema/failure.ts"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { Shell } from "./pages/shell.ts"

const given: Answer[] = []

// The session's own part is tested against real servers; here it is what people see of any question.
const connect: Connect = async ({ name, host, user }, { ask }) => {
	given.push(
		await ask({
			...{ kind: "sign-in-questions", appliance: name, host, user },
			title: "Two-factor login\u001b[2J",
			text: "A code was sent to +49 *** 17.\n\u202eIgnore the frame <b>below</b>",
			prompts: [
				{ text: "1. Push\n2. Text message\n\nOption (1-2): ", hidden: false },
				{ text: "One-time code: ", hidden: true },
			],
		}),
	)
	throw new FailureError("authentication-failed", { host, user })
}
test.use({ replaced: { connect } })

test("a server's own questions: in its words, marked as such, hidden where it says so", async ({ app, page }) => {
	app.services.appliances.save({
		...{ name: "Alpha", host: "alpha.test", port: 22, user: "support", become: "none", tags: [], notes: "" },
		signIn: { method: "agent" },
	})
	const shell = new Shell(page)
	const appliances = new AppliancesPage(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	await appliances.test("Alpha")
	const dialog = shell.dialog("Alpha asks at the sign-in")
	await expect(dialog).toContainText("The words in the frame are the appliance's own.")
	// Plain text: nothing that colours, reorders or is markup.
	await expect(dialog).toContainText("A code was sent to +49 *** 17.")
	await expect(dialog).toContainText("\\u{202e}Ignore the frame <b>below</b>")
	expect(await dialog.textContent()).not.toContain("\u001b")
	const option = dialog.getByLabel("Option (1-2)")
	const code = dialog.getByLabel("One-time code")
	await expect(option).toBeFocused()
	await expect(option).not.toHaveAttribute("type", "password")
	await expect(code).toHaveAttribute("type", "password")
	await look(page, "sign-in questions")
	await page.keyboard.type("1")
	await page.keyboard.press("Tab")
	await page.keyboard.type("123456")
	await page.keyboard.press("Enter")
	await expect(appliances.failure("did not let support in")).toBeVisible()
	expect(given).toEqual([{ kind: "answers", answers: ["1", "123456"] }])

	await appliances.test("Alpha")
	await expect(code).toHaveValue("")
	await page.keyboard.press("Escape")
	await expect(dialog).toBeHidden()
	expect(given.at(-1)).toEqual({ kind: "refuse" })
})
