import { hostname, userInfo } from "node:os"
import { join } from "node:path"
import { personalConfigFiles, readGitConfig } from "./git-config.ts"
import type { Repository } from "./repository.ts"

/** Who publishes, as git itself would find out: environment, repository, the person's own settings, else the account. */
export async function findAuthor(repository: Repository, env = process.env): Promise<{ name: string; email: string }> {
	const files = [join(repository.commonDir, "config"), ...personalConfigFiles(env).reverse()]
	const configs = await Promise.all(files.map(readGitConfig))
	const setting = (key: string) => configs.map((config) => config.get(key)).find(Boolean)
	const user = userInfo().username
	const name = plain(env.GIT_AUTHOR_NAME) || plain(setting("user.name")) || user
	const email = plain(env.GIT_AUTHOR_EMAIL) || plain(setting("user.email")) || `${user}@${hostname()}`
	return { name, email }
}

/** One line; without what git leaves out of a signature, since it would end one. Any other text stays: nothing runs it. */
function plain(text = ""): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
	return text.replaceAll(/[<>\u0000-\u001f\u007f]/g, "").trim()
}
