import { notifications } from "@mantine/notifications"
import { useEffect, useRef } from "react"
import type { DesktopRun } from "../../../../core/schema/desktop.ts"
import type { RolloutSummary } from "../../../../core/schema/rollout.ts"
import { useApp, useDesktop, useKept, useRollouts } from "../../../stores/context.ts"
import { goTo, type Route } from "../../../stores/route.ts"
import { endingsOf } from "./endings.ts"
import { rolloutEndingsOf } from "./rollout-endings.ts"

/** Whether the system tells the end of long runs, and the switch for it. Only a person's act asks for the permission. */
export function useNotifying(): { on: boolean; toggle(): Promise<void> } {
	const { kept } = useApp()
	const { notifies } = useKept()
	const on = notifies === true && permission() === "granted"
	const toggle = async () => {
		if (on) return kept.change({ notifies: false })
		if (permission() !== "unavailable" && (await Notification.requestPermission()) === "granted") {
			return kept.change({ notifies: true })
		}
		notifications.show({
			color: "yellow",
			title: "Notifications are not allowed here",
			message: "Allow them for this page in the browser's or the system's settings, then switch them on again.",
		})
	}
	return { on, toggle }
}

function permission(): NotificationPermission | "unavailable" {
	return "Notification" in window ? Notification.permission : "unavailable"
}

/** Has the system tell when a long run ends, or a rollout ends or needs a person, while nobody looks at this window. */
export function useEndNotices(): void {
	const { on } = useNotifying()
	const runs = useDesktop((desktop) => desktop.state?.runs)
	const rollouts = useRollouts((list) => list.rollouts)
	const runsBefore = useRef<DesktopRun[]>([])
	const rolloutsBefore = useRef<readonly RolloutSummary[]>([])
	useEffect(() => {
		const notices = [...runNotices(runsBefore.current, runs ?? [], rollouts ?? [])]
		for (const { rollout, title, text } of rolloutEndingsOf(rolloutsBefore.current, rollouts ?? []))
			notices.push({ tag: rollout, title, text, route: { view: "rollout", id: rollout } })
		runsBefore.current = runs ?? []
		rolloutsBefore.current = rollouts ?? []
		if (on && (document.hidden || !document.hasFocus())) notices.forEach(show)
	}, [runs, rollouts, on])
}

interface Notice {
	/** One is shown for each, also where several windows are open. */
	tag: string
	title: string
	text: string
	/** Where it leads. */
	route: Route
}

/** The runs of a rollout are its own matter: they are started together, and with its id. */
function runNotices(before: DesktopRun[], now: DesktopRun[], rollouts: readonly RolloutSummary[]): Notice[] {
	const own = new Set(rollouts.map(({ id }) => id))
	return endingsOf(before, now).flatMap(({ batch, title, text }) =>
		own.has(batch) ? [] : [{ tag: batch, title, text, route: { view: "live", batch } }],
	)
}

function show({ tag, title, text, route }: Notice): void {
	const notice = new Notification(title, { body: text, tag })
	notice.addEventListener("click", () => {
		window.focus()
		goTo(route)
		notice.close()
	})
}
