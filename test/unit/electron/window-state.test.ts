import { EventEmitter } from "node:events"
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { keepWindowState, placeWindow, readWindowState } from "../../../electron/window-state.ts"

const left = { x: 0, y: 0, width: 1920, height: 1080 }
const right = { x: 1920, y: 0, width: 2560, height: 1400 }
const kept = { x: 2000, y: 100, width: 1400, height: 900 }

describe("where the window opens", () => {
	test.each([
		["where it was", kept, [left, right], kept],
		["its screen has gone: in the middle of the first", kept, [left], { x: 260, y: 90, width: 1400, height: 900 }],
		[
			"its screen is smaller now",
			{ ...kept, width: 3000, height: 2000 },
			[left, right],
			{ ...kept, width: 2560, height: 1400 },
		],
		[
			"gone, and the other one is smaller than it",
			{ x: 2000, y: 0, width: 2500, height: 1300 },
			[left],
			{ x: 0, y: 0, width: 1920, height: 1080 },
		],
		["a corner of it is not enough", { ...kept, x: 1850 }, [left], { x: 260, y: 90, width: 1400, height: 900 }],
		["partly outside, but to be taken hold of", { ...kept, x: 1700 }, [left], { ...kept, x: 1700 }],
		["its top above every screen", { ...kept, x: 0, y: -50 }, [left], { x: 260, y: 90, width: 1400, height: 900 }],
		["its top below every screen", { ...kept, x: 0, y: 1060 }, [left], { x: 260, y: 90, width: 1400, height: 900 }],
		["a screen to the left", { ...kept, x: -1500 }, [right, { ...left, x: -1920 }], { ...kept, x: -1500 }],
		["no screen is known", kept, [], kept],
	])("%s", (_name, bounds, screens, expected) => expect(placeWindow(bounds, screens)).toEqual(expected))
})

describe("its file", () => {
	let folder: string
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), "hotfix-window-"))
	})
	afterEach(() => rm(folder, { recursive: true, force: true }))
	const makeWindow = () =>
		Object.assign(new EventEmitter(), {
			getNormalBounds: () => ({ ...kept, further: true }),
			isMaximized: () => true,
			isFullScreen: () => false,
		})

	test("is written when the window closes, and read at the next start: the size it has when it is not maximized", async () => {
		const path = join(folder, "window.json")
		const window = makeWindow()
		let writing: Promise<void> | undefined
		keepWindowState(window as never, path, (promise) => {
			writing = promise
		})
		expect(readWindowState(path)).toBeUndefined()
		window.emit("close")
		await writing
		expect(readWindowState(path)).toEqual({ bounds: kept, isMaximized: true, isFullScreen: false })
		expect(await readdir(folder)).toEqual(["window.json"])
	})

	test("that it cannot be written is told", async () => {
		const window = makeWindow()
		let writing: Promise<void> | undefined
		keepWindowState(window as never, join(folder, "gone", "window.json"), (promise) => {
			writing = promise
		})
		window.emit("close")
		await expect(writing).rejects.toThrow("ENOENT")
	})

	const good = { bounds: kept, isMaximized: false, isFullScreen: false }
	test.each([
		"",
		"{",
		"null",
		"[]",
		JSON.stringify({ ...good, bounds: { ...kept, width: 0 } }),
		JSON.stringify({ ...good, bounds: { ...kept, x: 1e9 } }),
		JSON.stringify({ ...good, bounds: { ...kept, y: 0.5 } }),
		JSON.stringify({ ...good, isMaximized: "yes" }),
	])("one that says %j is as if there were none", async (text) => {
		const path = join(folder, "window.json")
		await writeFile(path, text)
		expect(readWindowState(path)).toBeUndefined()
	})
})
