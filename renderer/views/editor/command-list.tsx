import { ActionIcon } from "@mantine/core"
import { IconPlus, IconX } from "@tabler/icons-react"
import { type KeyboardEvent, memo, type ReactNode, useId } from "react"
import type { Action } from "../../../core/schema/document/pool-edits.ts"
import { type JsonPath, printPath } from "../../../core/schema/json-text.ts"
import { doAndFocus, focusField, useDocument, useFindings } from "./context.ts"
import classes from "./editor.module.css"
import { FieldFindings } from "./field-findings.tsx"
import { asText } from "./fields.tsx"

interface ListProps {
	title: string
	/** What one line is: "command". */
	item: string
	hint: ReactNode
	path: JsonPath
	value: unknown
}

/**
 * A list of lines, each a field of its own: Enter puts a new one below, Backspace in an empty one takes it out, Alt and
 * an arrow key moves it.
 */
export function CommandList({ title, item, hint, path, value }: ListProps) {
	const document = useDocument()
	const findings = useFindings(path)
	const list = Array.isArray(value) ? value : []
	const isList = value === undefined || Array.isArray(value)
	const id = useId()
	const add = () => doAndFocus(() => document.act(append(path, list.length, item)), [...path, list.length])
	return (
		<section className={classes.block} aria-labelledby={id}>
			<div className={classes.blockHead}>
				<h3 className={classes.blockTitle} id={id}>
					{title} <span className={classes.hint}>{hint}</span>
				</h3>
				{isList && (
					<button type="button" className={classes.mend} data-path={printPath(path)} onClick={add}>
						<IconPlus size={13} aria-hidden /> Add a {item}
					</button>
				)}
			</div>
			{!isList && (
				<p className={classes.notHere}>No list stands here: {JSON.stringify(value)}. Edit it in index.json.</p>
			)}
			{list.length > 0 && (
				<ol className={classes.lines}>
					{list.map((line, index) => (
						<Line
							// biome-ignore lint/suspicious/noArrayIndexKey: the same command may stand twice, its place is its identity
							key={index}
							list={printPath(path)}
							path={path}
							index={index}
							count={list.length}
							item={item}
							value={line}
						/>
					))}
				</ol>
			)}
			<FieldFindings findings={findings} />
		</section>
	)
}

interface LineProps {
	/** The list's path printed: what a line is compared by. */
	list: string
	path: JsonPath
	index: number
	count: number
	item: string
	value: unknown
}

const Line = memo(
	LineField,
	(a, b) => a.list === b.list && a.index === b.index && a.count === b.count && a.value === b.value,
)

function LineField({ path: list, index, count, item, value }: LineProps) {
	const document = useDocument()
	const path = [...list, index]
	const findings = useFindings(path)
	const id = useId()
	const { text, isText } = asText(value)
	const severity = findings?.some((finding) => finding.severity === "fault") ? "fault" : findings?.[0]?.severity

	const insertBelow = () => {
		const below = [...list, index + 1]
		const kind = index + 1 === count ? "set" : "insert"
		doAndFocus(() => document.act({ label: `add a ${item}`, edits: [{ kind, path: below, value: "" }] }), below)
	}
	const takeOut = () => {
		const action = { label: `take out a ${item}`, edits: [{ kind: "remove" as const, path }] }
		doAndFocus(() => document.act(action), count > 1 ? [...list, Math.max(0, index - 1)] : list)
	}
	const move = (to: number) => {
		if (to < 0 || to >= count) return
		doAndFocus(() => document.act({ label: `move a ${item}`, edits: [{ kind: "move", path, to }] }), [...list, to])
	}
	const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
		const act = keyOf(event, text)
		if (!act) return
		const acts = {
			insert: insertBelow,
			"take-out": takeOut,
			"move-up": () => move(index - 1),
			"move-down": () => move(index + 1),
			"go-up": () => index > 0 && focusField([...list, index - 1]),
			"go-down": () => index + 1 < count && focusField([...list, index + 1]),
		}
		event.preventDefault()
		acts[act]()
	}
	return (
		<li className={classes.line}>
			<div className={classes.lineRow} data-severity={severity}>
				<span className={classes.lineNumber} aria-hidden>
					{index + 1}
				</span>
				<textarea
					className={classes.lineInput}
					rows={1}
					data-path={printPath(path)}
					aria-label={`${item} ${index + 1} of ${count}`}
					aria-invalid={severity === "fault" || undefined}
					aria-describedby={findings ? id : undefined}
					spellCheck={false}
					readOnly={!isText}
					value={text}
					onKeyDown={press}
					onChange={(event) => {
						const edits = [{ kind: "set" as const, path, value: event.currentTarget.value }]
						document.act({ label: `change a ${item}`, edits }, printPath(path))
					}}
				/>
				<ActionIcon
					variant="subtle"
					color="gray"
					size="sm"
					tabIndex={-1}
					aria-label={`Take out ${item} ${index + 1}`}
					onClick={takeOut}
				>
					<IconX size={13} />
				</ActionIcon>
			</div>
			<FieldFindings findings={findings} id={id} />
		</li>
	)
}

type LineAct = "insert" | "take-out" | "move-up" | "move-down" | "go-up" | "go-down"

/** What a key does to the list; undefined where it belongs to the text. */
function keyOf(event: KeyboardEvent<HTMLTextAreaElement>, text: string): LineAct | undefined {
	const { key, altKey, shiftKey, ctrlKey, metaKey } = event
	// A key that ends the choice of a character belongs to the input method.
	if (event.nativeEvent.isComposing || ctrlKey || metaKey) return undefined
	if (key === "Enter" && !shiftKey && !altKey) return "insert"
	if (key === "Backspace" && text === "") return "take-out"
	if (altKey && key === "ArrowUp") return "move-up"
	if (altKey && key === "ArrowDown") return "move-down"
	if (altKey || shiftKey) return undefined
	const { selectionStart, selectionEnd } = event.currentTarget
	if (selectionStart !== selectionEnd) return undefined
	if (key === "ArrowUp" && !text.slice(0, selectionStart).includes("\n")) return "go-up"
	if (key === "ArrowDown" && !text.slice(selectionStart).includes("\n")) return "go-down"
	return undefined
}

function append(list: JsonPath, count: number, item: string): Action {
	return { label: `add a ${item}`, edits: [{ kind: "set", path: [...list, count], value: "" }] }
}
