import { type KeyboardEvent, type MouseEvent, memo, useRef, useState } from "react"
import type { RolloutHead, RolloutTarget } from "../../../core/schema/rollout.ts"
import { countStandings, countWords, gateWords, standingWord, wavesOf } from "../../../core/schema/rollout-words.ts"
import { count } from "../../components/format.ts"
import { toned } from "../../components/outcome.tsx"
import { Panel } from "../../components/panel.tsx"
import { Until } from "../../components/time.tsx"
import { goTo } from "../../stores/route.ts"
import { ProgressBar } from "./progress.tsx"
import classes from "./rollout.module.css"
import { looks, Mark, Marks } from "./standing-look.tsx"
import { neighbourOf } from "./tile-keys.ts"
import { laneWords } from "./words.ts"

/** From so many appliances on, a tile is its symbol alone: names would not be read, and take the room. */
const NAMED = 60

/** Each wave with its gate, and every appliance of it. */
export function WaveLanes({ head, targets }: { head: RolloutHead; targets: readonly RolloutTarget[] }) {
	const waves = wavesOf(targets)
	return (
		<Panel title="Waves" note={`${count(waves.length, "wave")}, ${count(targets.length, "appliance")}`} label="Waves">
			<Marks />
			{waves.map((ofWave, index) => (
				<Lane
					// biome-ignore lint/suspicious/noArrayIndexKey: a wave is its number
					key={index}
					head={head}
					wave={index}
					isLast={index === waves.length - 1}
					targets={ofWave}
					isNamed={targets.length <= NAMED}
				/>
			))}
		</Panel>
	)
}

interface LaneProps {
	head: RolloutHead
	wave: number
	isLast: boolean
	targets: readonly RolloutTarget[]
	isNamed: boolean
}

function Lane({ head, wave, isLast, targets, isNamed }: LaneProps) {
	const name = `Wave ${wave + 1}`
	const counts = countStandings(targets)
	const [focused, setFocused] = useState<number>()
	const shown = isNamed || focused === undefined ? undefined : targets[focused]
	return (
		<section className={classes.lane} aria-label={name} data-current={wave === head.wave || undefined}>
			<div className={classes.laneHead}>
				<h3 className={classes.laneName}>{name}</h3>
				<span className={classes.soft}>
					{wave === 0 ? "canary · " : ""}
					{count(targets.length, "appliance")} · {laneWords(head, targets, wave)}
				</span>
				{shown && <span className={classes.laneFocus}>{`${shown.name}: ${standingWord(shown)}`}</span>}
				<span className={classes.laneCounts}>{countWords(counts)}</span>
			</div>
			<ProgressBar counts={counts} label={name} />
			<Tiles rollout={head.id} targets={targets} isNamed={isNamed} onFocused={setFocused} />
			{!isLast && <Gate head={head} wave={wave} />}
		</section>
	)
}

function Gate({ head: { policy, wave: current, status }, wave }: { head: RolloutHead; wave: number }) {
	const isHere = wave === current && status.state === "gate"
	return (
		<p className={classes.gate} data-here={isHere || undefined}>
			{isHere && status.until !== undefined ? (
				<>
					the next wave begins <Until time={new Date(status.until).toISOString()} />
				</>
			) : isHere ? (
				"waits for your word now"
			) : wave < current ? (
				"passed"
			) : (
				gateWords(policy.gate)
			)}
		</p>
	)
}

interface TilesProps {
	rollout: string
	targets: readonly RolloutTarget[]
	isNamed: boolean
	/** Where the keyboard is among them. */
	onFocused(position: number | undefined): void
}

/** One stop for the keyboard: arrows lead from tile to tile. */
function Tiles({ rollout, targets, isNamed, onFocused }: TilesProps) {
	const box = useRef<HTMLDivElement>(null)
	const [at, setAt] = useState(0)
	const move = (event: KeyboardEvent) => {
		const tiles = [...(box.current?.querySelectorAll("button") ?? [])]
		const next = neighbourOf(event.key, at, tiles)
		if (next === undefined) return
		event.preventDefault()
		setAt(next)
		tiles[next]?.focus()
	}
	const open = (event: MouseEvent) => {
		const position = Number((event.target as Element).closest("button")?.dataset.position)
		const target = targets[position]
		if (!target) return
		setAt(position)
		goTo({ view: "rollout", id: rollout, appliance: target.applianceId })
	}
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: the tiles are buttons, this only hears what they are told
		<div
			ref={box}
			className={classes.tiles}
			data-named={isNamed || undefined}
			onKeyDown={move}
			onClick={open}
			onFocus={({ target }) => onFocused(Number(target.dataset.position))}
			onBlur={() => onFocused(undefined)}
		>
			{targets.map((target, position) => (
				<Tile
					key={target.applianceId}
					target={target}
					position={position}
					isCurrent={position === Math.min(at, targets.length - 1)}
					isNamed={isNamed}
				/>
			))}
		</div>
	)
}

interface TileProps {
	target: RolloutTarget
	position: number
	isCurrent: boolean
	isNamed: boolean
}

/** Drawn anew only when this appliance stands differently: a target that does not change stays the same object. */
const Tile = memo(function Tile({ target, position, isCurrent, isNamed }: TileProps) {
	const word = standingWord(target)
	const words = `${target.name}: ${word}`
	return (
		<button
			type="button"
			className={`${classes.tile} ${toned}`}
			data-position={position}
			data-tone={looks[word].tone}
			data-word={word}
			tabIndex={isCurrent ? 0 : -1}
			aria-label={words}
			title={words}
		>
			<Mark word={word} />
			{isNamed && <span className={classes.tileName}>{target.name}</span>}
		</button>
	)
})
