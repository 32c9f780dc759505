import { Button, Group, Modal, Select, Stack } from "@mantine/core"
import { useMemo, useState } from "react"
import { useStore } from "zustand"
import { proposeDestination } from "../../../../core/schema/propose-destination.ts"
import { count } from "../../../components/format.ts"
import { Note } from "../../../components/note.tsx"
import { poolsOf } from "../../../stores/module-document.ts"
import { goTo } from "../../../stores/route.ts"
import { useDocument, useEditing } from "../context.ts"
import { nameOf } from "../pools/pool-actions.ts"
import { addFiles, addToPool } from "./add-files.ts"
import { MAX_FILES } from "./collect-files.ts"
import { DestinationList } from "./destination-list.tsx"
import { offeredFiles } from "./offered-files.ts"
import { operationsOf } from "./uses.ts"

const NO_POOL = "none"

/** Where dropped or picked files go: into src/ alone, or into a pool with a destination each. */
export function AddDialog() {
	const offer = useStore(offeredFiles, (now) => now.offer)
	if (!offer) return null
	return <Opened key={offer.picked[0]?.target} offer={offer} />
}

type Offer = NonNullable<ReturnType<typeof offeredFiles.getState>["offer"]>

function Opened({ offer }: { offer: Offer }) {
	const document = useDocument()
	const value = useEditing((editing) => editing.value)
	const [pool, setPool] = useState(offer.pool === undefined ? (offer.isThere ? "0" : NO_POOL) : String(offer.pool))
	const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map())
	const { picked } = offer
	const proposed = useMemo(() => {
		const known = operationsOf(value)
		return new Map(picked.map(({ target }) => [target, proposeDestination(target, known) ?? ""]))
	}, [picked, value])
	const destinationOf = (target: string) => typed.get(target) ?? proposed.get(target) ?? ""
	const { isThere = false } = offer
	const isBusy = useStore(document.adding.store, ({ adding }) => adding?.state === "running") && !isThere
	const hasPool = pool !== NO_POOL
	const close = () => offeredFiles.setState({ offer: undefined })
	const add = () => {
		close()
		if (!hasPool) goTo({ view: "module", folder: document.folder, tab: "sources" })
		const into = hasPool ? { pool: Number(pool), destinationOf } : undefined
		if (isThere && into)
			return addToPool(
				document,
				picked.map(({ target }) => target),
				into,
			)
		void addFiles(document, picked, into)
	}
	const named = poolsOf(value).map((one, index) => ({ value: String(index), label: nameOf(one, index) }))
	const pools = isThere ? named : [{ value: NO_POOL, label: "no pool yet, only into src/" }, ...named]
	const empty = picked.filter(({ target }) => destinationOf(target).trim() === "").length
	return (
		<Modal opened onClose={close} title={isThere ? "Add to a pool" : `Add ${count(picked.length, "file")}`} size={860}>
			<Stack gap="md">
				<LeftOut offer={offer} />
				{picked.length > 0 && (
					<>
						<Select
							label="Pool"
							description={
								isThere
									? "It brings the file to its destination on the appliance"
									: "They are copied into src/; a pool brings them to the appliance as well"
							}
							data={pools}
							value={pool}
							allowDeselect={false}
							onChange={(next) => setPool(next ?? NO_POOL)}
						/>
						<DestinationList
							targets={picked.map(({ target }) => target)}
							destinationOf={hasPool ? destinationOf : undefined}
							onType={(target, text) => setTyped((now) => new Map(now).set(target, text))}
						/>
						{hasPool && empty > 0 && (
							<Note tone="calm" title={`${count(empty, "file")} without a destination.`}>
								Nothing says where it belongs. Type it here, or later in the pool: until then it is a fault there.
							</Note>
						)}
					</>
				)}
				{isBusy && (
					<Note tone="calm" title="Other files are being added just now.">
						These can be added as soon as that has ended, or was cancelled above the tabs.
					</Note>
				)}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" onClick={close}>
						Cancel
					</Button>
					<Button data-autofocus disabled={picked.length === 0 || isBusy} onClick={add}>
						Add
					</Button>
				</Group>
			</Stack>
		</Modal>
	)
}

function LeftOut({ offer: { leftOut, unread, isTooMany } }: { offer: Offer }) {
	return (
		<>
			{isTooMany && (
				<Note tone="warn" title={`There are more than ${MAX_FILES} files in there.`}>
					Nothing was added. Choose the folders that the fix is about; what a build makes is better made on the
					appliance.
				</Note>
			)}
			{unread.length > 0 && (
				<Note tone="warn" title={`${count(unread.length, "file")} could not be read, the first one is ${unread[0]}.`}>
					It was moved or removed while it was looked at, or this account may not read it.
				</Note>
			)}
			{leftOut > 0 && (
				<Note tone="calm" title={`${count(leftOut, "file")} left out: what git and desktops keep for themselves.`} />
			)}
		</>
	)
}
