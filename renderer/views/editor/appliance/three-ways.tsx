import { Loader, SegmentedControl } from "@mantine/core"
import { useEffect, useState } from "react"
import type { ComparedSide, FileComparison } from "../../../../core/schema/appliance-compare.ts"
import { formatBytes } from "../../../components/format.ts"
import { ProblemNote } from "../../../components/problem.tsx"
import { SideBySide } from "../../../components/side-by-side.tsx"
import { useApp } from "../../../stores/context.ts"
import { useDocument } from "../context.ts"
import classes from "./appliance.module.css"

interface Props {
	applianceId: string
	name: string
	target: string
	destination: string
}

type Side = "ours" | "theirs" | "applied"
const pairs: { value: string; label: string; left: Side; right: Side }[] = [
	{ value: "ours", label: "Our source | appliance", left: "ours", right: "theirs" },
	{ value: "applied", label: "Applied last | appliance", left: "applied", right: "theirs" },
	{ value: "both", label: "Applied last | our source", left: "applied", right: "ours" },
]

/** Our source, the appliance's file and what was applied last: any two beside each other. */
export function ThreeWays({ applianceId, name, target, destination }: Props) {
	const { api } = useApp()
	const { folder } = useDocument()
	const [shown, setShown] = useState("ours")
	const [found, setFound] = useState<{ file?: FileComparison; error?: unknown }>({})
	useEffect(() => {
		const stop = new AbortController()
		const asked = { folder, applianceId, target, destination }
		api.appliances.compareFile(asked, { signal: stop.signal }).then(
			(file) => !stop.signal.aborted && setFound({ file }),
			(error) => !stop.signal.aborted && setFound({ error }),
		)
		return () => stop.abort()
	}, [api, folder, applianceId, target, destination])

	const { file, error } = found
	if (error !== undefined) return <ProblemNote error={error} />
	if (!file)
		return (
			<p className={classes.hint} role="status" aria-label="Reading the file">
				<Loader size="xs" />
			</p>
		)
	const titles = { ours: "Our source", theirs: `On ${name}`, applied: "Applied last" }
	const pair = pairs.find(({ value }) => value === shown) ?? pairs[0]
	if (!pair) return null
	return (
		<div className={classes.three}>
			<dl className={classes.sides}>
				{(["ours", "theirs", "applied"] as const).map((side) => (
					<div key={side}>
						<dt>{titles[side]}</dt>
						<dd>{wordsFor(file[side], side)}</dd>
					</div>
				))}
			</dl>
			<SegmentedControl
				aria-label="What to compare"
				size="xs"
				value={shown}
				onChange={setShown}
				data={pairs.map(({ value, label }) => ({ value, label }))}
			/>
			<Pair file={file} left={pair.left} right={pair.right} titles={titles} />
		</div>
	)
}

function Pair(props: { file: FileComparison; left: Side; right: Side; titles: Record<Side, string> }) {
	const { file, left, right, titles } = props
	const [one, other] = [file[left], file[right]]
	if (one?.text !== undefined && other?.text !== undefined)
		return <SideBySide left={one.text} right={other.text} leftTitle={titles[left]} rightTitle={titles[right]} />
	if (one?.digest !== undefined && one.digest === other?.digest)
		return <p className={classes.hint}>Both are the same.</p>
	return (
		<p className={classes.hint}>
			{titles[left]}: {wordsFor(one, left)}. {titles[right]}: {wordsFor(other, right)}. They cannot be shown line by
			line.
		</p>
	)
}

function wordsFor(side: ComparedSide | undefined, which: Side): string {
	if (!side) return which === "applied" ? "nothing was applied by us" : "there is none"
	if (side.size === undefined) return "its content is not kept any more"
	const digest = side.digest === undefined ? "" : `, ${side.digest.slice(0, 12)}`
	return `${formatBytes(side.size)}${side.text === undefined ? ", no text or too long" : ""}${digest}`
}
