import { readFileSync } from "node:fs"
import type { BrowserWindow } from "electron"
import { z } from "zod"
import { writeFileAtomic } from "../core/fleet/library/files/atomic-file.ts"

const length = z.int().min(1).max(100_000)
const position = z.int().min(-100_000).max(100_000)
const boundsSchema = z.object({ x: position, y: position, width: length, height: length })
const windowStateSchema = z.object({ bounds: boundsSchema, isMaximized: z.boolean(), isFullScreen: z.boolean() })

export type Bounds = z.infer<typeof boundsSchema>
export type WindowState = z.infer<typeof windowStateSchema>

/** So much of a window has to be on a screen for a person to take hold of it, pixels. */
const GRIP = { width: 120, height: 40 }

/** How the window was when it was closed; undefined where that is not known. */
export function readWindowState(path: string): WindowState | undefined {
	try {
		return windowStateSchema.parse(JSON.parse(readFileSync(path, "utf8")))
	} catch {
		return undefined // None yet, or none that could be trusted: the window opens as at the first start.
	}
}

/** Where the window opens: where it was, no larger than its screen; in the middle of the first screen where its own has gone. */
export function placeWindow(kept: Bounds, screens: readonly Bounds[]): Bounds {
	const [first] = screens
	if (!first) return kept
	const own = screens.find((screen) => isWithinReach(kept, screen))
	const screen = own ?? first
	const width = Math.min(kept.width, screen.width)
	const height = Math.min(kept.height, screen.height)
	if (own) return { ...kept, width, height }
	const x = screen.x + Math.round((screen.width - width) / 2)
	return { x, y: screen.y + Math.round((screen.height - height) / 2), width, height }
}

/** The top of the window, by which it is moved, has to be there. */
function isWithinReach({ x, y, width }: Bounds, screen: Bounds): boolean {
	const shown = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x)
	return shown >= GRIP.width && y >= screen.y && y + GRIP.height <= screen.y + screen.height
}

type Closing = Pick<BrowserWindow, "on" | "getNormalBounds" | "isMaximized" | "isFullScreen">

/** Writes down how the window is when it is closed; `onWriting` gets the promise that ends when that is on disk. */
export function keepWindowState(window: Closing, path: string, onWriting: (writing: Promise<void>) => void): void {
	window.on("close", () => {
		const { x, y, width, height } = window.getNormalBounds()
		const state: WindowState = {
			bounds: { x, y, width, height },
			isMaximized: window.isMaximized(),
			isFullScreen: window.isFullScreen(),
		}
		onWriting(writeFileAtomic(path, `${JSON.stringify(state)}\n`))
	})
}
