/**
 * Loads the page once more where its styles did not come: a browser ends all that it is loading when the machine's network
 * changes (VPN, Wi-Fi), from this machine too, and nobody can work with a page without styles. Once: a reload that has none
 * either is shown as it is.
 */
export function reloadWithoutStyles({ document, performance, location }: Window): void {
	const links = document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')
	// Scripts wait for styles: what has none by now will have none.
	const isBare = [...links].some(({ sheet }) => !hasRules(sheet))
	const [loading] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[]
	if (isBare && loading?.type !== "reload") location.reload()
}

/** Browsers show what did not come as no sheet, or as one of a stranger. */
function hasRules(sheet: CSSStyleSheet | null): boolean {
	try {
		return sheet !== null && sheet.cssRules.length > 0
	} catch {
		return false
	}
}
