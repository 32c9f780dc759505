import { ActionIcon, Button, Table, Tooltip, VisuallyHidden } from "@mantine/core"
import { IconTrash } from "@tabler/icons-react"
import { printPublicKey, type SigningKey, type SigningKeys } from "../../../core/schema/signing.ts"
import { holderWords } from "../../../core/schema/signing-words.ts"
import { Copy } from "../../components/code.tsx"
import classes from "./signing.module.css"

interface KeyActions {
	onSign(key: SigningKey): void
	onStop(key: SigningKey): void
	onRemove(key: SigningKey): void
}

type TableProps = { label: string; keys: SigningKey[]; now: SigningKeys } & KeyActions

/** One row a key: what it is called, its fingerprint, and where the private half is. */
export function KeyTable({ label, keys, now, ...actions }: TableProps) {
	return (
		<Table.ScrollContainer minWidth={700} type="native">
			<Table className={classes.table} aria-label={label}>
				<Table.Thead>
					<Table.Tr>
						<Table.Th>Key</Table.Th>
						<Table.Th>Private half</Table.Th>
						<Table.Th>
							<VisuallyHidden>Actions</VisuallyHidden>
						</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{keys.map((key) => (
						<Row key={key.key} of={key} now={now} {...actions} />
					))}
				</Table.Tbody>
			</Table>
		</Table.ScrollContainer>
	)
}

export function nameOf({ comment, fingerprint }: SigningKey): string {
	return comment || fingerprint
}

function Row({ of, now, onSign, onStop, onRemove }: { of: SigningKey; now: SigningKeys } & KeyActions) {
	const { where, obstacle } = holderWords(of, now)
	const name = nameOf(of)
	return (
		<Table.Tr>
			<Table.Th scope="row" className={classes.key}>
				{of.comment || <span className={classes.soft}>no comment</span>}
				<span className={classes.fingerprint}>{of.fingerprint}</span>
			</Table.Th>
			<Table.Td>
				{where}
				{obstacle !== undefined && (
					<span className={`${classes.obstacle} ${of.signs ? classes.warn : classes.soft}`}>{obstacle}</span>
				)}
			</Table.Td>
			<Table.Td>
				<div className={classes.actions}>
					<Copy text={printPublicKey(of)} label={`Copy the trusted-keys line of ${name}`} />
					{of.holder === "keychain" && (
						<Tooltip label="Delete it">
							<ActionIcon
								variant="subtle"
								color="gray"
								size="sm"
								aria-label={`Delete ${name}`}
								onClick={() => onRemove(of)}
							>
								<IconTrash size={14} />
							</ActionIcon>
						</Tooltip>
					)}
					<Button
						size="compact-xs"
						variant="default"
						aria-label={of.signs ? `Stop signing by ${name}` : `Sign by ${name}`}
						onClick={() => (of.signs ? onStop(of) : onSign(of))}
					>
						{of.signs ? "Stop signing" : "Sign by it"}
					</Button>
				</div>
			</Table.Td>
		</Table.Tr>
	)
}
