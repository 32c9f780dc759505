import { Button } from "@mantine/core"
import { useState } from "react"
import { useStore } from "zustand"
import { valueAt } from "../../../core/schema/document/value.ts"
import { Note } from "../../components/note.tsx"
import { useApp, useDesktop } from "../../stores/context.ts"
import { keyOf, type TrialKind } from "../../stores/trials.ts"
import { ApplianceChoice } from "./appliance-choice.tsx"
import { useDocument, useEditing, useUnsaved } from "./context.ts"
import classes from "./editor.module.css"
import { TrialResult } from "./try/trial-result.tsx"
import own from "./try/try.module.css"

/** The place to try a pool from; `pool` is its index. */
export function TryPanel({ pool }: { pool: number }) {
	const id = useEditing(({ value }) => valueAt(value, ["pools", pool, "id"]))
	return (
		<section className={classes.block} aria-label="Try it" data-pool={pool}>
			<h3 className={classes.blockTitle}>
				Try it <span className={classes.hint}>on one appliance; the module is saved before</span>
			</h3>
			{typeof id === "string" && id !== "" ? (
				<OnAppliance key={id} pool={id} />
			) : (
				<p className={classes.explain}>A pool needs an id before it can be tried.</p>
			)}
		</section>
	)
}

function OnAppliance({ pool }: { pool: string }) {
	const { trials } = useApp()
	const document = useDocument()
	const trial = useStore(trials.store, (all) => all[keyOf(document.folder, pool)])
	const appliances = useDesktop((desktop) => desktop.state?.appliances) ?? []
	const [chosen, setChosen] = useState(trial?.applianceId)
	const [asking, setAsking] = useState(false)
	const [isUnsaved, setUnsaved] = useState(false)
	const appliance = appliances.find((one) => one.id === chosen) ?? (appliances.length === 1 ? appliances[0] : undefined)
	if (appliances.length === 0) return <p className={classes.explain}>There is no appliance yet: add one first.</p>

	const start = async (kind: TrialKind) => {
		setAsking(false)
		if (!appliance) return
		const isSaved = await document.save()
		setUnsaved(!isSaved)
		if (isSaved) await trials.start({ folder: document.folder, pool, applianceId: appliance.id, kind })
	}
	const button = { variant: "default", disabled: !appliance || trial?.isGoing === true } as const
	return (
		<>
			<div className={own.bar}>
				<ApplianceChoice
					label="Appliance to try it on"
					appliances={appliances}
					chosen={appliance?.id}
					onChoose={setChosen}
				/>
				<Button {...button} variant="filled" onClick={() => void start("prove")}>
					Prove it
				</Button>
				<Button {...button} onClick={() => void start("plan")}>
					Plan
				</Button>
				<Button {...button} onClick={() => void start("rehearse")}>
					Rehearse
				</Button>
				<Button {...button} onClick={() => setAsking(true)}>
					Apply …
				</Button>
				{trial?.isGoing && trial.kind !== "plan" && (
					<Button variant="subtle" color="gray" onClick={() => void trials.cancel(document.folder, pool)}>
						Stop
					</Button>
				)}
			</div>
			<p className={classes.explain}>
				Prove it rehearses the pool twice, once on the files as they are and once on changed ones. Everything is put
				back.
			</p>
			{isUnsaved && (
				<Note tone="warn" title="Nothing was tried: what is typed could not be saved." alert>
					Settle what the editor says above, then try again.
				</Note>
			)}
			{asking && appliance && (
				<Note
					tone="warn"
					title={`This changes ${appliance.name}, and stays.`}
					actions={
						<>
							<Button size="compact-xs" onClick={() => void start("apply")}>
								Apply the pool
							</Button>
							<Button size="compact-xs" variant="default" onClick={() => setAsking(false)}>
								Cancel
							</Button>
						</>
					}
				>
					A pool that does not prove itself is put back; one that does is left in place.
				</Note>
			)}
			{trial && <Shown pool={pool} />}
		</>
	)
}

/** The result, and whether it is still of what the editor shows. */
function Shown({ pool }: { pool: string }) {
	const { trials } = useApp()
	const { folder } = useDocument()
	const trial = useStore(trials.store, (all) => all[keyOf(folder, pool)])
	const isUnsaved = useUnsaved()
	const digest = useEditing(({ module }) => module.digest)
	if (!trial) return null
	const isOld = trial.digest !== undefined && (isUnsaved || digest !== trial.digest)
	return (
		<div className={own.result}>
			{isOld && (
				<Note tone="warn" title="This is of an older state: the module was changed since.">
					Try it again to see how it stands now.
				</Note>
			)}
			<TrialResult trial={trial} pool={pool} />
		</div>
	)
}
