import { Badge, Button, Checkbox, Select } from "@mantine/core"
import type { OpenModule } from "../../../../core/schema/desktop.ts"
import { Note } from "../../../components/note.tsx"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { useApp, useDesktop, useRolloutDraft } from "../../../stores/context.ts"
import { hashOf } from "../../../stores/route.ts"
import classes from "./new.module.css"
import type { useOpened } from "./use-opened.ts"

/** Which module, and which of its pools. */
export function ModuleStep({ module: { opened, error, retry } }: { module: ReturnType<typeof useOpened> }) {
	const { rolloutDraft } = useApp()
	const recent = useDesktop((desktop) => desktop.state?.recentModules) ?? []
	const { folder, published } = useRolloutDraft()
	const data = recent.map((one) => ({ value: one.folder, label: one.name }))
	return (
		<Panel title="Module" label="Module" actions={<Version opened={opened} />}>
			<div className={classes.step}>
				<div className={classes.row}>
					<Select
						className={classes.grow}
						aria-label="Module"
						placeholder="Choose a module that was opened before"
						data={data}
						value={published?.folder ?? folder ?? null}
						onChange={(value) =>
							value !== null && rolloutDraft.change({ folder: value, published: undefined, pools: undefined })
						}
						renderOption={({ option }) => (
							<span className={classes.option}>
								{option.label}
								<span className={classes.soft}>{option.value}</span>
							</span>
						)}
					/>
					<Button component="a" href={hashOf({ view: "run" })} variant="default">
						Open another
					</Button>
				</div>
				{folder !== undefined && (
					<span className={classes.soft}>
						{published ? `Published ${published.version} of ${published.folder}` : `Working copy in ${folder}`}
					</span>
				)}
				{error !== undefined && <ProblemNote error={error} onRetry={retry} />}
				{opened && !opened.module && (
					<Note tone="bad" title="This module has faults and cannot be run. Mend them in the editor first." />
				)}
				{opened?.module && <Pools module={opened.module} />}
				<Choices />
			</div>
		</Panel>
	)
}

function Version({ opened }: { opened: OpenModule | undefined }) {
	const version = opened?.module?.metadata.schema_version
	if (version === undefined) return null
	return (
		<Badge variant="light" color="gray" tt="none">
			{version}
		</Badge>
	)
}

function Pools({ module }: { module: NonNullable<OpenModule["module"]> }) {
	const { rolloutDraft } = useApp()
	const draft = useRolloutDraft()
	const enabled = module.pools.filter((pool) => pool.enabled).map(({ id }) => id)
	const chosen = draft.pools ?? enabled
	const toggle = (id: string) => {
		const pools = enabled.filter((one) => (one === id ? !chosen.includes(id) : chosen.includes(one)))
		rolloutDraft.change({ pools: pools.length === enabled.length ? undefined : pools })
	}
	return (
		<fieldset className={classes.fields}>
			<legend>Pools</legend>
			{module.pools.map(({ id, enabled, description }) => (
				<Checkbox
					key={id}
					label={id}
					description={description}
					disabled={!enabled}
					checked={chosen.includes(id)}
					onChange={() => toggle(id)}
				/>
			))}
		</fieldset>
	)
}

function Choices() {
	const { rolloutDraft } = useApp()
	const { force, allowDowngrade } = useRolloutDraft()
	return (
		<fieldset className={classes.fields}>
			<legend>Versions</legend>
			<Checkbox
				label="Apply again what stands applied"
				checked={force}
				onChange={(event) => rolloutDraft.change({ force: event.currentTarget.checked })}
			/>
			<Checkbox
				label="Allow a lower version than installed"
				checked={allowDowngrade}
				onChange={(event) => rolloutDraft.change({ allowDowngrade: event.currentTarget.checked })}
			/>
		</fieldset>
	)
}
