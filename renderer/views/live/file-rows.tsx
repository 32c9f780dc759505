import { UnstyledButton } from "@mantine/core"
import { IconChevronRight, IconFiles } from "@tabler/icons-react"
import { useState } from "react"
import type { FileAction } from "../../../core/schema/event.ts"
import { Path } from "../../components/code.tsx"
import { count } from "../../components/format.ts"
import { safeText } from "../../stores/ansi.ts"
import type { FileView } from "../../stores/run-view.ts"
import classes from "./live.module.css"

const words: Record<FileAction, string> = {
	"backed-up": "backed up",
	changed: "changed for the rehearsal",
	created: "created",
	replaced: "replaced",
	restored: "put back",
	removed: "removed again",
	verified: "verified",
}

/** What was done to each destination, in order. */
export function FileRows({ files }: { files: FileView[] }) {
	const [open, setOpen] = useState(false)
	return (
		<div>
			<UnstyledButton className={classes.row} aria-expanded={open} onClick={() => setOpen(!open)}>
				<IconChevronRight size={14} className={classes.chevron} data-open={open || undefined} aria-hidden />
				<IconFiles size={14} className={classes.rowIcon} aria-hidden />
				<span className={classes.rowText}>{count(files.length, "file")}</span>
				<span className={classes.rowEnd}>{summaryOf(files)}</span>
			</UnstyledButton>
			{open && (
				<ul className={classes.fileList}>
					{files.map((file) => (
						<li key={file.destination}>
							<Path path={safeText(file.destination)} />
							<span className={classes.rowEnd}>{file.actions.map((action) => words[action]).join(", ")}</span>
						</li>
					))}
				</ul>
			)}
		</div>
	)
}

/** What became of the files in the end: "2 put back, 1 removed again". */
export function summaryOf(files: FileView[]): string {
	const last = files.map((file) => file.actions.findLast((action) => action !== "verified") ?? "verified")
	return [...new Set(last)]
		.map((action) => `${last.filter((one) => one === action).length} ${words[action]}`)
		.join(", ")
}
