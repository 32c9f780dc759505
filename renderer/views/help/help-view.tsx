import { Button } from "@mantine/core"
import { IconKeyboard, IconRoute } from "@tabler/icons-react"
import { useEffect, useRef } from "react"
import { ViewHead } from "../../components/panel.tsx"
import { hashOf } from "../../stores/route.ts"
import { openShortcuts } from "../shell/shortcuts.tsx"
import { useTour } from "../tour/use-tour.ts"
import classes from "./help.module.css"
import { Markdown } from "./markdown.tsx"
import { pages } from "./pages.ts"

/** The documents, in the app: they say what this version does, and need no network. */
export function HelpView({ name, section }: { name: string | undefined; section: string | undefined }) {
	const shown = pages.find((page) => page.name === name) ?? pages[0]
	const tour = useTour()
	const text = useRef<HTMLElement>(null)
	const first = useRef(true)
	// biome-ignore lint/correctness/useExhaustiveDependencies: another page begins at its top, or at the section of the link
	useEffect(() => {
		const heading = section === undefined ? null : document.getElementById(section)
		if (heading) heading.scrollIntoView()
		else if (!first.current) text.current?.closest("main")?.scrollTo({ top: 0 })
		first.current = false
	}, [shown, section])
	return (
		<>
			<ViewHead
				title={shown?.title ?? "Help"}
				note="Help"
				actions={
					<>
						<Button variant="default" leftSection={<IconRoute size={15} />} onClick={tour.begin}>
							{tour.state === "left" ? "Go on with the tour" : "Take the tour"}
						</Button>
						<Button variant="default" leftSection={<IconKeyboard size={15} />} onClick={openShortcuts}>
							Keyboard shortcuts
						</Button>
					</>
				}
			/>
			<div className={classes.help}>
				<nav aria-label="Help pages" className={classes.pages}>
					{pages.map((page) => (
						<a
							key={page.name}
							href={hashOf({ view: "help", page: page.name })}
							aria-current={page === shown ? "page" : undefined}
						>
							{page.title}
						</a>
					))}
				</nav>
				<article ref={text} className={classes.text}>
					{shown && <Markdown page={shown} />}
				</article>
			</div>
		</>
	)
}
