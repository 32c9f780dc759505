import { spawn } from "node:child_process"

/** The platform's own way to open an address. */
export function openCommand(url: string, platform: string = process.platform): [string, string[]] {
	if (platform === "darwin") return ["open", [url]]
	if (platform === "win32") return ["rundll32", ["url.dll,FileProtocolHandler", url]]
	return ["xdg-open", [url]]
}

/** Opens an address in the system's browser; false where there is none to be found. */
export function openInBrowser(url: string, [program, args] = openCommand(url)): Promise<boolean> {
	return new Promise((resolve) => {
		const child = spawn(program, args, { stdio: "ignore", detached: true })
		child.once("error", () => resolve(false))
		child.once("spawn", () => {
			child.unref()
			resolve(true)
		})
	})
}
