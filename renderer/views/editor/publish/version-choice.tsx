import { Radio } from "@mantine/core"
import type { Proposal } from "../../../../core/schema/library.ts"
import own from "./publish.module.css"

const words: Record<Proposal["versions"][number]["kind"], string> = {
	text: "as index.json says",
	patch: "repairs only",
	minor: "does more than before",
	major: "works in another way",
}

/** The next versions, the most likely one first. */
export function VersionChoice(props: {
	versions: Proposal["versions"]
	chosen: string
	onChoose(version: string): void
}) {
	return (
		<Radio.Group label="Version" value={props.chosen} onChange={props.onChoose}>
			<div className={own.choices}>
				{props.versions.map(({ version, kind }) => (
					<Radio key={version} size="xs" value={version} label={version} description={words[kind]} />
				))}
			</div>
		</Radio.Group>
	)
}
