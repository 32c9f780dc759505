import { Button, Center, Loader } from "@mantine/core"
import { lazy, Suspense, useEffect, useRef } from "react"
import { useStore } from "zustand"
import { useApp, useDesktop, useRoute } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"
import type { Route } from "../../stores/route.ts"
import { AppliancesView } from "../appliances/appliances-view.tsx"
import { EditorView } from "../editor/editor-view.tsx"
import { HistoryView } from "../history/history-view.tsx"
import { RecordView } from "../history/record-view.tsx"
import { LibraryView } from "../library/library-view.tsx"
import { LiveView } from "../live/live-view.tsx"
import { Palette } from "../palette/palette.tsx"
import { Questions } from "../questions/questions.tsx"
import { NewRolloutView } from "../rollout/new/new-rollout-view.tsx"
import { RolloutView } from "../rollout/rollout-view.tsx"
import { RolloutsView } from "../rollout/rollouts-view.tsx"
import { RunView } from "../run/run-view.tsx"
import { SigningView } from "../signing/signing-view.tsx"
import { Tour } from "../tour/tour.tsx"
import { Announcer } from "./announcer.tsx"
import { ConnectionBanner } from "./connection-banner.tsx"
import { Header } from "./header.tsx"
import { KeptScheme } from "./kept-scheme.tsx"
import { Navigation } from "./navigation.tsx"
import { Notices } from "./notices.tsx"
import { useEndNotices } from "./notify/use-notifying.ts"
import classes from "./shell.module.css"
import { Shortcuts } from "./shortcuts.tsx"

const titles: Record<Route["view"], string> = {
	run: "Run",
	live: "Run",
	modules: "Modules",
	module: "Module",
	signing: "Signing keys",
	appliances: "Appliances",
	history: "History",
	record: "Record",
	rollouts: "Rollouts",
	"new-rollout": "New rollout",
	rollout: "Rollout",
	help: "Help",
}

/** With its texts; loaded when somebody looks for help. */
const HelpView = lazy(async () => ({ default: (await import("../help/help-view.tsx")).HelpView }))

/** The frame around every view. */
export function Shell() {
	const route = useRoute()
	const main = useRef<HTMLElement>(null)
	const first = useRef(true)
	const known = useDesktop((desktop) => desktop.state !== undefined)
	const isKeptRead = useStore(useApp().kept.store, ({ state }) => state !== undefined)
	const ready = known && isKeptRead
	const underWay = useDesktop((desktop) => desktop.state?.runs.filter((run) => !isEnded(run)).length ?? 0)
	useEndNotices()
	useEffect(() => {
		document.title = `${underWay > 0 ? `(${underWay}) ` : ""}${titles[route.view]} – Hotfix Manager`
	}, [route.view, underWay])
	// biome-ignore lint/correctness/useExhaustiveDependencies: another view is the reason
	useEffect(() => {
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
				{ready && <Tour />}
				{ready ? <View route={route} /> : <Connecting />}
			</main>
			<Questions />
			<Shortcuts />
			<Palette />
			<KeptScheme />
			<Announcer />
		</div>
	)
}

function Connecting() {
	return (
		<Center h="60%" role="status" aria-label="Connecting to the program">
			<h1 className={classes.hidden}>Connecting</h1>
			<Loader size="sm" />
		</Center>
	)
}

function View({ route }: { route: Route }) {
	switch (route.view) {
		case "run":
			return <RunView />
		case "modules":
			return <LibraryView />
		case "module":
			return <EditorView key={route.folder} folder={route.folder} tab={route.tab} />
		case "signing":
			return <SigningView />
		case "appliances":
			return <AppliancesView />
		case "live":
			return <LiveView key={route.batch} batch={route.batch} selected={route.run} />
		case "history":
			return <HistoryView />
		case "record":
			return <RecordView key={route.run} runId={route.run} pool={route.pool} />
		case "rollouts":
			return <RolloutsView />
		case "new-rollout":
			return <NewRolloutView />
		case "rollout":
			return <RolloutView key={route.id} id={route.id} appliance={route.appliance} />
		case "help":
			return (
				<Suspense fallback={<Loader size="sm" />}>
					<HelpView name={route.page} section={route.section} />
				</Suspense>
			)
	}
}
