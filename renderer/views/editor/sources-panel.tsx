import { Panel } from "../../components/panel.tsx"
import { SourcesTab } from "../run/sources-tab.tsx"
import { useEditing } from "./context.ts"
import classes from "./editor.module.css"

/** The place of the files below `src/`; `useDocument` and `useEditing` give the folder and the document. */
export function SourcesPanel() {
	const sources = useEditing(({ module }) => module.sources)
	return (
		<div className={classes.scrolled}>
			<Panel label="Sources">
				<SourcesTab sources={sources} />
			</Panel>
		</div>
	)
}
