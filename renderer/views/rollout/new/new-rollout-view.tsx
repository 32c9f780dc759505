import { useMemo } from "react"
import type { ApplianceState, OpenModule } from "../../../../core/schema/desktop.ts"
import { ViewHead } from "../../../components/panel.tsx"
import { useApp, useDesktop, useRolloutDraft } from "../../../stores/context.ts"
import { canaryOf, type RolloutDraft, requestOf } from "../../../stores/rollout-draft.ts"
import { Prepare } from "../prepare/prepare.tsx"
import { lookOf, usePreparing } from "../prepare/use-preparing.ts"
import { ApplianceStep } from "./appliance-step.tsx"
import { LimitsStep } from "./limits-step.tsx"
import { ModuleStep } from "./module-step.tsx"
import classes from "./new.module.css"
import { Preview } from "./preview.tsx"
import { useOpened } from "./use-opened.ts"
import { usePreview } from "./use-preview.ts"
import { WavesStep } from "./waves-step.tsx"

const none: ApplianceState[] = []

/** Choose what goes where, in which waves and within which limits; see what that means; begin. */
export function NewRolloutView() {
	const { rolloutDraft } = useApp()
	const draft = useRolloutDraft()
	const fleet = useDesktop((desktop) => desktop.state?.appliances) ?? none
	const module = useOpened(draft.folder)
	const { opened } = module
	const request = useMemo(
		() => (opened?.module && opened.folder === draft.folder ? requestOf(draft, fleet) : undefined),
		[draft, fleet, opened],
	)
	const preview = usePreview(request)
	// In the fleet's order: who comes first does not make it another look.
	const chosen = useMemo(
		() => fleet.flatMap(({ id }) => (draft.applianceIds.has(id) ? id : [])),
		[fleet, draft.applianceIds],
	)
	const preparing = usePreparing()
	const choice = request && { ...request, applianceIds: chosen }
	const look = choice && lookOf(preparing.now, choice, preview.isCurrent ? preview.rollout?.module.digest : undefined)
	return (
		<>
			<ViewHead title="New rollout" note="One version of a module to many appliances, wave by wave." />
			<div className={classes.page}>
				<div className={classes.steps}>
					<ModuleStep module={module} />
					<ApplianceStep fleet={fleet} />
					{choice && look && (
						<Prepare choice={choice} preparing={preparing} look={look} onCanary={rolloutDraft.setCanary} />
					)}
					<WavesStep canary={canaryOf(draft, fleet).length} />
					<LimitsStep total={request?.applianceIds.length ?? 0} />
				</div>
				<Preview
					request={request}
					preview={preview}
					lookedAt={look === "current" ? (preparing.now?.whole?.done ?? 0) : 0}
					obstacle={request ? undefined : obstacleOf(draft, opened)}
				/>
			</div>
		</>
	)
}

function obstacleOf(draft: RolloutDraft, opened: OpenModule | undefined): string {
	if (draft.folder === undefined) return "Choose a module."
	if (!opened?.module) return "The module cannot be run as it is."
	if (draft.pools?.length === 0) return "Choose at least one pool."
	return "Choose the appliances."
}
