import { ActionIcon } from "@mantine/core"
import { IconArrowRight, IconPlus, IconShieldLock, IconX } from "@tabler/icons-react"
import { memo, useId, useState } from "react"
import { type Action, setOptional } from "../../../../core/schema/document/pool-edits.ts"
import { valueAt } from "../../../../core/schema/document/value.ts"
import { type JsonPath, printPath } from "../../../../core/schema/json-text.ts"
import { operationSchema, permissionsSchema } from "../../../../core/schema/module.ts"
import { doAndFocus, useDocument, useFindings } from "../context.ts"
import classes from "../editor.module.css"
import { FieldFindings } from "../field-findings.tsx"
import { TextField } from "../fields.tsx"
import { OtherKeys } from "../other-keys.tsx"
import own from "./pools.module.css"

/** The files of a pool: which source goes where, and with which permissions. */
export function Operations({ pool, value }: { pool: number; value: unknown }) {
	const document = useDocument()
	const path = ["pools", pool, "operations"]
	const findings = useFindings(path)
	const id = useId()
	const list = Array.isArray(value) ? value : []
	const add = () => {
		const item = { target: "", destination: "" }
		const edits = [{ kind: "set" as const, path: [...path, list.length], value: item }]
		doAndFocus(() => document.act({ label: "add a file", edits }), [...path, list.length, "target"])
	}
	return (
		<section className={classes.block} aria-labelledby={id}>
			<div className={classes.blockHead}>
				<h3 className={classes.blockTitle} id={id}>
					Files <span className={classes.hint}>a source below src/, and where it goes on the appliance</span>
				</h3>
				<button type="button" className={classes.mend} data-path={printPath(path)} onClick={add}>
					<IconPlus size={13} aria-hidden /> Add a file
				</button>
			</div>
			{list.length > 0 && (
				<ol className={own.operations}>
					{list.map((operation, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: its place is its identity
						<OperationRow key={index} pool={pool} index={index} count={list.length} operation={operation} />
					))}
				</ol>
			)}
			<FieldFindings findings={findings} />
		</section>
	)
}

interface RowProps {
	pool: number
	index: number
	count: number
	operation: unknown
}

const OperationRow = memo(function OperationRow({ pool, index, count, operation }: RowProps) {
	const document = useDocument()
	const path = ["pools", pool, "operations", index]
	const findings = useFindings(path)
	const permissions = valueAt(operation, ["permissions"])
	const [isOpen, setOpen] = useState(permissions !== undefined)
	const at = (key: string) => ({ path: [...path, key], value: valueAt(operation, [key]) })
	const takeOut = () => {
		const action: Action = { label: "take out a file", edits: [{ kind: "remove", path }] }
		const next = ["pools", pool, "operations", Math.max(0, index - 1), "target"]
		doAndFocus(() => document.act(action), count > 1 ? next : ["pools", pool, "operations"])
	}
	return (
		<li className={own.operation} aria-label={`File ${index + 1}`}>
			<div className={own.operationRow}>
				<TextField label={`Source ${index + 1}`} {...at("target")} bare mono placeholder="src/…" />
				<IconArrowRight size={14} className={own.arrow} aria-hidden />
				<TextField label={`Destination ${index + 1}`} {...at("destination")} bare mono placeholder="/etc/…" />
				<ActionIcon
					variant="subtle"
					color={permissions === undefined ? "gray" : "accent"}
					size="sm"
					aria-label={`Permissions of file ${index + 1}`}
					title="Owner, group and mode"
					aria-expanded={isOpen}
					onClick={() => setOpen(!isOpen)}
				>
					<IconShieldLock size={15} />
				</ActionIcon>
				<ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Take out file ${index + 1}`} onClick={takeOut}>
					<IconX size={14} />
				</ActionIcon>
			</div>
			{isOpen && <Permissions path={[...path, "permissions"]} value={permissions} />}
			<FieldFindings findings={findings} />
			<OtherKeys path={path} value={operation} known={Object.keys(operationSchema.shape)} />
		</li>
	)
})

/** What overrides owner, group and mode; what is empty is left as it is on the appliance. */
function Permissions({ path, value }: { path: JsonPath; value: unknown }) {
	const findings = useFindings(path)
	const field = (key: string) => ({
		path: [...path, key],
		value: valueAt(value, [key]),
		optional: true,
		mono: true,
		onEmpty: () => emptied(path, value, key),
	})
	return (
		<div className={own.permissions}>
			<TextField label="Owner" placeholder="as it is" {...field("owner")} />
			<TextField label="Group" placeholder="as it is" {...field("group")} />
			<TextField label="Mode" placeholder="0644" {...field("mode")} />
			<FieldFindings findings={findings} />
			<OtherKeys path={path} value={value} known={Object.keys(permissionsSchema.shape)} />
		</div>
	)
}

/** Without its last key, `permissions` goes as a whole. */
function emptied(path: JsonPath, value: unknown, key: string): Action {
	const isLast = typeof value === "object" && value !== null && Object.keys(value).every((one) => one === key)
	return setOptional(isLast ? path : [...path, key], undefined, `empty ${key}`)
}
