import { Button } from "@mantine/core"
import type { FetchResult } from "../../../../core/schema/appliance-compare.ts"
import { Awaited } from "../../../components/awaited.tsx"
import { Note } from "../../../components/note.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import classes from "./appliance.module.css"
import type { useFetch } from "./use-fetch.ts"

/** What became of each file of the last fetch. */
export function FetchResults({ fetching }: { fetching: ReturnType<typeof useFetch> }) {
	const { error, lost, results, replace, stop, isFetching, isStopped } = fetching
	return (
		<>
			{(isFetching || isStopped) && (
				<div className={classes.results}>
					{isFetching ? (
						<Awaited onStop={stop}>Fetching: nothing is changed on the appliance</Awaited>
					) : (
						<Note tone="calm" title="The fetch was stopped.">
							Files that had come by then are below src/.
						</Note>
					)}
				</div>
			)}
			{error !== undefined && <ProblemNote error={error} />}
			{lost !== undefined && (
				<Note tone="warn" title={`${lost} is gone: nothing was added to a pool.`} alert>
					What was fetched is below src/ and stays there.
				</Note>
			)}
			{results.length > 0 && (
				<ul className={classes.results} aria-label="Fetched files">
					{results.map((result) => (
						<li key={result.path}>
							<ResultNote fetched={result} onReplace={() => void replace(result)} />
						</li>
					))}
				</ul>
			)}
		</>
	)
}

function ResultNote({ fetched, onReplace }: { fetched: FetchResult; onReplace(): void }) {
	const { path, realPath, result, operation } = fetched
	if (result.state === "failed") return <ProblemNote failure={result.failure} />
	if (result.state === "conflict")
		return (
			<Note
				tone="warn"
				title={`src/${result.target} is there already, with other content`}
				actions={
					<Button size="compact-xs" variant="default" onClick={onReplace}>
						Replace it
					</Button>
				}
			>
				Nothing was written. Replacing it takes the appliance's file instead.
			</Note>
		)
	const { owner, group, mode } = operation?.permissions ?? {}
	return (
		<Note tone="good" title={`${path} is fetched as src/${result.target}`}>
			{owner}:{group}, mode {mode}
			{realPath !== undefined && `; a link: the file really is ${realPath}`}
		</Note>
	)
}
