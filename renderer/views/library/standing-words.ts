import type { LibraryModule, WorkingState } from "../../../core/schema/library.ts"
import type { Tone } from "../../components/outcome.tsx"

/** How the working files stand to what was published, in words. */
export function standingWords(
	working: WorkingState,
	published: LibraryModule["published"],
): { words: string; tone: Tone } {
	switch (working.state) {
		case "never-published":
			return { words: "never published", tone: "mute" }
		case "published":
			return { words: `as published: ${working.version}`, tone: "good" }
		case "changed":
			return { words: published ? `changed since ${published.version}` : "changed", tone: "calm" }
	}
}
