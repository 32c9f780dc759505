import { Anchor, Button } from "@mantine/core"
import { useState } from "react"
import type { ApplianceState } from "../../core/schema/desktop.ts"
import { describePast, type PastFault } from "../../core/schema/history-past.ts"
import { useApp } from "../stores/context.ts"
import { hashOf } from "../stores/route.ts"
import { Confirm } from "./confirm.tsx"
import { Note } from "./note.tsx"
import { Ago } from "./time.tsx"

/** An appliance whose history is not the one that was seen before, until a person says that it may be so. */
export function PastNote({ appliance }: { appliance: ApplianceState }) {
	const { api } = useApp()
	/** What the person says to know of. */
	const [asked, setAsked] = useState<PastFault>()
	const { id, name, past } = appliance
	const told = past && describePast(past, name)
	if (!told) return null
	return (
		<section aria-label={`Past of ${name}`}>
			<Note
				tone="warn"
				title={told.title}
				actions={
					<Button variant="default" size="compact-sm" onClick={() => setAsked(past.fault)}>
						I know why
					</Button>
				}
			>
				Record {past.head.number} was seen <Ago time={past.head.seenAt} />. {told.next}{" "}
				<Anchor
					size="sm"
					underline="always"
					href={hashOf({ view: "help", page: "history", section: "a-history-that-is-not-as-it-was" })}
				>
					What to do
				</Anchor>
				{asked && (
					<Confirm
						title={`Take the history of ${name} as it is?`}
						button="Take it as it is"
						act={async () => void (await api.history.acceptPast({ applianceId: id, fault: asked }))}
						onClose={() => setAsked(undefined)}
					>
						It is fetched again, and from then on compared with what is there now, unless something else is wrong by
						then. What this desktop recorded stays.
					</Confirm>
				)}
			</Note>
		</section>
	)
}
