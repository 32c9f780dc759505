import { VisuallyHidden } from "@mantine/core"
import { useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { lookOf, lookOfRun } from "../../components/outcome.tsx"
import { useApp } from "../../stores/context.ts"

/** What a screen reader is told when a run or one of its pools has come to its end. */
export function announcementOf(before: DesktopRun | undefined, now: DesktopRun): string | undefined {
	if (!before) return undefined
	if (before.state !== now.state && now.state === "finished" && now.outcome) {
		return `${now.applianceName}: run ended, ${lookOfRun(now).word}`
	}
	if (before.state !== now.state && now.state === "not-started") return `${now.applianceName}: run not started`
	if (before.state !== now.state && now.state === "lost") return `${now.applianceName}: connection lost`
	const ended = now.pools.find(
		({ pool, outcome }) => outcome && before.pools.find((one) => one.pool === pool)?.outcome !== outcome,
	)
	return ended?.outcome && `${now.applianceName}: ${ended.pool} ${lookOf(ended.outcome, ended.reason, now.kind).word}`
}

export function Announcer() {
	const runs = useStore(useApp().desktop, (desktop) => desktop.state?.runs)
	const before = useRef(new Map<string, DesktopRun>())
	const [words, setWords] = useState("")
	useEffect(() => {
		const news = (runs ?? []).flatMap((run) => announcementOf(before.current.get(run.id), run) ?? [])
		before.current = new Map((runs ?? []).map((run) => [run.id, run]))
		if (news.length > 0) setWords(news.join(". "))
	}, [runs])
	return (
		<VisuallyHidden role="status" aria-live="polite">
			{words}
		</VisuallyHidden>
	)
}
