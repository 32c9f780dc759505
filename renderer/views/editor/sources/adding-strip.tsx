import { Button, Progress } from "@mantine/core"
import { useStore } from "zustand"
import { sentenceOf } from "../../../../core/schema/sentences.ts"
import { count } from "../../../components/format.ts"
import { Note } from "../../../components/note.tsx"
import type { Tone } from "../../../components/outcome.tsx"
import { problemOf } from "../../../rpc/problem.ts"
import type { Adding } from "../../../stores/source-adding.ts"
import { useDocument } from "../context.ts"
import classes from "./sources.module.css"

/** More failures of one job are told as a number. */
const MAX_SHOWN = 50

/** How far the adding of files is, and what became of it; the rest of the editor goes on meanwhile. */
export function AddingStrip() {
	const { adding: store } = useDocument()
	const adding = useStore(store.store, (now) => now.adding)
	if (!adding) return null
	return adding.state === "running" ? <Running adding={adding} /> : <Ended adding={adding} />
}

function Running({ adding: { total, sent, done } }: { adding: Adding }) {
	const { adding } = useDocument()
	return (
		<section className={classes.adding} aria-label="Adding files">
			<Progress.Root size="sm" className={classes.progress}>
				{/* Each file is sent first and written then. */}
				<Progress.Section value={((sent + done) / (2 * total)) * 100} aria-label="Adding files" />
			</Progress.Root>
			<span className="tabular">
				{done.toLocaleString("en")} of {count(total, "file")} added
			</span>
			<Button size="compact-xs" variant="default" onClick={adding.cancel}>
				Cancel
			</Button>
		</section>
	)
}

function Ended({ adding }: { adding: Adding }) {
	const { adding: store } = useDocument()
	const { total, done, failed, kept, state, error } = adding
	const written = done - failed.length - kept.length
	const tone: Tone =
		error !== undefined || failed.length > 0 ? "bad" : kept.length > 0 || state === "cancelled" ? "warn" : "good"
	const words = [
		`${count(written, "file")} added`,
		kept.length > 0 && `${kept.length} left as ${kept.length === 1 ? "it was" : "they were"}`,
		failed.length > 0 && `${failed.length} not added`,
		done < total && `${total - done} not begun`,
	]
	const title = `${state === "cancelled" ? "Cancelled: " : ""}${words.filter(Boolean).join(", ")}.`
	const actions = (
		<>
			{kept.length > 0 && (
				<Button size="compact-xs" variant="default" onClick={() => void store.start(replacing(adding))}>
					{kept.length === 1 ? "Replace it" : `Replace these ${kept.length}`}
				</Button>
			)}
			<Button size="compact-xs" variant="subtle" color="gray" onClick={store.dismiss}>
				Close
			</Button>
		</>
	)
	const problem = error === undefined ? undefined : problemOf(error)
	return (
		<section aria-label="Files added" className={classes.added}>
			<Note tone={tone} title={title} actions={actions} alert={tone !== "good"}>
				{problem && (
					<p className={classes.line}>
						{problem.what} {problem.next}
					</p>
				)}
				{kept.length > 0 && (
					<p className={classes.line}>
						Something else lies there already:{" "}
						{kept
							.slice(0, 5)
							.map(({ picked }) => picked.target)
							.join(", ")}
						{kept.length > 5 && ` and ${kept.length - 5} more`}.
					</p>
				)}
				<Failures failed={failed} />
			</Note>
		</section>
	)
}

function Failures({ failed }: Pick<Adding, "failed">) {
	if (failed.length === 0) return null
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
		<ul className={classes.failures} aria-label="Not added" tabIndex={0}>
			{failed.slice(0, MAX_SHOWN).map(({ target, failure }) => {
				const { what, next } = sentenceOf(failure)
				return (
					<li key={target}>
						{what} {next}
					</li>
				)
			})}
			{failed.length > MAX_SHOWN && <li>{failed.length - MAX_SHOWN} more.</li>}
		</ul>
	)
}

/** Those that were left as they were, now over what was seen there. */
function replacing({ kept }: Adding) {
	return kept.map(({ picked, digest }) => ({ ...picked, replaces: digest }))
}
