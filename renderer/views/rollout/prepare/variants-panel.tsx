import { IconChevronRight, IconUserEdit } from "@tabler/icons-react"
import { useMemo, useState } from "react"
import type { Preparation, PreparedFile } from "../../../../core/schema/rollout-prepare.ts"
import { theirsWords } from "../../../../core/schema/rollout-prepare-words.ts"
import { Path } from "../../../components/code.tsx"
import { count } from "../../../components/format.ts"
import { Tag } from "../../../components/outcome.tsx"
import { Panel } from "../../../components/panel.tsx"
import { More } from "./more.tsx"
import classes from "./prepare.module.css"
import { VariantRow } from "./variant-row.tsx"

/** Every destination and the contents in which it stands; files that somebody there has changed come first. */
export function VariantsPanel({ whole, folder }: { whole: Preparation; folder: string }) {
	const files = useMemo(() => theirsFirst(whole.files), [whole.files])
	const changed = files.filter((file) => theirsWords(file) !== undefined).length
	const note = `${count(files.length, "file")}, ${changed === 0 ? "none" : changed} changed on an appliance`
	return (
		<Panel title="Variants" note={note} label="Variants">
			<More items={files} first={30} what="files" className={classes.rows} label="Files">
				{(file) => (
					<li key={`${file.target} ${file.destination}`}>
						<FileRow file={file} whole={whole} folder={folder} />
					</li>
				)}
			</More>
			{whole.left > 0 && <p className={classes.calm}>{whole.left} more destinations were not looked at.</p>}
		</Panel>
	)
}

function FileRow({ file, whole, folder }: { file: PreparedFile; whole: Preparation; folder: string }) {
	const [isOpen, setOpen] = useState(false)
	const { destination, variants } = file
	const theirs = theirsWords(file)
	const numbered = variants.map((variant, index) => ({ variant, number: index + 1 }))
	return (
		<>
			<button type="button" className={classes.row} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
				<IconChevronRight size={14} className={classes.chevron} aria-hidden />
				<span className={classes.text}>
					<Path path={destination} />
				</span>
				{theirs !== undefined && (
					<Tag tone="warn" icon={<IconUserEdit size={13} />}>
						{theirs}
					</Tag>
				)}
				<span className={classes.side}>{count(variants.length, "variant")}</span>
			</button>
			{isOpen && (
				<More
					items={numbered}
					first={10}
					what="variants"
					className={classes.variants}
					label={`Variants of ${destination}`}
				>
					{({ variant, number }) => (
						<li key={number}>
							<VariantRow file={file} variant={variant} number={number} whole={whole} folder={folder} />
						</li>
					)}
				</More>
			)}
		</>
	)
}

function theirsFirst(files: readonly PreparedFile[]): PreparedFile[] {
	const isCalm = (file: PreparedFile) => Number(theirsWords(file) === undefined)
	return [...files].sort((a, b) => isCalm(a) - isCalm(b) || b.variants.length - a.variants.length)
}
