import {
	convertCssVariables,
	DEFAULT_THEME,
	defaultCssVariablesResolver,
	type MantineThemeOverride,
	mergeMantineTheme,
} from "@mantine/core"

/** The theme's variables as a constructed style sheet: Mantine's own `<style>` tag would need a laxer policy. */
export function applyVariables(theme: MantineThemeOverride, page: Document): void {
	const css = convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)))
	const sheet = new CSSStyleSheet()
	// In a layer, so that `tokens.css` has the last word.
	sheet.replaceSync(`@layer theme { ${css} }`)
	page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet]
}
