import { type ReactNode, useId } from "react"
import { type Action, setOptional } from "../../../core/schema/document/pool-edits.ts"
import { type JsonPath, printPath } from "../../../core/schema/json-text.ts"
import { useDocument, useEditing, useFindings } from "./context.ts"
import classes from "./editor.module.css"
import { FieldFindings } from "./field-findings.tsx"

interface FieldProps {
	label: string
	path: JsonPath
	value: unknown
	/** Said below the label. */
	hint?: ReactNode
	placeholder?: string
	mono?: boolean
	/** Its label is for screen readers only: a heading of the column says it. */
	bare?: boolean
	/** An empty field takes its key out. */
	optional?: boolean
	/** Undoes what is around it as well when it becomes empty, for example an empty `permissions`. */
	onEmpty?: () => Action
}

/** A text of the document; whatever stands there is shown, also what is no text. */
export function TextField({ multiline, ...props }: FieldProps & { multiline?: boolean }) {
	const { label, path, value, optional, onEmpty } = props
	const document = useDocument()
	const type = (text: string) => {
		const field = printPath(path)
		const isTakenOut = optional === true && text === ""
		const action = isTakenOut
			? (onEmpty?.() ?? setOptional(path, undefined, `empty ${label}`))
			: setOptional(path, text, `change ${label}`)
		document.act(action, field)
	}
	return <Field {...props} shown={asText(value)} onType={type} multiline={multiline} />
}

/** A number of the document. What is no number stays as it is typed, and is a finding. */
export function NumberField(props: FieldProps & { unit: string }) {
	const { label, path, value } = props
	const document = useDocument()
	const type = (text: string) => {
		const trimmed = text.trim()
		const number = /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text
		const given = trimmed === "" ? undefined : number
		document.act(setOptional(path, given, `change ${label}`), printPath(path))
	}
	return <Field {...props} shown={asText(value)} onType={type} numeric />
}

interface ShownProps extends FieldProps {
	shown: { text: string; isText: boolean }
	onType(text: string): void
	multiline?: boolean | undefined
	numeric?: boolean
	unit?: string
}

function Field(props: ShownProps) {
	const { label, path, hint, shown, placeholder, mono, bare, multiline, numeric, unit, onType } = props
	const findings = useFindings(path)
	const [id, findingsId] = [useId(), useId()]
	const severity = findings?.some((finding) => finding.severity === "fault") ? "fault" : findings?.[0]?.severity
	const Input = multiline ? "textarea" : "input"
	return (
		<div className={classes.field} data-narrow={numeric || undefined}>
			{!bare && (
				<label htmlFor={id} className={classes.label}>
					{label}
					{hint !== undefined && <span className={classes.hint}> {hint}</span>}
				</label>
			)}
			<div className={classes.inputRow}>
				<Input
					id={id}
					className={classes.input}
					data-path={printPath(path)}
					data-severity={severity}
					data-mono={mono || undefined}
					aria-label={bare ? label : undefined}
					aria-invalid={severity === "fault" || undefined}
					aria-describedby={findings ? findingsId : undefined}
					readOnly={!shown.isText}
					inputMode={numeric ? "numeric" : undefined}
					placeholder={placeholder}
					spellCheck={false}
					autoComplete="off"
					{...(multiline && { rows: 1 })}
					value={shown.text}
					onChange={(event) => onType(event.currentTarget.value)}
				/>
				{unit !== undefined && <span className={classes.unit}>{unit}</span>}
			</div>
			<FieldFindings findings={findings} id={findingsId} />
		</div>
	)
}

/** Lists and objects where a text should stand are not to be typed over by accident. */
export function asText(value: unknown): { text: string; isText: boolean } {
	if (value === undefined) return { text: "", isText: true }
	if (typeof value === "string") return { text: value, isText: true }
	return { text: JSON.stringify(value), isText: typeof value !== "object" || value === null }
}

/** What stands at a place of the document. */
export function useValue(select: (value: unknown) => unknown): unknown {
	return useEditing(({ value }) => select(value))
}
