import { Button, Center, Loader, Textarea } from "@mantine/core"
import { IconTag } from "@tabler/icons-react"
import { useState } from "react"
import type { Proposal } from "../../../../core/schema/library.ts"
import { Awaited } from "../../../components/awaited.tsx"
import { count } from "../../../components/format.ts"
import { Note } from "../../../components/note.tsx"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { hashOf } from "../../../stores/route.ts"
import { useDocument, useUnsaved } from "../context.ts"
import classes from "../editor.module.css"
import { FileChanges } from "./file-changes.tsx"
import { ProposedFindings } from "./proposed-findings.tsx"
import own from "./publish.module.css"
import { type Publishing, usePublishing } from "./use-publishing.ts"
import { VersionChoice } from "./version-choice.tsx"

/** Everything to look at before a version is published, and the one button that does it. */
export function PublishTab() {
	const dirty = useUnsaved()
	const publishing = usePublishing()
	const { proposal, error, published } = publishing
	return (
		<div className={own.scrolled}>
			{dirty && <SaveFirst />}
			{published && (
				<Note tone="good" title={`Version ${published.version} is published.`}>
					It is the commit {published.commit.slice(0, 10)} with the tag {published.tag}, and never changes. To share it,
					push the branch and the tag with your own git.
				</Note>
			)}
			{publishing.isStopped && <Note tone="calm" title="Stopped: nothing was published, and no file was changed." />}
			{publishing.hasChanged && (
				<Note tone="calm" title="The files were changed since you looked. Nothing was published; look again.">
					Below is what would be published now.
				</Note>
			)}
			{error !== undefined && <ProblemNote error={error} onRetry={publishing.propose} />}
			{!proposal && error === undefined && (
				<Center h={160} role="status" aria-label="Looking at what would be published">
					<Loader size="sm" />
				</Center>
			)}
			{proposal && <ProposalView key={proposal.content + proposal.base} proposal={proposal} publishing={publishing} />}
		</div>
	)
}

function SaveFirst() {
	const document = useDocument()
	return (
		<Note
			tone="warn"
			title="There is something typed that is not saved."
			actions={
				<Button size="compact-xs" variant="default" onClick={() => void document.save()}>
					Save it
				</Button>
			}
		>
			Only what is on disk is published.
		</Note>
	)
}

function ProposalView({ proposal, publishing }: { proposal: Proposal; publishing: Publishing }) {
	const [version, setVersion] = useState(proposal.versions[0]?.version ?? "")
	const [note, setNote] = useState("")
	const obstacle = useObstacle(proposal, version)
	const { previous, changes, problem } = proposal
	return (
		<div className={own.publish}>
			<div className={own.publishMain}>
				{problem && <ProblemNote failure={problem} />}
				{proposal.findings.length > 0 && <ProposedFindings findings={proposal.findings} />}
				<Panel
					title={previous ? `Changed since ${previous.version}` : "What is in it"}
					note={changes.length > 0 ? count(changes.length, "file") : undefined}
				>
					<FileChanges files={changes} none={`Nothing differs from ${previous?.version ?? "nothing"}.`} />
				</Panel>
			</div>
			<Panel title="Publish">
				<div className={own.publishForm}>
					<VersionChoice versions={proposal.versions} chosen={version} onChoose={setVersion} />
					<Textarea
						label="Note"
						description="What it repairs, for whoever reads the list of versions"
						autosize={false}
						rows={3}
						value={note}
						onChange={(event) => setNote(event.currentTarget.value)}
					/>
					<SignedBy keys={proposal.signedBy} />
					<Button
						leftSection={<IconTag size={15} />}
						disabled={obstacle !== undefined}
						loading={publishing.isPublishing}
						onClick={() => void publishing.publish(version, note.trim())}
					>
						Publish {version}
					</Button>
					{publishing.isPublishing ? (
						<PublishingNow publishing={publishing} />
					) : (
						<p className={classes.explain} role="status">
							{obstacle ?? "It becomes a commit with a tag in the module's own git. A published version never changes."}
						</p>
					)}
				</div>
			</Panel>
		</div>
	)
}

/** An appliance with trusted keys runs nothing that none of them signed. */
function SignedBy({ keys }: { keys: string[] }) {
	const choice = <a href={hashOf({ view: "signing" })}>Signing keys</a>
	if (keys.length === 0) return <p className={classes.explain}>Not signed: no key is chosen. {choice}</p>
	return (
		<div className={classes.explain}>
			Signed by each of the {choice}
			{keys.map((key) => (
				<div key={key} className={own.signer}>
					{key}
				</div>
			))}
		</div>
	)
}

function PublishingNow({ publishing: { isStopping, stop } }: { publishing: Publishing }) {
	if (isStopping)
		return (
			<p className={classes.explain} role="status">
				Stopping, if it is not too late
			</p>
		)
	return (
		<Awaited onStop={() => void stop()}>
			Reading and storing the files. It can be stopped until the version is written.
		</Awaited>
	)
}

/** Why it cannot be published now, in words. */
function useObstacle(proposal: Proposal, version: string): string | undefined {
	const dirty = useUnsaved()
	const faults = proposal.findings.filter(({ severity }) => severity === "fault").length
	if (dirty) return "Save first."
	if (proposal.problem) return "What is wrong is said above."
	if (faults > 0) return `Mend ${count(faults, "fault")} first.`
	if (proposal.previous && proposal.changes.length === 0) return "There is nothing new to publish."
	return version === "" ? "Choose a version." : undefined
}
