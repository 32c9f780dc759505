import { ActionIcon, Button, NumberInput, SegmentedControl } from "@mantine/core"
import { IconPlus, IconX } from "@tabler/icons-react"
import type { WaveSize } from "../../../../core/schema/rollout.ts"
import { count } from "../../../components/format.ts"
import { Panel } from "../../../components/panel.tsx"
import { useApp, useRolloutDraft } from "../../../stores/context.ts"
import classes from "./new.module.css"
import { WholeNumber } from "./whole-number.tsx"

const MOST_WAVES = 50

/** How many go first, how many then, and what is waited for in between. `canary`: those that are named and so are the first wave. */
export function WavesStep({ canary }: { canary: number }) {
	const { rolloutDraft } = useApp()
	const { waves } = useRolloutDraft().policy
	const set = (waves: WaveSize[]) => rolloutDraft.changePolicy({ waves })
	return (
		<Panel title="Waves" label="Waves">
			<div className={classes.step}>
				<ol className={classes.waves}>
					{canary > 0 && (
						<li>
							<span className={classes.waveName}>Wave 1</span>
							<span className={classes.soft}>the canary: {count(canary, "appliance")}</span>
						</li>
					)}
					{waves.map((size, index) =>
						canary > 0 && index === 0 ? null : (
							<Wave
								// biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place
								key={index}
								number={index + 1}
								size={size}
								onChange={(size) => set(waves.with(index, size))}
								onRemove={() => set(waves.toSpliced(index, 1))}
							/>
						),
					)}
					<li>
						<span className={classes.waveName}>Wave {Math.max(waves.length, canary > 0 ? 1 : 0) + 1}</span>
						<span className={classes.soft}>all the others</span>
					</li>
				</ol>
				<Button
					variant="subtle"
					size="compact-xs"
					className={classes.start}
					leftSection={<IconPlus size={13} />}
					disabled={waves.length >= MOST_WAVES}
					onClick={() => set([...waves, { percent: 20 }])}
				>
					Add a wave
				</Button>
				<Gate />
			</div>
		</Panel>
	)
}

interface WaveProps {
	number: number
	size: WaveSize
	onChange(size: WaveSize): void
	onRemove(): void
}

function Wave({ number, size, onChange, onRemove }: WaveProps) {
	const isCount = "count" in size
	const name = `Wave ${number}`
	const change = (value: string | number) => {
		const next = Number(value)
		if (value === "" || !(next > 0)) return
		onChange(isCount ? { count: Math.round(next) } : { percent: Math.min(100, next) })
	}
	const unit = (unit: string) => {
		if (unit === "count") onChange({ count: 1 })
		else onChange({ percent: 5 })
	}
	return (
		<li>
			<span className={classes.waveName}>{name}</span>
			<NumberInput
				className={classes.number}
				aria-label={`Size of wave ${number}`}
				value={isCount ? size.count : size.percent}
				min={isCount ? 1 : 0.1}
				{...(!isCount && { max: 100 })}
				allowDecimal={!isCount}
				allowNegative={false}
				onChange={change}
			/>
			<SegmentedControl
				aria-label={`Unit of wave ${number}`}
				data={[
					{ value: "count", label: "appliances" },
					{ value: "percent", label: "% of all" },
				]}
				value={isCount ? "count" : "percent"}
				onChange={unit}
			/>
			<ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Remove wave ${number}`} onClick={onRemove}>
				<IconX size={14} />
			</ActionIcon>
		</li>
	)
}

function Gate() {
	const { rolloutDraft } = useApp()
	const { gate } = useRolloutDraft().policy
	return (
		<div className={classes.row}>
			<span className={classes.label}>After each wave</span>
			<SegmentedControl
				aria-label="After each wave"
				data={[
					{ value: "person", label: "wait for me" },
					{ value: "soak", label: "wait some time" },
					{ value: "none", label: "go on at once" },
				]}
				value={gate.kind}
				onChange={(kind) =>
					rolloutDraft.changePolicy({
						gate: kind === "soak" ? { kind, seconds: 300 } : { kind: kind === "none" ? "none" : "person" },
					})
				}
			/>
			{gate.kind === "soak" && (
				<WholeNumber
					label="Seconds between waves"
					value={gate.seconds}
					suffix=" s"
					onChange={(seconds) => rolloutDraft.changePolicy({ gate: { kind: "soak", seconds } })}
				/>
			)}
		</div>
	)
}
