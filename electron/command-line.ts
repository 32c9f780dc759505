import { defaultDataFolder } from "../core/fleet/data-folder.ts"

/** The data folder: `--data FOLDER` or `--data=FOLDER`, else the platform's convention. */
export function dataFolderOf(args: readonly string[], fallback = defaultDataFolder()): string {
	const at = args.findIndex((arg) => arg === "--data" || arg.startsWith("--data="))
	const given = args[at] === "--data" ? args[at + 1] : args[at]?.slice("--data=".length)
	return given || fallback
}
