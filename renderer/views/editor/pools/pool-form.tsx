import { Button } from "@mantine/core"
import { IconArrowDown, IconArrowUp, IconCopy, IconTrash } from "@tabler/icons-react"
import { useMemo } from "react"
import { valueAt } from "../../../../core/schema/document/value.ts"
import { DEFAULT_TIMEOUT_SECONDS, poolSchema } from "../../../../core/schema/module.ts"
import { poolsOf } from "../../../stores/module-document.ts"
import { CommandList } from "../command-list.tsx"
import { useDocument, useEditing, useFindings } from "../context.ts"
import classes from "../editor.module.css"
import { FieldFindings } from "../field-findings.tsx"
import { NumberField, TextField } from "../fields.tsx"
import { OtherKeys } from "../other-keys.tsx"
import panes from "../panes.module.css"
import sourceClasses from "../sources/sources.module.css"
import { useFileDrop } from "../sources/use-file-drop.ts"
import { TryPanel } from "../try-panel.tsx"
import { EnabledSwitch } from "./enabled-switch.tsx"
import { Operations } from "./operations.tsx"
import { makePoolActions, nameOf } from "./pool-actions.ts"
import own from "./pools.module.css"

/** Everything of one pool. */
export function PoolForm({ index }: { index: number }) {
	const pool = useEditing(({ value }) => valueAt(value, ["pools", index]))
	const findings = useFindings(["pools", index])
	const ofPools = useFindings(["pools"])
	const { ref, isOver } = useFileDrop(index)
	if (pool === undefined) return <NoPool findings={ofPools} />
	const at = (key: string) => ({ path: ["pools", index, key], value: valueAt(pool, [key]) })
	return (
		<section ref={ref} className={`${panes.form} ${sourceClasses.place}`} aria-label={`Pool ${nameOf(pool, index)}`}>
			{isOver && <div className={sourceClasses.over}>Drop to add these files to {nameOf(pool, index)}</div>}
			<PoolHead index={index} pool={pool} />
			<div className={own.formBody}>
				<FieldFindings findings={ofPools} />
				<FieldFindings findings={findings} />
				<div className={own.idRow}>
					<TextField label="Id" {...at("id")} mono />
					<TextField label="Description" {...at("description")} multiline placeholder="What this pool repairs" />
				</div>
				<Operations pool={index} value={at("operations").value} />
				<CommandList
					title="Closure"
					item="command"
					hint="proves that the pool works; the first failure puts everything back"
					{...at("closure")}
				/>
				<CommandList
					title="Checks"
					item="check"
					hint="read only, before anything is touched and again after"
					{...at("checks")}
				/>
				<section className={classes.block} aria-label="Limits">
					<h3 className={classes.blockTitle}>Limits</h3>
					<div className={own.columns}>
						<NumberField
							label="Time limit"
							hint="of each command"
							unit="s"
							placeholder={String(DEFAULT_TIMEOUT_SECONDS)}
							{...at("timeoutSeconds")}
						/>
						<NumberField
							label="Confirm within"
							hint="else it is put back"
							unit="s"
							placeholder="not asked"
							{...at("confirmSeconds")}
						/>
					</div>
				</section>
				<CommandList title="Redact" item="pattern" hint="secrets that are masked in all output" {...at("redact")} />
				<OtherKeys path={["pools", index]} value={pool} known={Object.keys(poolSchema.shape)} />
				<TryPanel pool={index} />
			</div>
		</section>
	)
}

function PoolHead({ index, pool }: { index: number; pool: unknown }) {
	const document = useDocument()
	const last = useEditing(({ value }) => poolsOf(value).length - 1)
	const actions = useMemo(() => makePoolActions(document), [document])
	const button = { size: "compact-xs", variant: "subtle", color: "gray" } as const
	return (
		<div className={panes.formHead}>
			<h2 className={panes.formTitle}>
				<span className={own.poolNumber}>{index + 1}</span> {nameOf(pool, index)}
			</h2>
			<EnabledSwitch value={valueAt(pool, ["enabled"])} onChange={(isOn) => actions.setEnabled(index, isOn)} />
			<span className={panes.formActions}>
				<Button
					{...button}
					aria-label="Move up"
					title="Move up (Alt+↑ in the list)"
					disabled={index === 0}
					onClick={() => actions.move(index, index - 1)}
				>
					<IconArrowUp size={14} aria-hidden />
				</Button>
				<Button
					{...button}
					aria-label="Move down"
					title="Move down (Alt+↓ in the list)"
					disabled={index >= last}
					onClick={() => actions.move(index, index + 1)}
				>
					<IconArrowDown size={14} aria-hidden />
				</Button>
				<Button {...button} leftSection={<IconCopy size={14} />} onClick={() => actions.duplicate(index)}>
					Duplicate
				</Button>
				<Button {...button} leftSection={<IconTrash size={14} />} onClick={() => actions.remove(index)}>
					Delete
				</Button>
			</span>
		</div>
	)
}

function NoPool({ findings }: { findings: ReturnType<typeof useFindings> }) {
	const document = useDocument()
	const actions = useMemo(() => makePoolActions(document), [document])
	return (
		<section className={panes.form} aria-label="No pool">
			<div className={panes.nothing}>
				<h2 className={panes.formTitle}>No pool yet</h2>
				<p className={classes.explain}>
					A pool is what belongs together: files that are replaced, and the commands that prove that the appliance works
					with them. It succeeds or is put back as a whole.
				</p>
				<FieldFindings findings={findings} />
				<Button onClick={actions.add}>Add a pool</Button>
			</div>
		</section>
	)
}
