import type { Locator, Page } from "@playwright/test"

type Role = Parameters<Page["getByRole"]>[0]

/** Presses Tab, or what goes the other way, until this element has the focus. */
export async function tabOnto(page: Page, wanted: Locator, key = "Tab") {
	for (let presses = 0; presses < 80; presses++) {
		if (await wanted.evaluate((element) => element.matches(":focus"))) return
		await page.keyboard.press(key)
	}
	throw new Error(`cannot reach ${wanted} with the ${key} key`)
}

/** Presses Tab until an element of this role and name has the focus. */
export function tabTo(page: Page, role: Role, name: string | RegExp) {
	return tabOnto(page, page.getByRole(role, { name }).first())
}
