import { EmptyState } from "@mantine/core"
import type { ReactNode } from "react"

/** A view without anything to show yet: what would be here, and how to get it. */
export function Empty(props: { icon: ReactNode; title: string; children: ReactNode; actions?: ReactNode }) {
	return (
		<EmptyState mt={70} withIndicatorBackground>
			<EmptyState.Indicator>{props.icon}</EmptyState.Indicator>
			<EmptyState.Title order={2}>{props.title}</EmptyState.Title>
			<EmptyState.Description maw={480}>{props.children}</EmptyState.Description>
			{props.actions !== undefined && <EmptyState.Actions>{props.actions}</EmptyState.Actions>}
		</EmptyState>
	)
}
