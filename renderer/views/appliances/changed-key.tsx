import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import type { Failure } from "../../../core/schema/failure.ts"
import { Note } from "../../components/note.tsx"
import { problemOfFailure } from "../../rpc/problem.ts"
import classes from "./appliances.module.css"

/** Explains a changed host key. It offers no way on: that is decided outside, with the known_hosts file. */
export function ChangedKey({ failure, onClose }: { failure: Failure | undefined; onClose(): void }) {
	if (!failure) return null
	const { next } = problemOfFailure(failure)
	const { host, known, fingerprint, keyType, path, line } = failure.data
	return (
		<Modal opened onClose={onClose} title="The host key has changed" size={540}>
			<Stack gap="md">
				<Note tone="bad" title={`${host ?? "The appliance"} is not the machine that is on record under this name.`}>
					Nothing was sent, not even a user name. Either the appliance was set up anew or got another address, or
					somebody stands between you and it.
				</Note>
				<dl className={classes.keys}>
					<dt>Known until now</dt>
					<dd>
						<code>{known === undefined ? "another key" : String(known)}</code>
					</dd>
					<dt>Offered now{keyType === undefined ? "" : ` (${keyType})`}</dt>
					<dd>
						<code>{String(fingerprint ?? "not told")}</code>
					</dd>
					{path !== undefined && (
						<>
							<dt>On record in</dt>
							<dd>
								<code>
									{String(path)}
									{line === undefined ? "" : `:${line}`}
								</code>
							</dd>
						</>
					)}
				</dl>
				<Text size="sm">{next}</Text>
				<Group justify="flex-end">
					<Button data-autofocus variant="default" onClick={onClose}>
						Close
					</Button>
				</Group>
			</Stack>
		</Modal>
	)
}
