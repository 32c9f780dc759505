import { Popover } from "@mantine/core"
import { IconCircleCheck, IconListSearch } from "@tabler/icons-react"
import { useState } from "react"
import { flushSync } from "react-dom"
import { parsePath } from "../../../core/schema/document/parse-path.ts"
import type { Finding } from "../../../core/schema/finding.ts"
import { count } from "../../components/format.ts"
import { sentence } from "../../components/words.ts"
import type { Selected } from "../../stores/module-document.ts"
import { type EditorTab, goTo } from "../../stores/route.ts"
import { Mark } from "../run/finding-list.tsx"
import { focusField, useDocument, useEditing } from "./context.ts"
import classes from "./editor.module.css"
import { MendButton } from "./field-findings.tsx"
import { showLine } from "./shown-line.ts"

const MAX_SHOWN = 200

/** How many findings there are; opened, all of them, each leading to its field. */
export function FindingsBar({ tab }: { tab: EditorTab }) {
	const findings = useEditing(({ checked }) => checked.findings)
	const [isOpen, setOpen] = useState(false)
	const faults = findings.filter(({ severity }) => severity === "fault")
	const warnings = findings.filter(({ severity }) => severity === "warning")
	const words = [
		faults.length > 0 && count(faults.length, "fault"),
		warnings.length > 0 && count(warnings.length, "warning"),
	]
	if (findings.length === 0)
		return (
			<span className={classes.noFindings} role="status">
				<IconCircleCheck size={15} aria-hidden /> No findings
			</span>
		)
	return (
		<Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={620} trapFocus>
			<Popover.Target>
				<button
					type="button"
					className={classes.findingsButton}
					data-severity={faults.length > 0 ? "fault" : "warning"}
					aria-expanded={isOpen}
					onClick={() => setOpen(!isOpen)}
				>
					<IconListSearch size={15} aria-hidden /> {words.filter(Boolean).join(", ")}
				</button>
			</Popover.Target>
			<Popover.Dropdown className={classes.findingsDropdown}>
				<ul className={classes.findings}>
					{[...faults, ...warnings].slice(0, MAX_SHOWN).map((finding) => (
						<FindingItem
							key={`${finding.rule} ${finding.path} ${finding.message}`}
							finding={finding}
							tab={tab}
							onShown={() => setOpen(false)}
						/>
					))}
				</ul>
				{findings.length > MAX_SHOWN && <p className={classes.notHere}>{findings.length - MAX_SHOWN} more.</p>}
			</Popover.Dropdown>
		</Popover>
	)
}

function FindingItem({ finding, tab, onShown }: { finding: Finding; tab: EditorTab; onShown(): void }) {
	const document = useDocument()
	const show = () => {
		onShown()
		if (tab === "index") return showLine(finding.line, finding.column)
		const path = parsePath(finding.path) ?? []
		const selected = partOf(path)
		flushSync(() => document.select(selected))
		if (tab !== "pools") goTo({ view: "module", folder: document.folder, tab: "pools" })
		// After the popover has given the focus back, and the tab is there.
		setTimeout(() => focusField(path), 60)
	}
	return (
		<li data-severity={finding.severity}>
			<Mark severity={finding.severity} />
			<button type="button" className={classes.findingText} onClick={show}>
				{sentence(finding.message)} <span className={classes.soft}>{sentence(finding.remedy)}</span>
				<span className={classes.findingPlace}>
					{finding.path} · line {finding.line}
				</span>
			</button>
			<MendButton finding={finding} />
		</li>
	)
}

function partOf(path: readonly (string | number)[]): Selected {
	const [first, second] = path
	if (first === "pools") return { part: "pool", index: typeof second === "number" ? second : 0 }
	return first === "finalClosure" ? { part: "final" } : { part: "module" }
}
