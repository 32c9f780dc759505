import { dirname } from "node:path"
import { openInBrowser, startBrowserHost } from "../../fleet/browser-host.ts"
import { EXIT } from "../../schema/outcome.ts"
import { builtFile, withServices } from "../with-services.ts"

interface ServeOptions {
	data?: string
	port?: number
	open: boolean
}

/** `hotfix serve`: the app in the system's browser, on loopback only, until it is interrupted. */
export function serve(options: ServeOptions): Promise<number> {
	const rendererFolder = dirname(builtFile("renderer/index.html"))
	return withServices(
		options,
		async (services) => {
			const host = await startBrowserHost({ services, rendererFolder, ...(options.port && { port: options.port }) })
			console.log(host.url)
			// Others on this machine can read command lines: the browser's holds a link that works once, not the token.
			if (options.open && !(await openInBrowser(host.launchUrl())))
				console.error("cannot find a browser: open the address above")
			await interrupted()
			await host.close()
			return EXIT.ok
		},
		{ host: "browser", asks: true },
	)
}

function interrupted(): Promise<void> {
	return new Promise((resolve) => {
		process.once("SIGINT", () => resolve())
		process.once("SIGTERM", () => resolve())
	})
}
