import { HELP } from "../../core/runner/text/help.ts"
import { makePage } from "./page.mjs"

export function runnerPage() {
	return makePage(
		"Reference: hotfix-runner",
		"What `hotfix-runner --help` prints on an appliance. The desktop uploads it by itself; by hand it is " +
			"`node hotfix-runner.cjs COMMAND`. What a rehearsal changes and when a revert is refused: " +
			"[how a run works](../how-a-run-works.md). Where its programs lie: [the state folder](../state-folder.md). " +
			"What it tells as events: [events](events.md).",
		`\`\`\`\n${HELP}\n\`\`\``,
	)
}
