/** The project's own documents and their pictures, as they were when the page was built. */
const texts = import.meta.glob("../../../docs/**/*.md", { query: "?raw", import: "default", eager: true })
const pictures = import.meta.glob("../../../docs/pictures/*", { query: "?url", import: "default", eager: true })

export interface HelpPage {
	/** Its path below the documents' folder, without ending. */
	name: string
	title: string
	text: string
}

/** What a person looks for first; the others follow by their title, what is made from the code at last. */
const FIRST = ["getting-started", "using-the-app", "authoring", "how-a-run-works", "connections", "fleet", "history"]

export const pages: readonly HelpPage[] = Object.entries(texts)
	.map(([path, text]) => makePage(path, String(text)))
	.sort((a, b) => rankOf(a) - rankOf(b) || a.title.localeCompare(b.title))

function makePage(path: string, text: string): HelpPage {
	const name = path.replace(/^.*\/docs\/|\.md$/g, "")
	return { name, text, title: /^# (.+)$/m.exec(text)?.[1]?.replaceAll("`", "") ?? name }
}

function rankOf({ name }: HelpPage): number {
	const rank = FIRST.indexOf(name)
	if (rank >= 0) return rank
	return FIRST.length + (name.startsWith("reference/") ? 1 : 0)
}

/** The page and section that a link of this page leads to: only from one of these documents to another one. */
export function linkedPage(address: string, from: HelpPage): { page: string; section?: string } | undefined {
	const [path = "", section] = address.split("#")
	const name = path === "" ? from.name : resolve(path.replace(/\.md$/, ""), from)
	if (!pages.some((page) => page.name === name)) return undefined
	return { page: name, ...(section && { section }) }
}

/** Where a picture of this page lies in the built page. */
export function linkedPicture(address: string, from: HelpPage): string | undefined {
	const url = pictures[`../../../docs/${resolve(address, from)}`]
	return typeof url === "string" ? url : undefined
}

/** A path below the documents' folder, from one that is relative to a page. */
function resolve(path: string, { name }: HelpPage): string {
	return new URL(path, `file:///${name}`).pathname.slice(1)
}
