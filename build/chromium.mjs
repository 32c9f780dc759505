import { existsSync } from "node:fs"

/** A Chromium of this machine, or the one that CHROMIUM names: Playwright's own needs a download. Undefined: none. */
export const chromium = [
	process.env.CHROMIUM,
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path))
