import { notifications } from "@mantine/notifications"
import { useEffect, useRef } from "react"
import type { DesktopRun } from "../../../../core/schema/desktop.ts"
import { useApp, useDesktop, useKept } from "../../../stores/context.ts"
import { goTo } from "../../../stores/route.ts"
import { type Ending, endingsOf } from "./endings.ts"

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

/** Has the system tell when a long run ends while nobody looks at this window. */
export function useEndNotices(): void {
	const { on } = useNotifying()
	const runs = useDesktop((desktop) => desktop.state?.runs)
	const before = useRef<DesktopRun[]>([])
	useEffect(() => {
		const endings = endingsOf(before.current, runs ?? [])
		before.current = runs ?? []
		if (on && (document.hidden || !document.hasFocus())) endings.forEach(show)
	}, [runs, on])
}

function show({ batch, title, text }: Ending): void {
	// One for a batch, also where several windows are open.
	const notice = new Notification(title, { body: text, tag: batch })
	notice.addEventListener("click", () => {
		window.focus()
		goTo({ view: "live", batch })
		notice.close()
	})
}
