import { IconFile, IconFolder, IconLink, IconPlugConnected } from "@tabler/icons-react"
import { type KeyboardEvent, useRef } from "react"
import type { FolderEntry } from "../../../../core/schema/appliance-files.ts"
import { plainText } from "../../../../core/schema/plain-text.ts"
import { formatBytes, formatMoment } from "../../../components/format.ts"
import classes from "./appliance.module.css"
import { isFetchable, leadsTo } from "./entries.ts"

const icons = { file: IconFile, folder: IconFolder, link: IconLink, other: IconPlugConnected }

interface Props {
	entries: FolderEntry[]
	chosen: ReadonlySet<string>
	onOpen(name: string): void
	onToggle(name: string): void
	onUp(): void
}

/** What is in a folder. Arrows move, Enter opens a folder or chooses a file, Backspace goes up. */
export function EntryList({ entries, chosen, onOpen, onToggle, onUp }: Props) {
	const list = useRef<HTMLUListElement>(null)
	const move = (event: KeyboardEvent) => {
		const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)") ?? [])]
		const at = buttons.indexOf(event.target as HTMLButtonElement)
		const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
		if (event.key === "Backspace") onUp()
		else if (to === undefined) return
		else buttons[Math.min(Math.max(to, 0), buttons.length - 1)]?.focus()
		event.preventDefault()
	}
	return (
		<ul ref={list} className={classes.entries} aria-label="Files and folders" onKeyDown={move}>
			{entries.map((entry) => (
				<li key={entry.name}>
					<EntryRow entry={entry} isChosen={chosen.has(entry.name)} onOpen={onOpen} onToggle={onToggle} />
				</li>
			))}
		</ul>
	)
}

type RowProps = Pick<Props, "onOpen" | "onToggle"> & { entry: FolderEntry; isChosen: boolean }

function EntryRow({ entry, isChosen, onOpen, onToggle }: RowProps) {
	const { name, kind, link, isNameSound } = entry
	const Icon = icons[kind ?? "other"]
	const isFolder = leadsTo(entry) === "folder" && isNameSound
	const canFetch = isFetchable(entry)
	return (
		<button
			type="button"
			className={classes.entry}
			disabled={!isFolder && !canFetch}
			aria-pressed={canFetch ? isChosen : undefined}
			title={isNameSound ? undefined : "Its name is no UTF-8, so that it cannot be fetched"}
			onClick={() => (isFolder ? onOpen(name) : onToggle(name))}
		>
			<Icon size={15} aria-hidden />
			<span className={classes.name}>
				{plainText(name, 255)}
				{link && <span className={classes.link}> → {plainText(link.target, 200)}</span>}
				{!isNameSound && <span className={classes.link}> no UTF-8</span>}
			</span>
			<span className={classes.fact}>{sizeOf(entry)}</span>
			<span className={classes.fact}>{entry.mode?.toString(8).padStart(4, "0")}</span>
			<span className={classes.fact}>{ownersOf(entry)}</span>
			<span className={classes.fact}>{entry.modified && formatMoment(entry.modified)}</span>
		</button>
	)
}

function sizeOf({ kind, size, link }: FolderEntry): string {
	if (kind === "other") return "no file"
	if (kind === "link") return link?.kind === "file" ? formatBytes(link.size ?? 0) : link?.kind ? "" : "leads nowhere"
	return kind === "file" && size !== undefined ? formatBytes(size) : ""
}

function ownersOf({ owner, uid, group, gid }: FolderEntry): string {
	return uid === undefined ? "" : plainText(`${owner ?? uid}:${group ?? gid}`, 60)
}
