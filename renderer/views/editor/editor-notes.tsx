import { Button } from "@mantine/core"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { sentence } from "../../components/words.ts"
import { problemOf } from "../../rpc/problem.ts"
import { useDocument, useEditing } from "./context.ts"
import classes from "./editor.module.css"

/** What happened to the module without the person's doing, and what did not succeed. */
export function EditorNotes() {
	const { notice, problem, gone } = useEditing(({ notice, problem, gone }) => ({ notice, problem, gone }))
	const problems = useEditing(({ module }) => module.standing.problems)
	const isQuiet = !notice && !problem && !gone && problems.length === 0
	if (isQuiet) return null
	return (
		<div className={classes.notes}>
			{gone && <ProblemNote failure={gone} tone="warn" />}
			{problem && <ProblemOf problem={problem} />}
			{notice === "draft-restored" && <RestoredNote />}
			{notice === "taken-over" && <TakenOverNote />}
			{problems.map((failure) => (
				<ProblemNote key={JSON.stringify(failure)} failure={failure} tone="warn" />
			))}
		</div>
	)
}

function RestoredNote() {
	const document = useDocument()
	return (
		<Note
			tone="calm"
			title="What was typed last time and not saved is here again."
			actions={
				<>
					<Button size="compact-xs" variant="default" onClick={document.discard}>
						Go back to what was saved
					</Button>
					<Close what="notice" />
				</>
			}
		>
			It is not on disk yet. Save it, or go back to what was saved; that can be undone.
		</Note>
	)
}

function TakenOverNote() {
	const document = useDocument()
	return (
		<Note
			tone="calm"
			title="index.json was changed outside of this program. The change is shown here."
			actions={
				<>
					<Button size="compact-xs" variant="default" onClick={document.undo}>
						Undo
					</Button>
					<Close what="notice" />
				</>
			}
		/>
	)
}

function Close({ what }: { what: "notice" | "problem" }) {
	const document = useDocument()
	return (
		<Button size="compact-xs" variant="subtle" color="gray" onClick={() => document.dismiss(what)}>
			Close
		</Button>
	)
}

const titles = {
	save: "It could not be saved; what is typed is still here.",
	draft: "What is typed is not being kept outside of this window: save it soon.",
	follow: "Changes made outside are not seen any more.",
}

type Problem = NonNullable<Parameters<Parameters<typeof useEditing>[0]>[0]["problem"]>

function ProblemOf({ problem }: { problem: Problem }) {
	const document = useDocument()
	if (problem.kind === "edit") {
		return (
			<Note
				tone="warn"
				title={`That cannot be done: ${sentence(problem.reason)}`}
				actions={<Close what="problem" />}
				alert
			>
				Nothing was changed. The text can be edited in index.json.
			</Note>
		)
	}
	const { what, next } = problemOf(problem.error)
	const retry = problem.kind === "save" ? () => void document.save() : document.retry
	return (
		<Note
			tone="bad"
			title={titles[problem.kind]}
			alert
			actions={
				<>
					{problem.kind !== "draft" && (
						<Button size="compact-xs" variant="default" onClick={retry}>
							Try again
						</Button>
					)}
					<Close what="problem" />
				</>
			}
		>
			{what} {next}
		</Note>
	)
}
