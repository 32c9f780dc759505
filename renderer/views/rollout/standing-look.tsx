import {
	IconAlertOctagon,
	IconAlertTriangle,
	IconArrowBackUp,
	IconCheck,
	IconCircleDashed,
	IconEqual,
	IconHourglassOff,
	IconPlayerPlay,
	IconPlugConnectedX,
	IconPlugOff,
	IconPoint,
	IconQuestionMark,
	IconRestore,
	IconRotate,
} from "@tabler/icons-react"
import type { StandingWord } from "../../../core/schema/rollout-words.ts"
import { Tag, type Tone } from "../../components/outcome.tsx"

/** Tone and symbol of each way in which an appliance can stand; the word says it too. */
export const looks: Record<StandingWord, { tone: Tone; icon: typeof IconCheck }> = {
	degraded: { tone: "bad", icon: IconAlertOctagon },
	"could not be put back": { tone: "bad", icon: IconAlertTriangle },
	failed: { tone: "warn", icon: IconArrowBackUp },
	"connection lost": { tone: "warn", icon: IconPlugConnectedX },
	"not reached": { tone: "warn", icon: IconPlugOff },
	"end unknown": { tone: "warn", icon: IconQuestionMark },
	"given up": { tone: "warn", icon: IconHourglassOff },
	running: { tone: "live", icon: IconPlayerPlay },
	"putting back": { tone: "live", icon: IconRotate },
	waiting: { tone: "mute", icon: IconPoint },
	skipped: { tone: "mute", icon: IconCircleDashed },
	"put back": { tone: "calm", icon: IconRestore },
	unchanged: { tone: "calm", icon: IconEqual },
	applied: { tone: "good", icon: IconCheck },
}

/** "1 failed": how many stand so, or without a number one that does. */
export function StandingTag({ word, number }: { word: StandingWord; number?: number }) {
	const { tone, icon: Icon } = looks[word]
	return (
		<Tag tone={tone} icon={<Icon size={14} stroke={2.2} />}>
			{number !== undefined && <span className="tabular">{number}</span>}
			{word}
		</Tag>
	)
}

const idOf = (word: StandingWord) => `standing-${word.replace(" ", "-")}`

/** Every symbol once; a thousand tiles refer to them. */
export function Marks() {
	return (
		<svg width={0} height={0} aria-hidden style={{ position: "absolute" }}>
			{Object.entries(looks).map(([word, { icon: Icon }]) => (
				<symbol key={word} id={idOf(word as StandingWord)} viewBox="0 0 24 24">
					<Icon size={24} stroke={2.4} />
				</symbol>
			))}
		</svg>
	)
}

/** One of the symbols. */
export function Mark({ word }: { word: StandingWord }) {
	return (
		<svg width={14} height={14} aria-hidden>
			<use href={`#${idOf(word)}`} />
		</svg>
	)
}
