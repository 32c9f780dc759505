import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import type { RunningApp } from "./app.ts"
import { indexOf, sourcesOf, writeModule } from "./module-folder.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { Shell } from "./pages/shell.ts"
import { SourcesPage } from "./pages/sources-page.ts"

const ids = ["alpha", "beta"]

/** A module in the editor, at its sources. */
export async function openSources(
	app: RunningApp,
	page: Page,
	sources: Record<string, string> = {},
	index = indexOf(ids),
) {
	const folder = join(app.services.library.folder, "web-fix")
	await writeModule(folder, index, { ...sourcesOf(ids), ...sources })
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	await new EditorPage(page).show("Sources")
	const desktop = join(app.folder, "desktop")
	await mkdir(desktop)
	return { folder, desktop, editor: new EditorPage(page), sources: new SourcesPage(page) }
}
