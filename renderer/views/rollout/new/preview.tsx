import { Button } from "@mantine/core"
import { IconPlayerPlay } from "@tabler/icons-react"
import { useState } from "react"
import type { Rollout, RolloutRequest } from "../../../../core/schema/rollout.ts"
import { gateWords, wavesOf } from "../../../../core/schema/rollout-words.ts"
import { someOf } from "../../../../core/schema/some-of.ts"
import { Confirm } from "../../../components/confirm.tsx"
import { count } from "../../../components/format.ts"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { failureOf } from "../../../rpc/problem.ts"
import { useApp } from "../../../stores/context.ts"
import { goTo } from "../../../stores/route.ts"
import { Limits } from "../limits.tsx"
import classes from "./new.module.css"
import type { usePreview } from "./use-preview.ts"

/** Names of one wave that are shown; the rest is a number. */
const NAMES = 8

interface PreviewProps {
	/** Undefined while something is missing. */
	request: RolloutRequest | undefined
	preview: ReturnType<typeof usePreview>
	/** What is missing, in words. */
	obstacle: string | undefined
	/** Of those that are chosen, how many were looked at with this very choice. */
	lookedAt: number
}

/** What would happen, in names and numbers; and the way to begin it. */
export function Preview({ request, preview, obstacle, lookedAt }: PreviewProps) {
	const { rollout, error, isCurrent } = preview
	const [isAsking, setAsking] = useState(false)
	return (
		<aside className={classes.preview} aria-label="Preview">
			<Panel
				title="Preview"
				note={
					rollout && `${count(rollout.targets.length, "appliance")}, ${count(wavesOf(rollout.targets).length, "wave")}`
				}
				label="What would happen"
			>
				{rollout && <Waves rollout={rollout} />}
				{rollout && <Limits policy={rollout.policy} total={rollout.targets.length} />}
				<div className={classes.go}>
					{error !== undefined && <ProblemNote error={error} onRetry={preview.again} retryWords="Preview again" />}
					<p className={classes.soft} role="status">
						{obstacle ?? (isCurrent || error !== undefined ? "Nothing has begun yet." : "Looking what it would do …")}
					</p>
					<Button leftSection={<IconPlayerPlay size={15} />} disabled={!isCurrent} onClick={() => setAsking(true)}>
						Start …
					</Button>
				</div>
			</Panel>
			{isAsking && request && rollout && (
				<StartDialog
					request={request}
					rollout={rollout}
					lookedAt={lookedAt}
					onChanged={preview.reject}
					onClose={() => setAsking(false)}
				/>
			)}
		</aside>
	)
}

function Waves({ rollout: { targets, policy } }: { rollout: Rollout }) {
	const waves = wavesOf(targets)
	return (
		<ol className={classes.previewWaves}>
			{waves.map((wave, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place
				<li key={index}>
					<strong>
						Wave {index + 1}: {wave.length}
					</strong>
					{index === 0 && <span className={classes.soft}> canary</span>}
					<span className={classes.nameList}>{someOf(wave, NAMES, ({ name }) => name)}</span>
					{index < waves.length - 1 && <span className={classes.gate}>{gateWords(policy.gate)}</span>}
				</li>
			))}
		</ol>
	)
}

/** Asks once more, in words: from here on appliances are changed. */
function StartDialog(props: {
	request: RolloutRequest
	rollout: Rollout
	lookedAt: number
	/** The module is another one by now. */
	onChanged(error: unknown): void
	onClose(): void
}) {
	const { request, rollout, lookedAt, onChanged, onClose } = props
	const { api, rolloutDraft } = useApp()
	const { module, targets, policy } = rollout
	const [first = []] = wavesOf(targets)
	const start = async () => {
		try {
			const { id } = await api.rollouts.start({ ...request, digest: module.digest })
			rolloutDraft.clear()
			goTo({ view: "rollout", id })
		} catch (error) {
			if (failureOf(error)?.code !== "changed-meanwhile") throw error
			onChanged(error)
		}
	}
	return (
		<Confirm
			title={`Roll out ${module.name} ${module.version}?`}
			button={`Start with ${count(first.length, "appliance")}`}
			act={start}
			onClose={onClose}
		>
			It goes to {count(targets.length, "appliance")}, in waves. At once it begins with {namesOf(first)};{" "}
			{gateWords(policy.gate)}. Module, appliances and waves are frozen from then on.
			{lookedAt < targets.length && <p className={classes.soft}>{unseenWords(lookedAt, targets.length)}</p>}
		</Confirm>
	)
}

function unseenWords(lookedAt: number, total: number): string {
	const what =
		lookedAt === 0 ? "Nobody has looked at them with this choice yet" : `${lookedAt} of ${total} have been looked at`
	return `${what}: “Before the first change” tells who is not ready and whose files differ, and changes nothing.`
}

function namesOf(targets: Rollout["targets"]): string {
	return someOf(targets, 3, ({ name }) => name)
}
