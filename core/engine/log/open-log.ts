import { findExposed, resolveTrusted } from "../disk/exposed.ts"
import { openIn } from "../disk/held-folder.ts"
import { openWith } from "../disk/open-with.ts"
import { folderOf } from "../disk/path.ts"
import type { Host, OpenFile } from "../host.ts"

/**
 * Opens a log to append. What commands print stands in it, so that whoever can have root append to a file of root's owns
 * the appliance: only a regular file is opened, and no link that others can have made is followed.
 */
export async function openLog(host: Host, path: string): Promise<OpenFile> {
	const real = await resolveTrusted(host, path)
	return openWith(openIn(host, real, "append", 0o640), async (file) => {
		const { kind, links } = await file.stat()
		if (kind !== "file") throw new Error("it is no regular file")
		if (links > 1 && (await findExposed(host, folderOf(real))))
			throw new Error("it has another name, which others on the appliance can have given to it")
	})
}
