import { Button, Loader, MultiSelect } from "@mantine/core"
import { IconArrowsDiff } from "@tabler/icons-react"
import { useState } from "react"
import type { Comparison } from "../../../../core/schema/appliance-compare.ts"
import type { ApplianceState } from "../../../../core/schema/desktop.ts"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { useApp } from "../../../stores/context.ts"
import { useDocument } from "../context.ts"
import classes from "./appliance.module.css"
import { ComparedFileRow } from "./compared-file.tsx"

type Found = { comparison?: Comparison; error?: unknown; isAsking?: boolean }

/** Every destination of the module beside what stands on appliances. */
export function CompareView({ appliances }: { appliances: ApplianceState[] }) {
	const { api } = useApp()
	const { folder } = useDocument()
	const [ids, setIds] = useState<string[]>([])
	const [{ comparison, error, isAsking }, setFound] = useState<Found>({})
	const names = new Map(appliances.map(({ id, name }) => [id, name]))
	const nameOf = (id: string) => names.get(id) ?? id
	const compare = async () => {
		setFound({ isAsking: true })
		try {
			setFound({ comparison: await api.appliances.compare({ folder, applianceIds: ids }) })
		} catch (problem) {
			setFound({ error: problem })
		}
	}
	return (
		<Panel label="Compare with appliance">
			<div className={classes.bar}>
				<MultiSelect
					aria-label="Appliances"
					placeholder={ids.length === 0 ? "Choose appliances" : ""}
					size="xs"
					miw={300}
					maxValues={50}
					data={appliances.map(({ id, name }) => ({ value: id, label: name }))}
					value={ids}
					onChange={setIds}
				/>
				<Button
					size="xs"
					leftSection={<IconArrowsDiff size={15} aria-hidden />}
					disabled={ids.length === 0}
					loading={isAsking === true}
					onClick={() => void compare()}
				>
					Compare
				</Button>
				<span className={classes.hint}>with the module as it is saved; nothing is changed on the appliances</span>
			</div>
			{isAsking && (
				<p className={classes.hint} role="status" aria-label="Comparing">
					<Loader size="xs" />
				</p>
			)}
			{error !== undefined && <ProblemNote error={error} />}
			{comparison?.failed.map(({ id, failure }) => (
				<section key={id} className={classes.failed} aria-label={`${nameOf(id)} was not compared`}>
					<p className={classes.hint}>{nameOf(id)} was not compared:</p>
					<ProblemNote failure={failure} tone="warn" />
				</section>
			))}
			{comparison?.files.length === 0 && <p className={classes.hint}>The module names no destination yet.</p>}
			{comparison && (
				<ul className={classes.compared} aria-label="Destinations">
					{comparison.files.map((file) => (
						<li key={`${file.target} ${file.destination}`}>
							<ComparedFileRow file={file} nameOf={nameOf} />
						</li>
					))}
				</ul>
			)}
			{comparison && comparison.left > 0 && (
				<p className={classes.hint}>{comparison.left} more destinations are not compared at once.</p>
			)}
		</Panel>
	)
}
