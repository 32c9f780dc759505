// Writes docs/reference/: pages made from the code itself, so that they cannot say anything else than it does.
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { commandLinePage } from "./references/command-line.mjs"
import { eventsPage } from "./references/events.mjs"
import { keysPage } from "./references/keys.mjs"
import { messagesPage } from "./references/messages.mjs"
import { moduleFormatPage } from "./references/module-format.mjs"
import { runnerPage } from "./references/runner.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))

/** The text of each page, by its path in the project. */
export function makeReferences() {
	const pages = {
		"module-format": moduleFormatPage(),
		"command-line": commandLinePage(),
		runner: runnerPage(),
		events: eventsPage(),
		messages: messagesPage(),
		keys: keysPage(),
	}
	return Object.entries(pages).map(([name, text]) => [`docs/reference/${name}.md`, text])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	for (const [path, text] of makeReferences()) {
		mkdirSync(dirname(join(root, path)), { recursive: true })
		writeFileSync(join(root, path), text)
	}
}
