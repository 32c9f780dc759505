import { existsSync } from "node:fs"

/** A Chromium of this machine, or the one that CHROMIUM names: Playwright's own needs a download. Undefined: none. */
export const chromium = [
	process.env.CHROMIUM,
	// The same browser without a window: half the processor time.
	"/usr/bin/chromium-headless-shell",
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path))
