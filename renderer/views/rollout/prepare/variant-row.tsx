import { Loader } from "@mantine/core"
import { IconChevronRight, IconUserEdit } from "@tabler/icons-react"
import { useState } from "react"
import type { Preparation, PreparedFile, PreparedVariant } from "../../../../core/schema/rollout-prepare.ts"
import { isTheirs, originWords, runWords } from "../../../../core/schema/rollout-prepare-words.ts"
import { Diff } from "../../../components/diff.tsx"
import { count, formatBytes } from "../../../components/format.ts"
import { Tag } from "../../../components/outcome.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { Names } from "./names.tsx"
import classes from "./prepare.module.css"
import { useVariantDiff } from "./use-variant-diff.ts"

interface Props {
	file: PreparedFile
	variant: PreparedVariant
	number: number
	whole: Preparation
	folder: string
}

/** One content: whose it is and on how many; opened, what a run would do with it, where it is, how it differs from ours. */
export function VariantRow({ file, variant, number, whole, folder }: Props) {
	const [isOpen, setOpen] = useState(false)
	const { origin, places, size } = variant
	const applianceId = whole.appliances[places[0] ?? -1]?.id
	const differs = variant.digest !== undefined && origin.kind !== "ours"
	return (
		<>
			<button type="button" className={classes.row} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
				<IconChevronRight size={14} className={classes.chevron} aria-hidden />
				<span className={classes.number}>{number}</span>
				<strong className={classes.count}>{count(places.length, "appliance")}</strong>
				<span className={classes.text}>{originWords(origin)}</span>
				{isTheirs(origin) && (
					<Tag tone="warn" icon={<IconUserEdit size={13} />}>
						Theirs
					</Tag>
				)}
				<span className={classes.side}>{size === undefined ? "" : formatBytes(size)}</span>
			</button>
			{isOpen && (
				<div className={classes.opened}>
					<p className={classes.next}>{runWords(variant)}</p>
					<Names
						names={places.map((place) => whole.appliances[place]?.name ?? "")}
						label={`Appliances with variant ${number} of ${file.destination}`}
					/>
					{differs && applianceId !== undefined && (
						<AgainstOurs file={file} number={number} folder={folder} applianceId={applianceId} />
					)}
				</div>
			)}
		</>
	)
}

/** As it is on the first appliance that has it. */
function AgainstOurs(props: { file: PreparedFile; number: number; folder: string; applianceId: string }) {
	const { file, number, folder, applianceId } = props
	const { target, destination } = file
	const { found, error } = useVariantDiff({ folder, applianceId, target, destination })
	if (error !== undefined) return <ProblemNote error={error} tone="warn" />
	if (!found)
		return (
			<p className={classes.next} role="status" aria-label="Reading the file">
				<Loader size="xs" />
			</p>
		)
	if (found.oursToTheirs === undefined)
		return <p className={classes.next}>It cannot be shown line by line: no text, too long, or not there any more.</p>
	return <Diff diff={found.oursToTheirs} label={`Ours and variant ${number} of ${destination}`} />
}
