import { Button } from "@mantine/core"
import { Note } from "../../../components/note.tsx"
import { problemOf } from "../../../rpc/problem.ts"
import type { SourceText } from "../../../stores/source-text.ts"
import { useDocument } from "../context.ts"
import sourceClasses from "./sources.module.css"

const problems = {
	save: "It could not be saved; what is typed is still here.",
	draft: "What is typed is not being kept outside of this window: save it soon.",
	read: "It was changed outside of this program, and cannot be read now.",
}

/** What happened to a text without the person's doing, and what did not succeed. */
export function SourceNotices({ source }: { source: SourceText }) {
	const { sources } = useDocument()
	const { target, notice, problem } = source
	if (!notice && !problem) return null
	const close = (what: "notice" | "problem") => (
		<Button size="compact-xs" variant="subtle" color="gray" onClick={() => sources.dismiss(target, what)}>
			Close
		</Button>
	)
	const words = problem && problemOf(problem.error)
	return (
		<div className={sourceClasses.aboveText}>
			{problem && words && (
				<Note tone="bad" title={problems[problem.kind]} alert actions={close("problem")}>
					{words.what} {words.next}
				</Note>
			)}
			{notice === "taken-over" && (
				<Note
					tone="calm"
					title="It was changed outside of this program. The change is shown here."
					actions={close("notice")}
				/>
			)}
			{notice === "draft-restored" && (
				<Note
					tone="calm"
					title="What was typed last time and not saved is here again."
					actions={<Restored onDiscard={() => sources.discard(target)}>{close("notice")}</Restored>}
				/>
			)}
			{notice === "removed" && (
				<Note
					tone="warn"
					title="Its file was removed outside of this program; what is typed is still here."
					actions={<Restored onDiscard={() => sources.discard(target)} />}
				>
					Saving makes the file anew.
				</Note>
			)}
		</div>
	)
}

function Restored({ onDiscard, children }: { onDiscard(): void; children?: React.ReactNode }) {
	return (
		<>
			<Button size="compact-xs" variant="default" onClick={onDiscard}>
				Go back to what is on disk
			</Button>
			{children}
		</>
	)
}
