import { notifications } from "@mantine/notifications"
import { type RefCallback, useEffect, useState } from "react"
import { problemOf } from "../../../rpc/problem.ts"
import { collectDropped } from "./collect-files.ts"
import { offerFiles } from "./offered-files.ts"

/** Lets files be dropped on the element that takes `ref`; `isOver` while some are held above it. */
export function useFileDrop(pool?: number): { ref: RefCallback<HTMLElement>; isOver: boolean } {
	const [isOver, setOver] = useState(false)
	const [place, setPlace] = useState<HTMLElement | null>(null)
	useEffect(() => {
		if (!place) return undefined
		const stop = new AbortController()
		const listen = (type: "dragover" | "dragleave" | "drop", act: (event: DragEvent) => void) =>
			place.addEventListener(type, (event) => hasFiles(event) && act(event), { signal: stop.signal })
		listen("dragover", (event) => {
			event.preventDefault()
			if (event.dataTransfer) event.dataTransfer.dropEffect = "copy"
			setOver(true)
		})
		listen("dragleave", (event) => {
			const to = event.relatedTarget
			if (!(to instanceof Node && place.contains(to))) setOver(false)
		})
		listen("drop", (event) => {
			event.preventDefault()
			setOver(false)
			if (event.dataTransfer) void take(event.dataTransfer, pool)
		})
		return () => stop.abort()
	}, [place, pool])
	return { ref: setPlace, isOver }
}

async function take(transfer: DataTransfer, pool: number | undefined): Promise<void> {
	try {
		offerFiles(await collectDropped(transfer), pool)
	} catch (error) {
		const isGone = error instanceof DOMException
		const message = isGone
			? "A file or folder was moved or removed while it was looked at. Drop it again."
			: problemOf(error).what
		notifications.show({ title: "These files cannot be read", message, color: "red" })
	}
}

/** A file that misses its place would make the browser leave the page for it. */
export function useNoStrayDrop(): void {
	useEffect(() => {
		const stop = new AbortController()
		const refuse = (event: DragEvent) => {
			if (!hasFiles(event) || event.defaultPrevented) return
			event.preventDefault()
			if (event.dataTransfer) event.dataTransfer.dropEffect = "none"
		}
		window.addEventListener("dragover", refuse, { signal: stop.signal })
		window.addEventListener("drop", refuse, { signal: stop.signal })
		return () => stop.abort()
	}, [])
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
	return dataTransfer?.types.includes("Files") ?? false
}
