import { Button, Group, Loader, Modal, Stack, Text, TextInput } from "@mantine/core"
import { IconArrowUp, IconFolder, IconPackage } from "@tabler/icons-react"
import { type FormEvent, useEffect, useState } from "react"
import { ProblemNote } from "../../components/problem.tsx"
import type { Api } from "../../rpc/api.ts"
import { useApp } from "../../stores/context.ts"
import classes from "./run.module.css"

type Listing = Awaited<ReturnType<Api["modules"]["browse"]>>

/** Folders of the machine the program runs on, for hosts without a folder dialog of their own. */
export function FolderBrowser(props: { title: string; start: string; onOpen(folder: string): void; onClose(): void }) {
	const { title, start, onOpen, onClose } = props
	const { api } = useApp()
	const [folder, setFolder] = useState(start)
	const [typed, setTyped] = useState(start)
	const [listing, setListing] = useState<Listing>()
	const [error, setError] = useState<unknown>()

	useEffect(() => {
		let stale = false
		setError(undefined)
		api.modules
			.browse({ folder })
			.then((found) => {
				if (stale) return
				setListing(found)
				setTyped(found.folder)
			})
			.catch((problem) => {
				if (!stale) setError(problem)
			})
		return () => {
			stale = true
		}
	}, [api, folder])

	const open = (path: string) => {
		onClose()
		onOpen(path)
	}
	const goTyped = (event: FormEvent) => {
		event.preventDefault()
		setFolder(typed.trim())
	}
	const parent = listing?.parent

	return (
		<Modal opened onClose={onClose} title={title} size={600}>
			<Stack gap="sm">
				<form onSubmit={goTyped}>
					<TextInput
						aria-label="Folder"
						data-autofocus
						value={typed}
						onChange={(event) => setTyped(event.currentTarget.value)}
					/>
				</form>
				{error !== undefined && <ProblemNote error={error} />}
				<ul className={classes.folders} aria-label="Folders">
					{parent !== undefined && (
						<li>
							<button type="button" onClick={() => setFolder(parent)}>
								<IconArrowUp size={16} aria-hidden />
								<span>Parent folder</span>
							</button>
						</li>
					)}
					{listing?.entries.map(({ name, path, isModule }) => (
						<li key={path}>
							<button type="button" onClick={() => (isModule ? open(path) : setFolder(path))}>
								{isModule ? <IconPackage size={16} aria-hidden /> : <IconFolder size={16} aria-hidden />}
								<span>{name}</span>
								{isModule && <span className={classes.folderMark}>module – open</span>}
							</button>
						</li>
					))}
					{!listing && error === undefined && (
						<li className={classes.folderNote}>
							<Loader size="xs" />
						</li>
					)}
					{listing?.entries.length === 0 && <li className={classes.folderNote}>No folders in here.</li>}
				</ul>
				<Group justify="space-between" gap="sm" wrap="nowrap">
					<Text size="xs" c="dimmed">
						A module is a folder with an index.json.
					</Text>
					<Group gap="sm" wrap="nowrap">
						<Button variant="default" onClick={onClose}>
							Cancel
						</Button>
						<Button disabled={!listing} onClick={() => listing && open(listing.folder)}>
							Open this folder
						</Button>
					</Group>
				</Group>
			</Stack>
		</Modal>
	)
}
