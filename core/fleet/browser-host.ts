export { openInBrowser } from "./browser-host/open-in-browser.ts"
export { type BrowserHost, startBrowserHost } from "./browser-host/start-browser-host.ts"
