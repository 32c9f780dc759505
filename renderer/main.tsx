import "./rpc/jitless.ts"
import "./theme/tokens.css"
import "@fontsource-variable/inter/standard.css"
import "@mantine/core/styles.layer.css"
import "@mantine/notifications/styles.layer.css"
import { MantineProvider } from "@mantine/core"
import { Notifications, notifications } from "@mantine/notifications"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { createFinder } from "./findings/finder.ts"
import { createConnection } from "./rpc/connection.ts"
import { problemOf } from "./rpc/problem.ts"
import { openPort, openSocket, socketAddress, takeToken } from "./rpc/transport.ts"
import { AppContext } from "./stores/context.ts"
import { applyStateChange, createDesktopStore, hasGap } from "./stores/desktop.ts"
import { createKept } from "./stores/kept.ts"
import { createModuleDocuments } from "./stores/module-documents.ts"
import { createRolloutDraft } from "./stores/rollout-draft.ts"
import { createRolloutViews } from "./stores/rollout-views.ts"
import { createRollouts } from "./stores/rollouts.ts"
import { followAddress, keepLastView } from "./stores/route.ts"
import { createRunViews } from "./stores/run-views.ts"
import { createTrials } from "./stores/trials.ts"
import { createWorkspace } from "./stores/workspace.ts"
import { theme } from "./theme/theme.ts"
import { applyVariables } from "./theme/variables.ts"
import { keepFilters } from "./views/history/filters.ts"
import { NoToken } from "./views/shell/no-token.tsx"
import { Shell } from "./views/shell/shell.tsx"
import { reloadWithoutStyles } from "./with-styles.ts"

const inElectron = window.hotfixHost === "electron"
const token = takeToken(window.location, window.history, window.sessionStorage)

reloadWithoutStyles(window)

const desktop = createDesktopStore()
const { api, run } = createConnection({
	open: () => (inElectron ? openPort(window) : openSocket(socketAddress(window.location, token ?? ""))),
	wait: (time) => new Promise((resolve) => setTimeout(resolve, time)),
	onConnection: (connection) => {
		desktop.setState({ connection })
		if (connection === "connected") void kept.read()
	},
	onChange: (change) => {
		if (hasGap(desktop.getState(), change)) return false
		desktop.setState((now) => applyStateChange(now, change), true)
		return true
	},
})
const kept = createKept(api, (error) => {
	const { what, next } = problemOf(error)
	notifications.show({ id: "kept", color: "yellow", title: "What this page keeps", message: `${what} ${next}` })
})
const documents = createModuleDocuments(api, createFinder())
const trials = createTrials(api, desktop)
const rollouts = createRollouts(api)
const app = {
	...{ api, desktop, documents, trials, rollouts, kept },
	runViews: createRunViews(api),
	workspace: createWorkspace(api, desktop),
	rolloutViews: createRolloutViews(api),
	rolloutDraft: createRolloutDraft(),
}

// What is typed is kept as a draft within a second; who closes the page with work unsaved is asked all the same.
window.addEventListener("beforeunload", (event) => {
	if (documents.hasUnsaved()) event.preventDefault()
})

// The address of a program that was started anew differs in its fragment only: that alone loads no page.
window.addEventListener("hashchange", () => {
	if (takeToken(window.location, window.history, window.sessionStorage) !== token) window.location.reload()
})

const stopWaiting = kept.store.subscribe(({ state }) => {
	stopWaiting()
	keepLastView(window, state?.view, (view) => kept.change({ view }))
	keepFilters(state?.history, (history) => kept.change({ history }))
})

applyVariables(theme, document)
followAddress(window)
const reachable = inElectron || token !== undefined
if (reachable) {
	const { signal } = new AbortController()
	void run(signal)
	void rollouts.run(signal)
}

const root = document.getElementById("root")
if (!root) throw new Error("cannot find the page's root element")
createRoot(root).render(
	<StrictMode>
		<MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
			<Notifications position="bottom-right" limit={4} autoClose={6000} />
			<AppContext value={app}>{reachable ? <Shell /> : <NoToken />}</AppContext>
		</MantineProvider>
	</StrictMode>,
)
