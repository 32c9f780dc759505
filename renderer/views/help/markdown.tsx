import { lexer, type Token, type Tokens } from "marked"
import { createContext, createElement, Fragment, type ReactNode, useContext, useMemo } from "react"
import { hashOf } from "../../stores/route.ts"
import classes from "./help.module.css"
import { type HelpPage, linkedPage, linkedPicture } from "./pages.ts"
import { sectionOf } from "./section-of.ts"

/**
 * A document as React's elements: nothing of it becomes markup, also where it is HTML, and a link leads to another
 * document or, shown as its text and address, nowhere.
 */
export function Markdown({ page }: { page: HelpPage }) {
	const tokens = useMemo(() => lexer(page.text), [page])
	return <Page value={page}>{all(tokens)}</Page>
}

/** The document that is shown: its links are relative to it. */
const Page = createContext<HelpPage>({ name: "", title: "", text: "" })

function all(tokens: readonly Token[] = []): ReactNode {
	// biome-ignore lint/suspicious/noArrayIndexKey: a document does not change while it is shown
	return tokens.map((token, index) => <Fragment key={index}>{one(token as Tokens.Generic & Token)}</Fragment>)
}

function one(token: Tokens.Generic & Token): ReactNode {
	switch (token.type) {
		case "heading":
			// The view's own heading is the document's first.
			return token.depth === 1 ? null : heading(token as Tokens.Heading)
		case "paragraph":
			return <p>{all(token.tokens)}</p>
		case "strong":
			return <strong>{all(token.tokens)}</strong>
		case "em":
			return <em>{all(token.tokens)}</em>
		case "codespan":
			return <code>{token.text}</code>
		case "code":
			return (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard
				<pre tabIndex={0}>
					<code>{token.text}</code>
				</pre>
			)
		case "blockquote":
			return <blockquote>{all(token.tokens)}</blockquote>
		case "list":
			return createElement(token.ordered ? "ol" : "ul", undefined, all(token.items))
		case "list_item":
			return <li>{all(token.tokens)}</li>
		case "table":
			return table(token as Tokens.Table)
		case "link":
			return <Link token={token as Tokens.Link} />
		case "image":
			return <Picture token={token as Tokens.Image} />
		case "hr":
			return <hr />
		case "br":
			return <br />
		case "space":
			return null
		default:
			return token.tokens ? all(token.tokens) : plain(token.raw)
	}
}

function plain(text: string): string {
	return text.replace(/&(lt|gt|amp|quot|#39);/g, (whole, name) => ENTITIES[name as string] ?? whole)
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" }

function heading({ depth, text, tokens }: Tokens.Heading): ReactNode {
	return createElement(`h${Math.min(6, depth)}`, { id: sectionOf(text) }, all(tokens))
}

function Picture({ token: { href, text } }: { token: Tokens.Image }) {
	const url = linkedPicture(href, useContext(Page))
	return url === undefined ? text : <img src={url} alt={text} />
}

function Link({ token: { href, tokens } }: { token: Tokens.Link }) {
	const linked = linkedPage(href, useContext(Page))
	if (linked) return <a href={hashOf({ view: "help", ...linked })}>{all(tokens)}</a>
	return (
		<>
			{all(tokens)} (<code>{href}</code>)
		</>
	)
}

function table({ header, rows }: Tokens.Table): ReactNode {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard
		<section className={classes.table} tabIndex={0} aria-label="Table">
			<table>
				<thead>
					<tr>
						{header.map((cell) => (
							<th key={cell.text}>{all(cell.tokens)}</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => (
						<tr key={row.map(({ text }) => text).join("|")}>
							{row.map((cell, column) => (
								// biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
								<td key={column}>{all(cell.tokens)}</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</section>
	)
}
