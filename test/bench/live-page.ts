import { join } from "node:path"
import { type Browser, chromium, type Page } from "@playwright/test"
import { chromium as executable } from "../../build/chromium.mjs"
import { startBrowserHost } from "../../core/fleet/browser-host.ts"
import { createServices } from "../../core/fleet/services.ts"
import { beginRun, createScript, output, showRun } from "../e2e/scripted-run.ts"
import { projectFolder } from "../support/appliances/paths.ts"

export interface LiveRun {
	page: Page
	/** Lets the command of the run print something. */
	print(text: string): void
	/** Waits until the page has taken in so many lines. */
	seen(lines: number): Promise<void>
	close(): Promise<void>
}

/** A run on the page, over the services and the contract as they are; what its command prints is the bench's. */
export async function startLiveRun(folder: string): Promise<LiveRun> {
	const { appliance, replaced } = createScript(beginRun("print"))
	const services = await createServices({
		dataFolder: join(folder, "data"),
		host: "browser",
		version: "0.0.0-bench",
		runnerBundle: join(projectFolder, "dist/runner/hotfix-runner.cjs"),
		knownHosts: join(folder, "known_hosts"),
		...replaced,
	})
	const host = await startBrowserHost({ services, rendererFolder: join(projectFolder, "dist/renderer") })
	const browser = await openBrowser()
	const page = await browser.newPage()
	const { run } = await showRun({ folder, services, url: host.url, wasAway: false, restart: async () => {} }, page)
	await page.getByText("print", { exact: true }).waitFor()
	await page.evaluate(recordFrames)
	return {
		page,
		print: (text) => appliance.say(run, [output(text)]),
		seen: (lines) =>
			page.getByText(`${lines.toLocaleString("en")} lines`, { exact: true }).waitFor({ timeout: 60_000 }),
		async close() {
			await browser.close()
			await host.close()
			await services.close()
		},
	}
}

function openBrowser(): Promise<Browser> {
	const args = process.getuid?.() === 0 ? ["--no-sandbox"] : []
	return chromium.launch({ args, ...(executable === undefined ? {} : { executablePath: executable }) })
}

/** Runs in the page: keeps the time of every frame. */
export function recordFrames(): void {
	const frames: number[] = []
	Object.assign(window, { frames })
	let before = performance.now()
	const next = (now: number) => {
		frames.push(now - before)
		before = now
		requestAnimationFrame(next)
	}
	requestAnimationFrame(next)
}

/** The longest frame since the last time that this was asked, milliseconds, and how many there were. */
export async function longestFrame(page: Page): Promise<{ longest: number; count: number }> {
	const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames.splice(0))
	if (frames.length < 10) throw new Error(`cannot measure frames: there were ${frames.length}`)
	return { longest: Math.max(...frames), count: frames.length }
}
