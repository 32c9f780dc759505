import { IconChevronRight } from "@tabler/icons-react"
import { useState } from "react"
import type { FileChange } from "../../../../core/schema/library.ts"
import { Diff } from "../../../components/diff.tsx"
import { formatBytes } from "../../../components/format.ts"
import classes from "../editor.module.css"
import own from "./publish.module.css"

const words: Record<FileChange["change"], string> = {
	added: "new",
	removed: "removed",
	changed: "changed",
	mode: "executable bit",
}

/** The files that differ, each with its lines where it is text. */
export function FileChanges({ files, none }: { files: FileChange[]; none: string }) {
	if (files.length === 0) return <p className={classes.notHere}>{none}</p>
	return (
		<ul className={own.changes}>
			{files.map((file) => (
				<FileRow key={file.path} file={file} isOpenFirst={files.length <= 2} />
			))}
		</ul>
	)
}

function FileRow({ file, isOpenFirst }: { file: FileChange; isOpenFirst: boolean }) {
	const hasDiff = file.diff !== undefined && file.diff !== ""
	const [isOpen, setOpen] = useState(isOpenFirst && hasDiff)
	return (
		<li>
			<button
				type="button"
				className={own.change}
				aria-expanded={hasDiff ? isOpen : undefined}
				disabled={!hasDiff}
				onClick={() => setOpen(!isOpen)}
			>
				<IconChevronRight
					size={14}
					className={own.chevron}
					data-open={isOpen || undefined}
					data-hidden={!hasDiff || undefined}
					aria-hidden
				/>
				<code className={own.changePath}>{file.path}</code>
				<span className={own.changeWord} data-change={file.change}>
					{words[file.change]}
				</span>
				<span className={own.changeFacts}>{factsOf(file)}</span>
			</button>
			{isOpen && file.diff !== undefined && (
				<div className={own.changeDiff}>
					<Diff diff={file.diff} label={`Difference of ${file.path}`} />
				</div>
			)}
		</li>
	)
}

function factsOf(file: FileChange): string {
	const { sizeBefore, sizeAfter, isExecutableBefore, isExecutableAfter } = file
	const sizes = [sizeBefore, sizeAfter].flatMap((size) => (size === undefined ? [] : [formatBytes(size)]))
	const facts = sizes[0] === sizes[1] ? sizes.slice(0, 1) : [sizes.join(" → ")]
	if (isExecutableBefore !== undefined && isExecutableAfter !== undefined && isExecutableBefore !== isExecutableAfter)
		facts.push(isExecutableAfter ? "now executable" : "no longer executable")
	if (file.change !== "mode" && file.diff === undefined) facts.push("no text to show")
	return facts.filter((fact) => fact !== "").join(" · ")
}
