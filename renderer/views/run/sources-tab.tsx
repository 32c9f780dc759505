import { Table, Text } from "@mantine/core"
import { IconCheck, IconCircleDashed } from "@tabler/icons-react"
import type { OpenModule } from "../../../core/schema/desktop.ts"
import { formatBytes } from "../../components/format.ts"
import { Tag } from "../../components/outcome.tsx"
import classes from "./run.module.css"

/** The files below src/, and whether an operation uses them. */
export function SourcesTab({ sources }: { sources: OpenModule["sources"] }) {
	if (sources.length === 0) {
		return (
			<Text size="sm" c="dimmed" p="lg">
				There is no file below src/.
			</Text>
		)
	}
	return (
		<Table.ScrollContainer minWidth={480} type="native">
			<Table className={classes.files}>
				<Table.Thead>
					<Table.Tr>
						<Table.Th>Source below src/</Table.Th>
						<Table.Th>Size</Table.Th>
						<Table.Th>SHA-256</Table.Th>
						<Table.Th>Use</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{sources.map(({ target, size, digest, used }) => (
						<Table.Tr key={target}>
							<Table.Td>
								<code>{target}</code>
							</Table.Td>
							<Table.Td className={classes.number}>{formatBytes(size)}</Table.Td>
							<Table.Td>
								<code title={digest}>{digest.slice(0, 12)}…</code>
							</Table.Td>
							<Table.Td>
								{used ? (
									<Tag tone="mute" icon={<IconCheck size={13} />}>
										used
									</Tag>
								) : (
									<Tag tone="warn" icon={<IconCircleDashed size={13} />}>
										unused
									</Tag>
								)}
							</Table.Td>
						</Table.Tr>
					))}
				</Table.Tbody>
			</Table>
		</Table.ScrollContainer>
	)
}
