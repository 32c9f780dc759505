/** The project's own documents, as they were when the page was built. */
const texts = import.meta.glob("../../../docs/*.md", { query: "?raw", import: "default", eager: true })

export interface HelpPage {
	name: string
	title: string
	text: string
}

/** What a person looks for first; the others follow by their title. */
const FIRST = ["using-the-app", "authoring", "how-a-run-works", "connections", "history"]

export const pages: readonly HelpPage[] = Object.entries(texts)
	.map(([path, text]) => makePage(path, String(text)))
	.sort((a, b) => rankOf(a) - rankOf(b) || a.title.localeCompare(b.title))

function makePage(path: string, text: string): HelpPage {
	const name = path.replace(/^.*\/|\.md$/g, "")
	return { name, text, title: /^# (.+)$/m.exec(text)?.[1]?.replaceAll("`", "") ?? name }
}

function rankOf({ name }: HelpPage): number {
	const rank = FIRST.indexOf(name)
	return rank < 0 ? FIRST.length : rank
}

/** The page that a document's link leads to: only from one of these documents to another one. */
export function linkedPage(address: string): string | undefined {
	const name = /^([a-z0-9-]+)\.md(#.*)?$/.exec(address)?.[1]
	return pages.find((page) => page.name === name)?.name
}
