import { Button, MultiSelect, TagsInput } from "@mantine/core"
import { IconArrowsDiff } from "@tabler/icons-react"
import { useState } from "react"
import { MAX_COMPARED, MAX_FETCHED_FILES } from "../../../../core/schema/appliance-compare.ts"
import type { ApplianceState } from "../../../../core/schema/desktop.ts"
import classes from "./appliance.module.css"
import { cleanPath } from "./entries.ts"

/** On which appliances, and which paths; no path stands for every destination of the module. */
export interface CompareChoice {
	applianceIds: string[]
	paths: string[]
}

interface Props {
	appliances: ApplianceState[]
	choice?: CompareChoice | undefined
	isGoing: boolean
	onCompare(choice: CompareChoice): void
}

/** What is compared, and where. */
export function CompareBar({ appliances, choice, isGoing, onCompare }: Props) {
	const [applianceIds, setIds] = useState(choice?.applianceIds ?? [])
	const [paths, setPaths] = useState(choice?.paths ?? [])
	const wrong = paths.find((path) => !path.startsWith("/"))
	return (
		<div className={classes.choices}>
			<MultiSelect
				label="Appliances"
				labelProps={{ className: classes.label }}
				placeholder={applianceIds.length === 0 ? "Choose appliances" : ""}
				size="xs"
				searchable
				hidePickedOptions
				maxValues={MAX_COMPARED}
				data={appliances.map(({ id, name }) => ({ value: id, label: name }))}
				value={applianceIds}
				onChange={setIds}
			/>
			<Button size="xs" variant="default" onClick={() => setIds(appliances.slice(0, MAX_COMPARED).map(({ id }) => id))}>
				{appliances.length > MAX_COMPARED ? `First ${MAX_COMPARED}` : "All"}
			</Button>
			<TagsInput
				label="Paths"
				labelProps={{ className: classes.label }}
				placeholder={paths.length === 0 ? "Every destination of the module" : ""}
				size="xs"
				splitChars={["\n"]}
				maxTags={MAX_FETCHED_FILES}
				value={paths}
				error={wrong !== undefined && `${wrong} is no path: it begins with /`}
				onChange={(typed) => setPaths([...new Set(typed.map(cleanPath))].filter((path) => path !== ""))}
			/>
			<Button
				size="xs"
				leftSection={<IconArrowsDiff size={15} aria-hidden />}
				disabled={applianceIds.length === 0 || wrong !== undefined}
				loading={isGoing}
				onClick={() => onCompare({ applianceIds, paths })}
			>
				Compare
			</Button>
		</div>
	)
}
