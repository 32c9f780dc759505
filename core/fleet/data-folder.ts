import { homedir } from "node:os"
import { join } from "node:path"

/** Where everything of a user lives when `--data` names no other folder: the platform's convention (DESIGN §7). */
export function defaultDataFolder(env = process.env, platform: string = process.platform, home = homedir()): string {
	if (platform === "win32") return join(env.APPDATA ?? join(home, "AppData", "Roaming"), "Hotfix Manager")
	if (platform === "darwin") return join(home, "Library", "Application Support", "Hotfix Manager")
	return join(env.XDG_DATA_HOME ?? join(home, ".local", "share"), "hotfix-manager")
}
