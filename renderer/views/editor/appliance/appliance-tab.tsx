import { SegmentedControl } from "@mantine/core"
import { IconServer } from "@tabler/icons-react"
import { useEffect, useState } from "react"
import { Empty } from "../../../components/empty.tsx"
import { askedFiles, forgetAskedFiles } from "../../../stores/asked-files.ts"
import { useDesktop } from "../../../stores/context.ts"
import { hashOf } from "../../../stores/route.ts"
import classes from "./appliance.module.css"
import type { CompareChoice } from "./compare-bar.tsx"
import { CompareView } from "./compare-view.tsx"
import { FetchView } from "./fetch-view.tsx"

/** Files as they stand on appliances: fetched into the module, or compared with it. */
export function ApplianceTab() {
	const appliances = useDesktop((desktop) => desktop.state?.appliances) ?? []
	const [choice, setChoice] = useState<CompareChoice | undefined>(askedFiles)
	const [shown, setShown] = useState(choice ? "compare" : "fetch")
	useEffect(forgetAskedFiles, [])
	const show = (next: string) => {
		setShown(next)
		setChoice(undefined)
	}
	const compare = (next: CompareChoice) => {
		setShown("compare")
		setChoice(next)
	}
	if (appliances.length === 0)
		return (
			<Empty
				icon={<IconServer />}
				title="No appliances yet"
				actions={<a href={hashOf({ view: "appliances" })}>Add an appliance</a>}
			>
				Files can be fetched from an appliance, and compared with it, once there is one.
			</Empty>
		)
	return (
		<div className={classes.tab}>
			<SegmentedControl
				aria-label="What to do with an appliance"
				size="xs"
				className={classes.switch}
				value={shown}
				onChange={show}
				data={[
					{ value: "fetch", label: "Fetch files" },
					{ value: "compare", label: "Compare appliances" },
				]}
			/>
			{shown === "fetch" ? (
				<FetchView appliances={appliances} onCompare={compare} />
			) : (
				<CompareView appliances={appliances} {...(choice && { choice })} />
			)}
		</div>
	)
}
