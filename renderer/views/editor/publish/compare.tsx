import { Loader, Select } from "@mantine/core"
import { useEffect, useState } from "react"
import type { FileChange, Versions } from "../../../../core/schema/library.ts"
import { formatMoment } from "../../../components/format.ts"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { useApp } from "../../../stores/context.ts"
import { useDocument, useEditing } from "../context.ts"
import classes from "../editor.module.css"
import { FileChanges } from "./file-changes.tsx"

export interface Pair {
	from: string
	to: string
}

/** What differs between any two: versions, kept states, and the working files as they are saved. */
export function Compare(props: { versions: Versions; pair: Pair; onChange(pair: Pair): void }) {
	const { versions, pair, onChange } = props
	const { files, error } = useDifference(pair)
	const names = [
		{ value: "working", label: "Working files" },
		...versions.versions.map(({ version }) => ({ value: version, label: version })),
		...versions.kept.map(({ name, keptAt }) => ({ value: name, label: `Kept ${formatMoment(keptAt)}` })),
	]
	const select = (side: keyof Pair, label: string) => (
		<Select
			aria-label={label}
			w={190}
			data={names}
			value={pair[side]}
			allowDeselect={false}
			onChange={(value) => value !== null && onChange({ ...pair, [side]: value })}
		/>
	)
	return (
		<Panel
			title="Difference"
			actions={
				<>
					{select("from", "From")}
					<span className={classes.soft}>to</span>
					{select("to", "To")}
				</>
			}
		>
			{error !== undefined && <ProblemNote error={error} />}
			{!files && error === undefined && (
				<p className={classes.notHere} role="status" aria-label="Comparing">
					<Loader size="xs" />
				</p>
			)}
			{files && <FileChanges key={`${pair.from} ${pair.to}`} files={files} none="Nothing differs." />}
		</Panel>
	)
}

function useDifference({ from, to }: Pair): { files: FileChange[] | undefined; error: unknown } {
	const { api } = useApp()
	const { folder } = useDocument()
	const module = useEditing((editing) => editing.module)
	const [found, setFound] = useState<{ files?: FileChange[]; error?: unknown }>({})
	useEffect(() => {
		let stale = false
		const show = (now: typeof found) => {
			if (!stale) setFound(now)
		}
		// Read anew with every change of the files.
		if (module)
			api.library.diff({ folder, from, to }).then(
				({ files }) => show({ files }),
				(error) => show({ error }),
			)
		return () => {
			stale = true
		}
	}, [api, folder, from, to, module])
	return { files: found.files, error: found.error }
}
