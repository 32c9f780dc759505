import { CloseButton } from "@mantine/core"
import { useState } from "react"
import { Note } from "../../components/note.tsx"
import { problemOfFailure } from "../../rpc/problem.ts"
import { useDesktop } from "../../stores/context.ts"
import classes from "./shell.module.css"

/** What a person should know about the program itself, until they close it. */
export function Notices() {
	const notices = useDesktop((desktop) => desktop.state?.notices) ?? []
	const [closed, setClosed] = useState<string[]>([])
	return notices
		.map((failure) => ({ key: JSON.stringify(failure), problem: problemOfFailure(failure) }))
		.filter(({ key }) => !closed.includes(key))
		.map(({ key, problem }) => (
			<div key={key} className={classes.banner}>
				<Note
					tone="warn"
					title={problem.what}
					actions={<CloseButton size="sm" aria-label="Close" onClick={() => setClosed([...closed, key])} />}
				>
					{problem.next}
				</Note>
			</div>
		))
}
