import { notifications } from "@mantine/notifications"
import { createElement, useEffect } from "react"
import { StopButton } from "../../components/awaited.tsx"
import { problemOf } from "../../rpc/problem.ts"
import { useApp } from "../../stores/context.ts"
import { goTo } from "../../stores/route.ts"
import { useDemo } from "../appliances/use-demo.ts"
import { showHistoryOf } from "../history/filters.ts"
import { useNotifying } from "../shell/notify/use-notifying.ts"
import { actIn, openShortcuts } from "../shell/shortcuts.tsx"
import { showControl } from "../tour/controls.ts"
import { useTour } from "../tour/use-tour.ts"
import type { Action, Does } from "./entries.ts"

/** Says that the demo starts, with an end to it, wherever the person is. */
function useStartNote({ adding, stop }: Pick<ReturnType<typeof useDemo>, "adding" | "stop">) {
	useEffect(() => {
		if (!adding) return
		const message = createElement(StopButton, { what: "starting the demo", onStop: stop })
		const id = notifications.show({ loading: true, autoClose: false, title: "The demo starts", message })
		return () => void notifications.hide(id)
	}, [adding, stop])
}

/** Does what was chosen. Nothing here touches an appliance: who runs a module presses the button that says so. */
export function useDo(): (does: Does) => void {
	const { workspace, kept } = useApp()
	const demo = useDemo()
	const notifying = useNotifying()
	const tour = useTour()
	useEffect(() => {
		if (demo.error === undefined) return
		const { what, next } = problemOf(demo.error)
		notifications.show({ color: "red", title: what, message: next })
	}, [demo.error])
	useStartNote(demo)
	const actions: Record<Action, () => void> = {
		open: () => actIn("run", "open"),
		plan: () => actIn("run", "plan"),
		run: () => {
			goTo({ view: "run" })
			showControl('[data-tour="run"], [data-tour="plan"]')
		},
		"add-appliance": () => actIn("appliances", "new"),
		"new-module": () => actIn("modules", "new"),
		"new-rollout": () => goTo({ view: "new-rollout" }),
		demo: () => void demo.add().then((isAdded) => isAdded && goTo({ view: "run" })),
		"theme-auto": () => kept.change({ colorScheme: "auto" }),
		"theme-light": () => kept.change({ colorScheme: "light" }),
		"theme-dark": () => kept.change({ colorScheme: "dark" }),
		notifications: () => void notifying.toggle(),
		shortcuts: openShortcuts,
		tour: tour.begin,
	}
	return (does) => {
		if ("go" in does) goTo(does.go)
		else if ("history" in does) showHistoryOf(does.history)
		else if ("action" in does) actions[does.action]()
		else {
			goTo({ view: "run" })
			void workspace.open(does.open)
		}
	}
}
