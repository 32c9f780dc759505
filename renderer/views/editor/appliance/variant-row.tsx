import { Button, Select } from "@mantine/core"
import { IconChevronRight, IconDownload } from "@tabler/icons-react"
import { useState } from "react"
import { MAX_FETCHED_BYTES } from "../../../../core/schema/appliance-files.ts"
import type { ComparedFile, Variant } from "../../../../core/schema/variants.ts"
import { count } from "../../../components/format.ts"
import classes from "./appliance.module.css"
import { listWords } from "./comparing.ts"
import { ThreeWays } from "./three-ways.tsx"
import { accessOf, accessWords, wordsOf } from "./variant-words.ts"

interface Props {
	file: ComparedFile
	variant: Variant
	nameOf(id: string): string
	isOpen: boolean
	isFetching: boolean
	onToggle(): void
	onFetch(applianceId: string, digest: string): void
}

/** One variant: on how many appliances, how it stands to ours; opened, line by line. */
export function VariantRow({ file, variant, nameOf, isOpen, isFetching, onToggle, onFetch }: Props) {
	const [chosen, setChosen] = useState<string>()
	const { now, appliances } = variant
	const one = appliances.find(({ id }) => id === chosen) ?? appliances[0]
	if (!one) return null
	const names = appliances.map(({ id }) => nameOf(id))
	const digest = now.state === "file" && now.size <= MAX_FETCHED_BYTES ? now.digest : undefined
	return (
		<>
			<div className={classes.variantLine}>
				<button
					type="button"
					className={classes.variant}
					aria-expanded={isOpen}
					disabled={now.state === "refused"}
					onClick={onToggle}
				>
					<IconChevronRight size={14} className={classes.chevron} aria-hidden />
					<strong>{count(appliances.length, "appliance")}</strong>
					<span>{wordsOf(variant, file)}</span>
					<span className={classes.fact}>{accessWords(variant)}</span>
					<span className={classes.name}>{listWords(names, 6)}</span>
				</button>
				{digest !== undefined && (
					<Button
						size="compact-xs"
						variant="default"
						leftSection={<IconDownload size={13} aria-hidden />}
						aria-label={`Fetch ${file.destination} from ${nameOf(one.id)}`}
						disabled={isFetching}
						onClick={() => onFetch(one.id, digest)}
					>
						Fetch
					</Button>
				)}
			</div>
			{isOpen && (
				<div className={classes.opened}>
					{appliances.length > 1 && (
						<Select
							label="As on"
							size="xs"
							className={classes.asOn}
							data={appliances.map(({ id, now }) => ({
								value: id,
								label: [nameOf(id), accessOf(now)].filter(Boolean).join(", "),
							}))}
							value={one.id}
							allowDeselect={false}
							onChange={(id) => id !== null && setChosen(id)}
						/>
					)}
					<ThreeWays key={one.id} file={file} variant={variant} applianceId={one.id} nameOf={nameOf} />
				</div>
			)}
		</>
	)
}
