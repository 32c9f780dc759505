import { Button, Center, Loader } from "@mantine/core"
import { useEffect, useRef } from "react"
import { useDesktop, useRoute } from "../../stores/context.ts"
import type { Route } from "../../stores/route.ts"
import { AppliancesView } from "../appliances/appliances-view.tsx"
import { EditorView } from "../editor/editor-view.tsx"
import { HistoryView } from "../history/history-view.tsx"
import { RecordView } from "../history/record-view.tsx"
import { LibraryView } from "../library/library-view.tsx"
import { LiveView } from "../live/live-view.tsx"
import { Questions } from "../questions/questions.tsx"
import { RunView } from "../run/run-view.tsx"
import { Announcer } from "./announcer.tsx"
import { ConnectionBanner } from "./connection-banner.tsx"
import { Header } from "./header.tsx"
import { Navigation } from "./navigation.tsx"
import { Notices } from "./notices.tsx"
import classes from "./shell.module.css"
import { Shortcuts } from "./shortcuts.tsx"

const titles: Record<Route["view"], string> = {
	run: "Run",
	live: "Run",
	modules: "Modules",
	module: "Module",
	appliances: "Appliances",
	history: "History",
	record: "Record",
}

/** The frame around every view. */
export function Shell() {
	const route = useRoute()
	const main = useRef<HTMLElement>(null)
	const first = useRef(true)
	useEffect(() => {
		document.title = `${titles[route.view]} – Hotfix Manager`
		// A new view begins at its heading for keyboard and screen reader; the first one begins at the page.
		if (!first.current) main.current?.querySelector("h1")?.focus()
		first.current = false
	}, [route.view])

	return (
		<div className={classes.shell}>
			<Button className={classes.skip} variant="default" onClick={() => main.current?.querySelector("h1")?.focus()}>
				Skip to content
			</Button>
			<Header />
			<Navigation />
			<main ref={main} className={classes.main}>
				<ConnectionBanner />
				<Notices />
				<View route={route} />
			</main>
			<Questions />
			<Shortcuts />
			<Announcer />
		</div>
	)
}

function View({ route }: { route: Route }) {
	const known = useDesktop((desktop) => desktop.state !== undefined)
	if (!known) {
		return (
			<Center h="60%" role="status" aria-label="Connecting to the program">
				<h1 className={classes.hidden}>Connecting</h1>
				<Loader size="sm" />
			</Center>
		)
	}
	switch (route.view) {
		case "run":
			return <RunView />
		case "modules":
			return <LibraryView />
		case "module":
			return <EditorView key={route.folder} folder={route.folder} tab={route.tab} />
		case "appliances":
			return <AppliancesView />
		case "live":
			return <LiveView key={route.batch} batch={route.batch} selected={route.run} />
		case "history":
			return <HistoryView />
		case "record":
			return <RecordView key={route.run} runId={route.run} pool={route.pool} />
	}
}
